"""Files that say how servers run in containers, as their users write them: Dockerfiles, scripts, SQL, units."""

DOCKERFILES = (
    """\
# syntax=docker/dockerfile:1
ARG PG=16
FROM postgres:${PG}-bookworm AS db
ENV POSTGRES_PASSWORD=x PGDATA=/data
COPY --chown=postgres:postgres --chmod=600 server.key /etc/ssl/private/
COPY *.conf /etc/postgresql/
RUN chmod 600 /etc/ssl/private/server.key && \\
    echo 'local all all peer' >> /etc/postgresql/pg_hba.conf
USER postgres
CMD ["postgres", "-c", "config_file=/etc/postgresql/postgresql.conf"]
""",
    """\
FROM postgres:17-alpine
COPY <<EOF /docker-entrypoint-initdb.d/a.sh
echo "host all all all md5" >> "$PGDATA/pg_hba.conf"
EOF
RUN <<EOF
cat > /etc/pg_hba.conf <<'END'
hostssl all all all cert
END
EOF
VOLUME ["/data"]
WORKDIR /x
CMD exec postgres -c hba_file=/etc/pg_hba.conf
ENTRYPOINT ["sh", "-c", "docker-entrypoint.sh postgres -l"]
""",
    """\
FROM timescale/timescaledb:latest-pg16
RUN sed -i 's/md5/scram-sha-256/' /usr/share/postgresql/postgresql.conf.sample
RUN echo "ssl = on" >> /usr/local/share/postgresql/postgresql.conf.sample
ADD https://example.com/a /b
""",
)

SCRIPTS = (
    """\
#!/bin/bash
set -e
{
  echo "hostssl all all 0.0.0.0/0 cert clientcert=verify-full"
} >> "$PGDATA/pg_hba.conf"
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" <<-EOSQL
\tALTER SYSTEM SET ssl TO 'on';
EOSQL
""",
    """\
cat >> "${PGDATA:-/data}/postgresql.conf" <<EOF
ssl = on
ssl_cert_file = '/x/$NAME'
EOF
if [ -f /x ]; then sed -i 's/^host/hostssl/' $PGDATA/pg_hba.conf; else cp /in/pg_hba.conf $PGDATA/; fi
""",
    """\
run() {
  docker run -d --rm --name db -e POSTGRES_PASSWORD=x -p 127.0.0.1:5432:5432 \\
    -v "$(pwd)/pg_hba.conf:/etc/pg_hba.conf:ro" --mount type=bind,src=$PWD/x,dst=/y,readonly \\
    postgres:16-bookworm -c hba_file=/etc/pg_hba.conf
}
run || exit 1
""",
    """\
IMAGE := postgres:16
up:
\t@podman run -dp 5432:5432 --env-file=db.env $(IMAGE) \\
\t  -c ssl=on; echo $$HOME
""",
    """\
[Unit]
Description=x
[Service]
User=postgres
Environment=PGDATA=/data "A=b c"
ExecStart=
ExecStart=/usr/lib/postgresql/16/bin/postgres -D ${PGDATA} -c ssl=on \\
  # comment
  -p 5433
""",
    """\
-- note
ALTER SYSTEM SET ssl_ciphers = 'HIGH:!aNULL', "x";
DO $$ BEGIN END $$;
ALTER SYSTEM RESET ALL;
""",
    """\
case $1 in
  a|b) echo 'local all all trust' | tee -a $PGDATA/pg_hba.conf;;
  *) printf '%s\\n' "$@" > /x ;;
esac
for f in *.sh; do . $f; done; while read a; do echo $'t\\tx' "${a%%x}" `id`; done <<< "$b"
""",
)
