"""Granian as it runs in service, as a process of the benchmark."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench import cpu
from demo.__main__ import answers
from demo.serving import stop

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START = 60


def free_port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class WebServer:
    """One granian with its workers. ``look_at`` is a path that answers 200 when it is ready."""

    environment: Mapping[str, str]
    log: Path
    workers: int
    threads: int
    application: str = "config.wsgi:application"
    look_at: str = "/accounts/login/"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "granian", self.application, "--interface", "wsgi"),
            *("--host", "127.0.0.1", "--port", str(self.port), "--workers", str(self.workers)),
            *("--blocking-threads", str(self.threads), "--no-ws", "--log-level", "warning"),
        ]

    def __enter__(self) -> "WebServer":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=os.environ | self.environment | {"PORT": str(self.port)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        limit = time.monotonic() + SECONDS_TO_START
        while not answers(f"http://127.0.0.1:{self.port}{self.look_at}"):
            if self.process.poll() is not None or time.monotonic() > limit:
                stop([self.process])
                raise RuntimeError(f"granian does not answer.\n{self.log.read_text()[-4000:]}")
            time.sleep(0.2)
        return self

    def __exit__(self, *_error: object) -> None:
        assert self.process is not None
        stop([self.process])

    def cpu(self) -> float:
        """CPU seconds of the server with all its workers."""
        assert self.process is not None
        return cpu.of_tree(self.process.pid)
