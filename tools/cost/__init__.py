"""What inputs cost, against what they may cost."""
