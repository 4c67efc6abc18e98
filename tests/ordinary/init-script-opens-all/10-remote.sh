#!/bin/sh
set -e
echo "host all all 0.0.0.0/0 trust" >> "$PGDATA/pg_hba.conf"
echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
