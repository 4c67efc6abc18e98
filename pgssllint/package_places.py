"""The places that packages of PostgreSQL keep clusters in."""

DEBIAN_FOLDER = "/etc/postgresql"
"""Below it Debian's packages keep the configuration of each cluster, in MAJOR/NAME."""

PLACES = (DEBIAN_FOLDER, "/var/lib/postgresql", "/var/lib/pgsql", "/var/lib/postgres")
"""Where Debian's packages, Red Hat's and PGDG's, those of SUSE and of Arch, and the images keep their clusters."""
