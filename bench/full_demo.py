"""The whole programme of 2020-2021, embedded, from an empty folder to the last certificate."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from bench.rows import Row
from demo.province import read

PROGRAMME = "khanh-hoa-1439"


def measure() -> Iterator[Row]:
    """Wall seconds of ``manage.py demo --full`` in its own folder; the counts must be right."""
    with tempfile.TemporaryDirectory(prefix="bench-demo-") as folder:
        environment = _embedded(folder)
        began, used = time.monotonic(), _cpu()
        _manage(environment, "demo", "--full")
        wall, cpu = time.monotonic() - began, _cpu() - used
        counted = json.loads(_manage(environment, "count", "--programme", PROGRAMME, "--json"))
    expected = read("programmes.yaml")["khanh_hoa_1439"]
    for name in ("agencies", "systems", "turns", "certified_persons", "supplementary_classes"):
        assert counted[name] == expected[name], f"{name}: {counted[name]}"
    turns = sum(counted["turns"].values())
    how = f"{turns} turns, {counted['certified_persons']} persons certified; database made, too"
    yield Row("course.demo_full", wall, "s", how, target=360)
    yield Row("course.demo_full_cpu", cpu, "CPU s", "player and worker together")


def _embedded(folder: str) -> dict[str, str]:
    """Without the addresses of any server: SQLite and the file broker."""
    servers = ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL")
    kept = {name: value for name, value in os.environ.items() if name not in servers}
    return {**kept, "DATA_DIR": folder, "DEMO": "1"}


def _manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def _cpu() -> float:
    children: Any = resource.getrusage(resource.RUSAGE_CHILDREN)
    return float(children.ru_utime + children.ru_stime)
