"""What hostile input is tried by: generators with a seed, each a command that prints how often a promise was broken."""
