"""The application's own processes, started as ``docs/settings.md`` says, and kept up."""

import base64
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from demo.__main__ import answers
from drill.servers import Server, free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_RESTART = 1.0  # what a service manager waits before it starts again what has died
SWEEP_SECONDS = 60


def environment(*, folder: Path, database: str, cache: str, broker: str) -> dict[str, str]:
    """What an installation in service is told, with secrets for this once."""
    port = free_port()
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PRODUCTION": "1",
        "DEMO": "1",
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": database,
        "CACHE_URL": cache,
        "CELERY_BROKER_URL": broker,
        "SWEEP_SECONDS": str(SWEEP_SECONDS),
        "SECRET_KEY": secrets.token_urlsafe(60),
        "REGISTER_SIGNING_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def web_command(port: str, *, workers: int, threads: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", port, "--workers", str(workers), "--blocking-threads", str(threads)),
        *("--no-ws", "--log-level", "warning", "config.wsgi:application"),
    ]


def worker_command(*, pool: str = "threads", size: int = 4) -> list[str]:
    return [
        *(sys.executable, "-W", "ignore:You're running the worker with superuser"),
        *("-m", "celery", "--quiet", "-A", "config", "worker", "-P", pool, "-c", str(size)),
        *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
    ]


def beat_command() -> list[str]:
    return [sys.executable, "-m", "celery", "--quiet", "-A", "config", "beat"]


class KeptUp:
    """A process that is started again whenever it dies, as a service manager does."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.server = Server(command=command, log=log)
        self.restarts = 0
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        self.server.start()
        self._keeper.start()

    def kill(self) -> None:
        """SIGKILL to all of it."""
        self.server.kill()

    def stop(self) -> None:
        self._over.set()
        self._keeper.join()
        self.server.stop()

    def _keep(self) -> None:
        while not self._over.wait(0.1):
            if not self.server.is_running:
                time.sleep(SECONDS_TO_RESTART)
                self.server.kill()  # whatever its leader has left
                self.server.start()
                self.restarts += 1


class Web(KeptUp):
    """The web server."""

    def __init__(self, port: str, command: list[str], log: Path) -> None:
        super().__init__(command, log)
        self.address = f"http://127.0.0.1:{port}/accounts/login/"

    def start(self) -> None:
        self.server.start()
        wait_for(
            lambda: answers(self.address), what=f"the web server answers, see {self.server.log}"
        )
        self._keeper.start()


@contextmanager
def served(told: Mapping[str, str], *, logs: Path, workers: int, threads: int) -> Iterator[Web]:
    """Web server, worker and beat. ``told`` is in the environment already."""
    assert all(os.environ[name] == value for name, value in told.items())
    web = Web(
        told["PORT"],
        web_command(told["PORT"], workers=workers, threads=threads),
        logs / "web.log",
    )
    others = [
        Server(worker_command(), logs / "worker.log"),
        Server([*beat_command(), "--schedule", str(logs / "beat")], logs / "beat.log"),
    ]
    try:
        for other in others:
            other.start()
        web.start()
        yield web
    finally:
        web.stop()
        for other in others:
            other.tell(signal.SIGTERM)
        for other in others:
            other.stop()
