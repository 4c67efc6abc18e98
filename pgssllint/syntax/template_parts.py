"""What template languages leave in a file for themselves to fill in, as far as all files have it alike.

Jinja and its kin, ERB and Mako, and the placeholders of configuration tools. What may stand for something else in one
file and not in another is for the readers of these files.
"""

EXPRESSION = r"\{\{(?:[^{}\n]*\}\})?"
COMMENT = r"\{#"
DOUBLE_PLACEHOLDER = r"@@[A-Za-z0-9_.-]+@@"
PLACEHOLDER = r"@[A-Za-z_][A-Za-z0-9_.-]*@|%%[A-Za-z_][A-Za-z0-9_.-]*%%"
"""Regular expressions, each for what may be cut off at the end of a line."""
