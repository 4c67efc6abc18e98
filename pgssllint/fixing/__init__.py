"""Findings -> what their edits make of the files: new contents, a difference to look at, and what was left alone."""
