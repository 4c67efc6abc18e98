"""What a server gets from a workload: its files, its command line, what stands where."""

from dataclasses import dataclass

from pgssllint.postgres.entries import Given
from pgssllint.sources.images import Image
from pgssllint.sources.start_words import Start
from pgssllint.sources.workload import Mount, Said, Workload
from pgssllint.text import Source
from pgssllint.traced import Virtual


@dataclass(frozen=True, slots=True)
class Rendered:
    """A workload as the server in it sees the world.

    `main`, `auto`, `hba` and `ident` are the files that the server reads: local ones, or as the image and the tool
    write them; None where they are not in view (of `auto`: where nothing is known to be in it). The `..._path` of each
    is what the server calls it, None where that is not known. `data_directory` is the server's own.
    `options` are the settings of the command line, whose source is a `Virtual`; `options_whole` tells whether all of
    its words are known. `mounts` are those of the workload and what is copied before the start; of `touched` paths
    owner and mode are not known, since a command changes them. Of the `edited` files something is not known: a script
    changes them in a way that is not understood. `is_bare`: no script could put anything else into a new data
    directory. `refusals` are why no server starts on a new volume, `said` is everything else.
    """

    workload: Workload
    image: Image
    start: Start
    major: int | None
    uid: int | None
    gid: int | None
    data_directory: str | None
    main: Source | Virtual | None = None
    main_path: str | None = None
    auto: Virtual | None = None
    auto_path: str | None = None
    hba: Source | Virtual | None = None
    hba_path: str | None = None
    ident: Source | Virtual | None = None
    ident_path: str | None = None
    options: tuple[Given, ...] = ()
    options_whole: bool = True
    mounts: tuple[Mount, ...] = ()
    touched: tuple[str, ...] = ()
    edited: frozenset[str] = frozenset()
    is_bare: bool = False
    refusals: tuple[Said, ...] = ()
    said: tuple[Said, ...] = ()
