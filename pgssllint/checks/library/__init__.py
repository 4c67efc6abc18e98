"""What checks share, a module for each question; none of it is a check."""
