"""A linter for PostgreSQL's TLS configuration: what the server and its clients will do, said before deployment."""

__version__ = "0.1.0"
