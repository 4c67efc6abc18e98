"""`python -m tests.generate NAME [--seed S] [--count N]`: run a generator."""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

from tests import generate


def main(words: Sequence[str] | None = None) -> int:
    """Run the generator that is named; 1 where something it makes does not hold."""
    names = [info.name for info in pkgutil.iter_modules(generate.__path__) if not info.name.startswith("_")]
    parser = argparse.ArgumentParser(prog="python -m tests.generate", description=generate.__doc__)
    parser.add_argument("name", choices=names)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=600)
    arguments = parser.parse_args(words)
    module = importlib.import_module(f"{generate.__name__}.{arguments.name}")
    return int(module.run(arguments.seed, arguments.count))


sys.exit(main())
