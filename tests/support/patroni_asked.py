"""Run with Patroni on its path: what Patroni itself writes for each configuration of the standard input.

A line of JSON for each: {"text", "major", "bin", "lib"} comes in, and goes out {"files"} or {"refused"}. What is called
is Patroni's own: Config, set_dynamic_configuration, Postgresql, and its handler that writes the files. The data
directory holds files as initdb would leave them, of a line each, and no server is started.
"""

import json
import logging
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

AS_IT_WAS = "# as initdb wrote it\n"


def written(asked: dict[str, Any], folder: Path) -> dict[str, str]:
    """The three files of the data directory, or why Patroni takes no such configuration."""
    make_config = import_module("patroni.config").Config
    make_server = import_module("patroni.postgresql").Postgresql
    get_mpp = import_module("patroni.postgresql.mpp").get_mpp

    data = folder / "data"
    data.mkdir()
    for name, text in {"PG_VERSION": f"{asked['major']}\n"}.items():
        (data / name).write_text(text)
    for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
        (data / name).write_text(AS_IT_WAS)
    configuration = folder / "patroni.yml"
    configuration.write_text(asked["text"])
    config = make_config(str(configuration))
    local = config.local_configuration
    config.set_dynamic_configuration((local.get("bootstrap") or {}).get("dcs") or {})
    section = config["postgresql"]
    section.update(data_dir=str(data), bin_dir=asked["bin"], pgpass=str(folder / "pgpass"), name="n1", retry_timeout=10)
    section.setdefault("listen", "127.0.0.1:5432")
    section.setdefault("scope", config.get("scope") or "demo")
    section.setdefault("authentication", {}).setdefault("replication", {"username": "replicator", "password": "x"})
    section["authentication"].setdefault("superuser", {})
    server = make_server(section, get_mpp({}))
    server._major_version = server.get_major_version()
    server.config.setup_server_parameters()
    server.config.append_pg_hba((local.get("bootstrap") or {}).get("pg_hba", []))
    server.config.write_postgresql_conf()
    server.config.replace_pg_hba()
    server.config.replace_pg_ident()
    names = ("postgresql.conf", "pg_hba.conf", "pg_ident.conf")
    return {name: (data / name).read_text().replace(str(data), asked["data"]) for name in names}


def main() -> None:
    """Answer each line."""
    logging.disable(logging.CRITICAL)
    for name in [name for name in os.environ if name.startswith("PATRONI_")]:
        del os.environ[name]
    for line in sys.stdin:
        asked = json.loads(line)
        os.environ["LD_LIBRARY_PATH"] = asked["lib"]
        with tempfile.TemporaryDirectory() as above:
            try:
                answer: dict[str, Any] = {"files": written(asked, Path(above))}
            except Exception as error:
                answer = {"refused": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
