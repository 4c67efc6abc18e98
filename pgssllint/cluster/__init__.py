"""One server: its settings, records and TLS files, each gathered when first asked for.

A cluster says what *is*; what is wrong with it is for `checks` to say.
"""

from collections.abc import Iterator
from datetime import datetime

from pgssllint.cluster.auth import Auth
from pgssllint.cluster.conf import Conf
from pgssllint.cluster.recovery import Recovery
from pgssllint.cluster.rights import Rights
from pgssllint.cluster.tls import Tls
from pgssllint.deployment import Deployment
from pgssllint.handles import real_path
from pgssllint.languages import Language, Read
from pgssllint.target import Target
from pgssllint.text import Source

__all__ = ["Cluster"]


class Cluster:
    """One server's configuration, read for one target: `conf` its settings, `auth` who may log in, `tls` its
    certificates, keys and lists, `rights` who may read what, `recovery` whether it is to recover from an archive.
    """

    def __init__(self, deployment: Deployment, target: Target, now: datetime) -> None:
        """`now` is the moment dates are judged as of (aware)."""
        self.deployment = deployment
        self.target = target
        self.now = now
        self.major = target.major
        self.conf = Conf(deployment, target.major)
        self.rights = Rights(deployment)
        self.recovery = Recovery(deployment, self.conf, target.major)
        self.auth = Auth(deployment, self.conf, target.major)
        self.tls = Tls(deployment, target, now, conf=self.conf, auth=self.auth)

    @property
    def sources(self) -> Iterator[Source]:
        """Every text file that was read as configuration."""
        yield from self.conf.entries.sources
        for _, file in self.auth.files:
            yield from file.sources

    @property
    def read(self) -> Iterator[Read]:
        """The files that lines can be quoted from, with what their lines are made of; one read twice comes twice."""
        entries = self.conf.entries
        included = {include.opened.path for include in entries.includes}
        for source in entries.sources:
            yield Read(source, Language.SETTINGS, source.path in included)
        for launch in self.deployment.launches:
            yield Read(launch.source, launch.language)
        version = self.deployment.version_file
        if version is not None:
            yield Read(version, Language.VERSION)
        for name, file in self.auth.files:
            for source in file.sources:
                is_main = source.path == file.main.path
                language = Language.NAMES if source.path in file.at_files else Language(name)
                yield Read(source, language, included=not is_main)

    @property
    def paths(self) -> frozenset[str]:
        """The absolute local paths of everything that belongs to the cluster, links resolved."""
        paths = {self.deployment.at, *(source.written_path for source in self.sources)}
        paths |= {named.opened.path for named in self.tls.named if named.opened.path is not None}
        paths |= {*self.tls.revocation.paths, *self.tls.keys_beside}
        return frozenset(real_path(path) for path in paths)
