"""What a generator draws from, dealt like cards: of many draws each thing gets its share, however few fit."""

import random
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Deck(Generic[T]):
    """Some things, each dealt once before any comes again; what does not fit stays for the next time."""

    def __init__(self, items: Sequence[T]) -> None:
        self._items = list(items)
        self._left: list[T] = []

    def deal(self, rng: random.Random, fits: Callable[[T], bool] = lambda _: True) -> T:
        """The next thing that fits. Raises ValueError where none does."""
        if not any(map(fits, self._left)):
            more = self._items.copy()
            rng.shuffle(more)
            self._left += more
        for number, item in enumerate(self._left):
            if fits(item):
                return self._left.pop(number)
        raise ValueError("nothing of the deck fits")
