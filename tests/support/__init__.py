"""What the tests share: certificates made on the spot and real PostgreSQL servers."""
