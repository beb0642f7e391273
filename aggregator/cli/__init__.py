"""The command line: one file per group of commands. The only home of Typer."""
