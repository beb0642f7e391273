"""Where the stages meet: gather facts, let a pure function decide, apply in one transaction."""
