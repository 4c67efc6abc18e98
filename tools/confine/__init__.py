"""Does anything outside of a root show in any output? Trees that a stranger could commit are made and asked."""
