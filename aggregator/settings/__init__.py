"""The operator's four YAML files. The only home of YAML."""
