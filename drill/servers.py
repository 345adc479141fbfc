"""PostgreSQL, Redis and RabbitMQ of the drill's own, in a folder of its own, on loopback only.

They run as a plain user, because PostgreSQL refuses to run as root.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PLAIN_USERS = ("postgres", "nobody")
SECONDS_TO_START = 60
SECONDS_TO_STOP = 60
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


class CannotRun(Exception):
    """What the drill lacks on this machine, as one line for the person who started it."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(ask: Callable[[], bool], *, what: str, seconds: float = SECONDS_TO_START) -> None:
    limit = time.monotonic() + seconds
    while not ask():
        if time.monotonic() > limit:
            raise CannotRun(f"{what}: not within {seconds:g} seconds.")
        time.sleep(0.05)


def programme(name: str, *places: Path) -> str:
    """The path of a programme; CannotRun where it is not installed."""
    for place in sorted(places, reverse=True):
        if (place / name).exists():
            return str(place / name)
    if found := shutil.which(name):
        return found
    raise CannotRun(f"{name} is not installed.")


def postgresql(name: str) -> str:
    return programme(name, *Path("/usr/lib/postgresql").glob("*/bin"))


@dataclass(frozen=True)
class Home:
    """A folder, and the plain user to whom everything in it belongs."""

    folder: Path

    @property
    def user(self) -> dict[str, Any]:
        """As whom its processes run; whoever is not root runs them as oneself."""
        if os.getuid() != 0:
            return {}
        for name in PLAIN_USERS:
            try:
                found = pwd.getpwnam(name)
            except KeyError:
                continue
            return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
        raise CannotRun("root cannot run PostgreSQL, and there is no user postgres or nobody.")

    def make(self, name: str) -> Path:
        """A new, empty folder in it."""
        made = self.folder / name
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        made.chmod(0o700)
        if self.user:
            os.chown(made, self.user["user"], self.user["group"])
            self._check_way(made)
        return made

    def _check_way(self, made: Path) -> None:
        entered = subprocess.run(["test", "-w", str(made)], check=False, cwd="/", **self.user)
        if entered.returncode:
            raise CannotRun(
                f"the plain user cannot enter {made}. Name another folder: FOLDER=/some/folder"
            )


@dataclass
class Server:
    """A process in the foreground that leads a session of its own; ``log`` keeps what it says."""

    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: Mapping[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.user,
            )

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def tell(self, number: signal.Signals) -> None:
        """Signal the leader only."""
        if self.process is not None and self.is_running:
            self.process.send_signal(number)

    def kill(self) -> None:
        """End it and its children at once, as a power cut does."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it has ended with all its children
            self.process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end; kill whatever is left of it after a while."""
        self.tell(number)
        if self.process is not None:
            try:
                self.process.wait(timeout=SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                pass
        self.kill()


class Cluster:
    """A PostgreSQL cluster with its default settings: every commit is on the disk."""

    def __init__(self, home: Home) -> None:
        self.port = free_port()
        data = home.make("postgresql")
        made = subprocess.run(
            [
                *(postgresql("initdb"), "--pgdata", str(data), "--username", "drill"),
                *("--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **home.user,
        )
        if made.returncode:
            raise CannotRun(f"initdb failed: {made.stderr.strip()}")
        self.server = Server(
            command=[
                *(postgresql("postgres"), "-D", str(data), "-p", str(self.port)),
                *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}"),
            ],
            log=home.folder / "postgresql.log",
            user=home.user,
        )

    @property
    def url(self) -> str:
        return f"postgres://drill@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        self.server.start()
        ready = [postgresql("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_for(
            lambda: subprocess.run(ready, check=False).returncode == 0, what="PostgreSQL answers"
        )

    def restart(self, how: signal.Signals) -> None:
        """SIGINT: a fast restart; SIGQUIT: an immediate one, with recovery from the log."""
        self.server.tell(how)
        assert self.server.process is not None
        self.server.process.wait(timeout=SECONDS_TO_STOP)
        self.start()

    def stop(self) -> None:
        self.server.stop(signal.SIGINT)


class Redis:
    """A cache that keeps nothing on the disk."""

    def __init__(self, home: Home) -> None:
        self.port = free_port()
        folder = home.make("redis")
        self.server = Server(
            command=[
                *(programme("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", str(folder)),
            ],
            log=home.folder / "redis.log",
            user=home.user,
        )

    def url(self, number: int) -> str:
        return f"redis://127.0.0.1:{self.port}/{number}"

    def start(self) -> None:
        self.server.start()
        wait_for(lambda: listens(self.port), what="Redis answers")

    def stop(self) -> None:
        self.server.stop()


class RabbitMQ:
    """A broker with a name server (epmd) of its own, so that nothing of it stays behind."""

    def __init__(self, home: Home) -> None:
        self.port, names, talk = free_port(), free_port(), free_port()
        folder = home.make("rabbitmq")
        plugins = folder / "enabled_plugins"
        environment = {
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"drill{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(talk),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ("-kernel inet_dist_use_interface {127,0,0,1}"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
        }
        plugins.write_text("[].\n")
        plugins.chmod(0o644)
        log = home.folder / "rabbitmq.log"
        self.names = Server([programme("epmd")], log, environment, home.user)
        self.names_port = names
        self.server = Server([str(RABBITMQ)], log, environment, home.user)

    @staticmethod
    def is_installed() -> bool:
        return RABBITMQ.exists() and shutil.which("epmd") is not None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        self.names.start()
        wait_for(lambda: listens(self.names_port), what="epmd answers")
        self.server.start()
        wait_for(lambda: listens(self.port), what="RabbitMQ answers")

    def restart(self) -> None:
        """What is durable comes back."""
        self.server.stop()
        self.server.start()
        wait_for(lambda: listens(self.port), what="RabbitMQ answers")

    def stop(self) -> None:
        self.server.stop()
        self.names.stop()
