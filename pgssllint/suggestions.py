"""The known name that a mistyped one was meant as, for as many words as people mistype."""

from collections.abc import Callable

MOST_SOUGHT = 1000
"""For so many different words a nearest name is sought: each is held against all that are known."""


def sparing(nearest: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """What `nearest` finds for a word, asked once for each, and for the first MOST_SOUGHT words only; else None."""
    found: dict[str, str | None] = {}

    def sought(word: str) -> str | None:
        if word not in found and len(found) < MOST_SOUGHT:
            found[word] = nearest(word)
        return found.get(word)

    return sought
