"""The linter's own configuration: its keys, the files that hold them, and what is said of both."""
