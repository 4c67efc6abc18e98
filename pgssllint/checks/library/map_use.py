"""Which maps of pg_ident.conf the records make use of."""

from collections.abc import Iterator

from pgssllint.checks.library.places import at_map_option
from pgssllint.cluster import Cluster
from pgssllint.finding import Location
from pgssllint.postgres.hba import Record
from pgssllint.postgres.ident import Mapping


def used_maps(cluster: Cluster) -> dict[str, Record]:
    """The maps that good records use, each with the first that does."""
    return {name: records[0] for name, records in cluster.auth.using_maps.items()}


def good_mappings(cluster: Cluster) -> Iterator[Mapping]:
    """The lines of pg_ident.conf that the server takes."""
    ident = cluster.auth.ident
    return (mapping for mapping in (ident.items if ident is not None else ()) if not mapping.faults)


def mappings_in_use(cluster: Cluster) -> Iterator[tuple[Mapping, tuple[Location, ...]]]:
    """The good lines of maps that a record uses, with that record; all where the records are not in view."""
    used, hba = used_maps(cluster), cluster.auth.hba
    whole = hba is not None and hba.complete
    for mapping in good_mappings(cluster):
        record = used.get(mapping.map_name.text) if mapping.map_name is not None else None
        if record is not None:
            yield mapping, (at_map_option(record, "uses the map"),)
        elif not whole:
            yield mapping, ()
