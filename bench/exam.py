"""One exam of 20 questions in the five requests of a browser, under load, as in service.

    python -m bench.exam [--sittings 200] [--keep] [--workers 1] [--threads 4] [--only load …]

This module starts a process with the environment of a service; ``bench.rounds`` measures there.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import rows, services
from bench.rows import Row
from bench.server import ROOT, free_port

# Values of the right shape; nobody outside this machine ever sees them.
SECRETS = {
    "SECRET_KEY": "bench-only-" + "0123456789abcdef" * 4,
    "REGISTER_SIGNING_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
}


def measure(*options: str) -> Iterator[Row]:
    """On PostgreSQL and Redis where they are found; embedded, what can be, where they are not."""
    name = f"iso_bench_{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="bench-exam-") as folder:
        result = Path(folder) / "rows.json"
        try:
            found = services.find()
        except services.Missing as missing:
            print(
                f"The exam is not measured in service: there is no {missing}. Embedded, only the"
                " statements and the CPU seconds of the application are measured.",
                file=sys.stderr,
            )
            environment, where = _embedded(folder), []
        else:
            environment = _service(found, name=name, folder=folder)
            where = ["--server", found.database_url, "--database", name]
        done = subprocess.run(
            [sys.executable, "-m", "bench.rounds", str(result), *where, *options],
            cwd=ROOT,
            env=environment,
            check=False,
        )
        if result.exists():
            yield from (Row(**row) for row in json.loads(result.read_text()))
        if done.returncode:
            raise SystemExit("The exam was not measured to its end; see above.")


def _service(found: services.Services, *, name: str, folder: str) -> dict[str, str]:
    """The settings of a service, with a database and a queue of its own."""
    return {
        **os.environ,
        **SECRETS,
        "PRODUCTION": "1",
        "DEMO": "1",
        "DATA_DIR": folder,
        "DATABASE_URL": found.database_url.rpartition("/")[0] + f"/{name}",
        "CACHE_URL": found.cache_url,
        "CELERY_BROKER_URL": found.broker_url,
        "CELERY_TASK_DEFAULT_QUEUE": name,
        "PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def _embedded(folder: str) -> dict[str, str]:
    servers = ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL")
    kept = {key: value for key, value in os.environ.items() if key not in servers}
    return {
        **kept,
        "DATA_DIR": folder,
        "DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


if __name__ == "__main__":
    for measured in measure(*sys.argv[1:]):
        print(rows.table([measured]))
