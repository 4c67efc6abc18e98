"""Generators of input that an attacker or an unlucky owner might write, each with what must hold of every output.

`python -m tests.generate NAME --seed S --count N` runs one and prints what does not hold; it ends with 1 where
something does not.
"""
