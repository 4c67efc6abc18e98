"""What stands in quotes in messages: words of a file or for one, and names; no numbers and no words of our own."""

import re
from collections.abc import Iterator, Mapping

from pgssllint.quoting import Place
from pgssllint.rulebook import Page
from pgssllint.showing.arguments import NAMES, PLACES

_NUMBER = re.compile(r"'[\d.,]+'")
_PLACE = re.compile(r"'\{(\w+)\}'")


def numbers_in_quotes(page: Page) -> Iterator[str]:
    """What of a page's messages stands in quotes and is a number."""
    for name, template in page.messages.items():
        for number in _NUMBER.findall(template):
            yield f"the message '{name}' has the number {number} in quotes"


def ours_in_quotes(template: str, arguments: Mapping[str, object]) -> Iterator[str]:
    """Each place of a message in quotes for which a check gives a number or words of our own."""
    for place in _PLACE.findall(template):
        value = arguments.get(place, "")
        words = isinstance(value, str) and place not in NAMES and PLACES.get(place) is Place.OURS
        if isinstance(value, int) or words:
            yield f"'{{{place}}}' stands in quotes, and the check gives {value}, which is no word of a file"
