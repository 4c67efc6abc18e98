"""What may be shown of a stranger's files: what is known to be harmless in the place where it stands."""
