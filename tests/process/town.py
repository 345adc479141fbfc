"""A town: the demo's data in a database, a folder and a broker of their own, and its processes."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from celery import Celery
from django.conf import settings
from redis import Redis

from certificates.models import Certificate
from demo.__main__ import answers
from demo.processes import web_command, worker_command
from demo.serving import stop
from tests.process.visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]
# Two sweeps are longer than the ten seconds for which a certificate is left to its own task.
SWEEP_SECONDS = 6
SECONDS_TO_START = 30

Value = TypeVar("Value")


def wait_for(ask: Callable[[], Value], *, what: str, seconds: float, pause: float = 0.1) -> Value:
    """Ask until the answer is truthy and return it; fail after so many seconds."""
    limit = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < limit, f"not within {seconds} s: {what}"
        time.sleep(pause)
    return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Town:
    """`name` tells this town's queue and cache from every other's; `folder` is its DATA_DIR."""

    name: str
    folder: Path
    logs: Path
    database: str
    database_url: str
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its processes: the current profile, with everything its own."""
        own = {
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "CELERY_TASK_DEFAULT_QUEUE": self.name,
            "CACHE_PREFIX": self.name,
            "PORT": str(self.port),
            "SWEEP_SECONDS": str(SWEEP_SECONDS),
            # So that a session which a test writes is one of the town's.
            "SECRET_KEY": settings.SECRET_KEY,
            "DEMO": "1",
        }
        usual = {k: v for k, v in os.environ.items() if k != "DJANGO_ALLOW_ASYNC_UNSAFE"}
        return usual | own

    def visitor(self) -> Visitor:
        return Visitor(self.address)

    # --- Processes ----------------------------------------------------------------------------

    def start_web(self) -> None:
        """Start the demo's web server, and wait until it answers."""
        self.start("web", web_command(self.port))
        wait_for(
            lambda: self.is_running("web") and answers(f"{self.address}/accounts/login/"),
            what=f"the web server answers\n{self.log('web')}",
            seconds=SECONDS_TO_START,
        )

    def start_worker(
        self, name: str = "worker", *, app: str = "config", beat: bool = True, **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start a worker as the demo runs it, or one of another Celery entry module."""
        command = [*worker_command(), "--hostname", f"{name}.{self.name}@%h"]
        command[command.index("config")] = app
        if not beat:
            command.remove("--beat")
        return self.start(name, command, **environment)

    def start(
        self, name: str, command: Iterable[str], **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start a process that leads a session of its own, and keep what it says."""
        assert not self.is_running(name)
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                list(command),
                cwd=ROOT,
                env=self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.processes[name]

    def is_running(self, name: str) -> bool:
        return name in self.processes and self.processes[name].poll() is None

    def kill(self, name: str) -> int:
        """SIGKILL the process and its children, as a power cut does; return its exit code."""
        process = self.processes[name]
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait(timeout=10)

    def stop(self, name: str) -> None:
        """Stop a process as `make demo` does: it finishes what it has in hand."""
        stop([self.processes[name]])

    def end(self) -> None:
        """Whatever runs, runs no more."""
        for name in self.processes:
            if self.is_running(name):
                self.kill(name)

    def log(self, name: str) -> str:
        path = self.logs / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    # --- Broker -------------------------------------------------------------------------------

    def broker(self) -> Celery:
        """A sender and emptier of the town's own queue."""
        url = os.environ.get("CELERY_BROKER_URL", "filesystem://localhost")
        app = Celery(f"tests-{self.name}", broker=url, set_as_current=False)
        app.conf.task_default_queue = self.name
        app.conf.task_ignore_result = True
        if settings.EMBEDDED_BROKER:
            broker = self.folder / "broker"
            # Before any process of the town has made it.
            for name in ("messages", "processed", "control"):
                (broker / name).mkdir(parents=True, exist_ok=True)
            app.conf.broker_transport_options = {
                "data_folder_in": str(broker / "messages"),
                "data_folder_out": str(broker / "messages"),
                "processed_folder": str(broker / "processed"),
                "control_folder": str(broker / "control"),
            }
        return app

    def send(self, task: str, *arguments: Any) -> None:
        """Put a message into the queue."""
        with self.broker() as app:
            app.send_task(task, arguments)

    def empty_broker(self) -> int:
        """Take every waiting message away; return how many there were."""
        with self.broker() as app:
            return int(app.control.purge() or 0)

    def leave_nothing(self) -> None:
        """Take away what the town has on a broker and in a cache that others use."""
        if not settings.EMBEDDED_BROKER:
            with self.broker() as app, app.connection_for_write() as connection:
                connection.default_channel.queue_delete(self.name)
                connection.default_channel.exchange_delete(self.name)
        if cache := os.environ.get("CACHE_URL"):
            with Redis.from_url(cache) as redis:
                for key in redis.scan_iter(f"{self.name}:*"):
                    redis.delete(key)

    # --- Rows ---------------------------------------------------------------------------------

    def wait_until_filed(self, certificate: Certificate, *, seconds: float = 30) -> Certificate:
        """Wait for the workers to file a certificate."""

        def filed() -> bool:
            certificate.refresh_from_db()
            return certificate.state == Certificate.State.FILED

        wait_for(filed, what=f"{certificate} is filed", seconds=seconds)
        return certificate
