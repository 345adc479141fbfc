"""``manage.py verify_register`` over a million entries: CPU seconds, and memory that does not grow.

The register is written as rows into a database of its own, and verified by a process of its own:
``python -m bench.register fill N`` and ``walk N`` are those two. BENCH_ENTRIES names another N.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypedDict

from bench.postgres import Server
from bench.rows import Row
from bench.server import ROOT

MILLION = 1_000_000


class Walked(TypedDict):
    """Seconds of the walk, those by the clock that the states took after the last entry; kilobytes
    that it held after a tenth, and at most."""

    cpu: float
    wall: float
    states: float
    entries: int
    files: int
    early: int
    peak: int


def measure() -> Iterator[Row]:
    """On PostgreSQL where DATABASE_URL names one, otherwise on SQLite."""
    entries = int(os.environ.get("BENCH_ENTRIES", MILLION))
    with tempfile.TemporaryDirectory(prefix="bench-register-") as folder, _database(folder) as url:
        environment = {**os.environ, "DATA_DIR": folder, "DATABASE_URL": url}
        print(f"Writing a register of {entries:,} entries…", file=sys.stderr)
        _run(environment, "manage.py", "migrate", "--verbosity", "0", "--skip-checks")
        _run(environment, "-m", "bench.register", "fill", str(entries))
        walked: Walked = json.loads(
            _run(environment, "-m", "bench.register", "walk", str(entries)).splitlines()[-1]
        )
    assert (walked["entries"], walked["files"]) == (entries, entries // 2), walked
    kind = url.partition(":")[0]
    how = (
        f"{walked['wall']:.0f} s on {kind}, {walked['states']:.1f} s of them for the states:"
        f" {entries:,} entries, half of them filed, which all name one file of 1 kB, read each time"
    )
    of = "million" if entries == MILLION else str(entries)
    yield Row(f"register.verify_{of}", walked["cpu"], "CPU s", how)
    held = f"peak {walked['peak'] / 1024:.0f} MB, after a tenth {walked['early'] / 1024:.0f} MB"
    yield Row("register.verify_memory", walked["peak"] / walked["early"], "×", held, target=1.1)


@contextmanager
def _database(folder: str) -> Iterator[str]:
    """The DATABASE_URL of an empty one, thrown away afterwards."""
    named = os.environ.get("DATABASE_URL", "")
    if not named.startswith("postgres"):
        yield f"sqlite:///{folder}/register.sqlite3"
        return
    server, name = Server(named), f"iso_bench_register_{os.getpid()}"
    server.create(name)
    try:
        yield server.address(name)
    finally:
        server.drop(name)


def _run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def _fill(entries: int) -> None:
    from bench import register_rows  # Django is set up by now

    register_rows.write(entries)


def _walk(entries: int) -> None:
    from bench import register_walk

    print(json.dumps(register_walk.walk(entries)))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    act: Callable[[int], None] = {"fill": _fill, "walk": _walk}[sys.argv[1]]
    act(int(sys.argv[2]))
