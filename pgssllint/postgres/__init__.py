"""Trees -> what PostgreSQL of a given major makes of them: settings, records, values."""
