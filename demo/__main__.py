"""What `make demo` ends with: looks whether the demo can run here, prepares its data, serves it.

    DATA_DIR=var PORT=8000 python -m demo

It is no management command, because Django's settings already write into the data folder: an
unwritable one has to be noticed before they are read.
"""

import fcntl
import os
import signal
import socket
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from demo.processes import web_command, worker_command
from demo.serving import serve


class CannotRun(Exception):
    """Why the demo cannot run here, as one line for the person who started it."""


def main() -> int:
    """Run the demo until it is asked to stop; return the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        folder, port = usable_folder(), usable_port()
        with the_only_one(folder):
            prepare(folder)
            usable_port()  # it took a minute; two web servers would share a port, and the visitors
            return start(folder, port)
    except CannotRun as reason:
        print(f"The demo cannot run: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 0


def usable_folder() -> Path:
    """Return the data folder, made if need be; CannotRun when nothing can be written there."""
    default = Path(__file__).resolve().parent.parent / "var"
    folder = Path(os.environ.get("DATA_DIR") or default).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CannotRun(
            f"the data folder {folder} cannot be written ({error.strerror}). "
            "Name another: make demo DATA_DIR=/some/folder"
        ) from None
    return folder


def usable_port() -> int:
    """Return the port; CannotRun when it is no port, or when something else listens there."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotRun(f"PORT={text} is not a port number between 1 and 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            raise CannotRun(
                f"port {text} cannot be used ({error.strerror}). Name another: make demo PORT=8001"
            ) from None
    return int(text)


@contextmanager
def the_only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that no second demo plays into the same data."""
    with (folder / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(f"another demo is using the data folder {folder}.") from None
        yield


def prepare(folder: Path) -> None:
    """Bring the database up to date and play the demo into it, unless that is done already."""
    os.environ["DEMO"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    say("[3/4] Data…")
    import django

    django.setup()
    from django.utils import timezone

    from demo import playing
    from demo.migrating import migrate

    # What follows the last migration (permissions, triggers) is not in the plan.
    stamp = folder / "migrated"
    if migrate(lambda line: say(f"      {line}"), again=not stamp.exists()):
        stamp.touch()
    playing.play(at=timezone.now(), report=lambda line: say(f"      {line}"))


def start(folder: Path, port: int) -> int:
    """Start the web server and the worker, announce them, and return how they ended."""
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from demo.playing import LOGINS
    from jobs.models import Heartbeat
    from jobs.tasks import sweep

    def is_ready() -> bool:
        swept = Heartbeat.objects.filter(beat_at__gte=started_at).exists()
        return swept and answers(f"http://127.0.0.1:{port}/")

    def announce() -> None:
        connection.close()
        say(f"\nReady: {settings.PUBLIC_URL}/\n")
        logins = [(*login[:3], f"{settings.PUBLIC_URL}{login[3]}") for login in LOGINS]
        for line in table([("who", "user name", "password", "starts at"), *logins]):
            say(f"  {line}")
        say("\nCtrl-C stops it; the data are kept.")

    say("[4/4] Web server and worker…")
    # The worker's first work: when it is done, the worker is there.
    started_at = timezone.now()
    sweep.delay()
    code = serve(
        {"web server": web_command(port), "worker": worker_command()},
        is_ready=is_ready,
        on_ready=announce,
        report=say,
    )
    say(f"Stopped. The data are kept in {folder}.")
    return code


def answers(address: str) -> bool:
    """Whether the address gives 200 within two seconds, asked past any proxy."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """The rows as lines, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def say(line: str) -> None:
    print(line, flush=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
