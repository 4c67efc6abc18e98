"""Source -> syntax tree, by the grammars of grammars/; one bad line never hides the next."""
