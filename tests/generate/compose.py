"""Random compose folders: what the linter reads of them is what Docker Compose prints.

A folder is drawn of all spellings of what says how a container starts, of override files, several documents, what is
extended and included, merge keys, variables and files of them, and faults that Compose refuses. A case disagrees where
image, command, entry point, variables, ports, mounts, configs, secrets, build or user of a service differ, where one of
the two alone refuses it, or where a text leads to a place at which another stands. What the linter does not know, since
nothing in view sets it, is like anything.
"""

import json
from collections import Counter

from tests.support.compose import UNKNOWN, asked, astray, differences, program, read
from tests.support.compose_folders import Folder, draw
from tests.support.installations import Unavailable


def run(seed: int, count: int) -> int:
    """Ask Compose about `count` folders; 1 where one disagrees."""
    found = program()
    if isinstance(found, Unavailable):
        print(found)
        return 1
    drawn, agreed, refused, unknown, wrong = Counter[str](), Counter[str](), 0, 0, 0
    for number in range(count):
        folder = draw(seed * 1_000_000 + number)
        answer, log = asked(folder.files)
        mine, project = read(folder.files)
        told = differences(answer, mine) + ([] if project is None else astray(project))
        drawn.update(folder.kinds)
        refused += answer is None
        unknown += UNKNOWN in json.dumps(mine)
        if not told:
            agreed.update(folder.kinds)
            continue
        wrong += 1
        why = [] if project is None else [one.why for one in project.refused]
        print(_told(folder, seed, number, told), f"Compose: {log}\nlinter: {why}", sep="\n")
    for kind in sorted(drawn):
        print(f"{kind}: {agreed[kind]} of {drawn[kind]}")
    print(f"{count} folders, {refused} of them refused, {unknown} with something unknown: {wrong} differ")
    return int(wrong > 0)


def _told(folder: Folder, seed: int, number: int, told: list[str]) -> str:
    texts = "".join(f"--- {name}\n{text}" for name, text in folder.files.items())
    return f"seed {seed}, folder {number}:\n{texts}\n" + "\n".join(told)
