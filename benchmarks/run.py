"""Start-up and throughput as ratios of CPU time, the two commands taken in turn: `python benchmarks/run.py`.

No figure here is asserted by a test: machines differ, and the ratio is what can be compared.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROUNDS = 15


def cpu_seconds(command: Sequence[str]) -> float:
    """User and system time of one run of `command`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def compare(name: str, ours: Sequence[str], theirs: Sequence[str], rounds: int = ROUNDS) -> None:
    """Print the medians of both and of the ratios pair by pair; the first pair warms up."""
    pairs = [(cpu_seconds(ours), cpu_seconds(theirs)) for _ in range(rounds + 1)][1:]
    ratio = statistics.median(a / b for a, b in pairs)
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{name:<52} {mine:7.3f} s {other:7.3f} s   ratio {ratio:5.2f}")


def growth(scratch: Path) -> None:
    """Print how the time of reading and judging pg_hba.conf grows, beside that of a PostgreSQL server where one is."""
    from pgssllint.api import gathered
    from pgssllint.engine import all_checks
    from pgssllint.request import Request

    rules = [check for rule, check in all_checks().items() if rule.startswith("PGS6")]
    for count in (10_000, 30_000, 100_000):
        folder = scratch / f"records-{count}"
        folder.mkdir()
        lines = (f"{'host' if n % 3 else 'hostssl'} db{n % 50} user{n % 997} 10.{n >> 8 & 255}.{n & 255}.0/24 md5\n"
                 for n in range(count))  # fmt: skip
        (folder / "pg_hba.conf").write_text("".join(lines))
        clusters, _ = gathered(Request((str(folder),), majors=(16,)))
        began = time.process_time()
        assert len(clusters[0].records) == count
        read = time.process_time()
        for check in rules:
            for _ in check(clusters[0]):
                pass
        judged = time.process_time()
        reading, judging = (read - began) / count * 1e6, (judged - read) / count * 1e6
        print(f"{count:>9,} records: {reading:5.1f} microseconds each to read, {judging:5.1f} for the rules of 6xx"
              f"{_server(folder / 'pg_hba.conf', count)}")  # fmt: skip


def _server(file: Path, count: int) -> str:
    """What a real server takes to load the file, where the tests have one in their cache."""
    try:
        from tests.support.servers import RunningServer, Unavailable, available
    except ImportError:
        return ""
    found = available(16)
    if isinstance(found, Unavailable):
        return f"; no server: {found.reason}"
    with RunningServer(found) as server:
        began = time.perf_counter()
        server.rows("hba", file.read_bytes())
        return f"; PostgreSQL 16 shows its rows in {(time.perf_counter() - began) / count * 1e6:5.1f}"


def main() -> None:
    """Make the inputs and print the table."""
    python, here = sys.executable, Path(__file__).parents[1]
    imports = [python, "-c", "import lark, cryptography.x509"]
    program = [python, "-m", "pgssllint"]
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([python, str(here / "examples" / "make.py"), scratch], check=True, stdout=subprocess.DEVNULL)
        large = Path(scratch) / "large"
        large.mkdir()
        records = (
            f"hostssl db{n % 500} user{n} 10.{n // 65536}.{n // 256 % 256}.{n % 256}/32 scram-sha-256\n"
            for n in range(100_000)
        )
        (large / "pg_hba.conf").write_text("".join(records))
        print(f"{'':<52} {'ours':>9} {'other':>9}")
        compare("one sound cluster / import lark, cryptography", [*program, f"{scratch}/sound"], imports)
        compare("--version / python -c pass", [*program, "--version"], [python, "-c", "pass"])
        compare("100,000 records / import lark, cryptography", [*program, str(large)], imports, rounds=3)
        compare("100,000 records: access / the same as rows", [*program, "access", str(large)],
                [*program, "hba", str(large / "pg_hba.conf")], rounds=3)  # fmt: skip
        growth(Path(scratch))


if __name__ == "__main__":
    main()
