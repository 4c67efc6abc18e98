"""Where the data folders that travel with the program lie."""

from pathlib import Path


def folder(name: str) -> Path:
    """The folder `grammars` or `rules`: inside an installed package, else beside it in a checkout."""
    here = Path(__file__).parent
    inside = here / name
    return inside if inside.is_dir() else here.parent / name
