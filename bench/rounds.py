"""The rounds of the exam benchmark: a process of its own, which ``bench.exam`` starts."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import django

from bench.postgres import Server
from bench.rows import Row

MEASURED = ["process", "load", "limit"]


def main() -> None:
    options = _options()
    django.setup()
    measured: list[Row] = []
    try:
        for row in _rounds(options):
            measured.append(row)  # noqa: PERF402  (what was measured before an error is kept)
    finally:
        options.result.write_text(json.dumps([asdict(row) for row in measured]))


def _rounds(options: argparse.Namespace) -> Iterator[Row]:
    from bench import crowd, explaining, in_process, limit, place  # they import models

    server = Server(options.server) if options.server else None
    with place.built(server, keep=options.keep):
        if "sql" in options.only:
            explaining.statements()
        if "profile" in options.only:
            explaining.profiles()
        if "process" in options.only:
            yield from in_process.measure(embedded=server is None)
        if server is None:
            return
        hall = crowd.Setting(
            server=server,
            database=options.database,
            sittings=options.sittings,
            workers=options.workers,
            threads=options.threads,
        )
        cost = None
        if "load" in options.only:
            for row in crowd.measure(hall):
                if row.name == "exam.cpu_per_attempt":
                    cost = row.value
                yield row
        if "limit" in options.only:
            yield from limit.measure(hall, exam=cost)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.exam")
    parser.add_argument("result", type=Path)
    parser.add_argument("--server")
    parser.add_argument("--database")
    parser.add_argument("--sittings", type=int, default=800)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=[*MEASURED, "sql", "profile"],
        default=MEASURED,
        help="sql and profile print what is behind the figures",
    )
    parser.add_argument("--keep", action="store_true", help="keep the played database")
    return parser.parse_args()


if __name__ == "__main__":
    main()
