"""What starts together stops together: on request, on a death, and with its children."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]
# Writes its own and its child's process id into the folder, and waits.
PARENT = "sleep 60 & echo $! > {name}.child; echo $$ > {name}.pid; wait"
SERVE = """
import json, sys, time
from demo.serving import serve
started = time.monotonic()
sys.exit(serve(
    json.loads(sys.argv[1]),
    is_ready=lambda: time.monotonic() - started > 0.3,
    on_ready=lambda: print("ready", flush=True),
    report=lambda line: print(line, flush=True),
))
"""


class Served:
    """A supervisor over two shells, each with a child; it works in `folder`."""

    def __init__(self, folder: Path, **scripts: str) -> None:
        self.folder = folder
        commands = {
            name: ["sh", "-c", scripts.get(name, PARENT.format(name=name))]
            for name in ("first", "second")
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, json.dumps(commands)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def processes(self) -> list[int]:
        """The ids of what it started and what has told its id."""
        files = [*self.folder.glob("*.pid"), *self.folder.glob("*.child")]
        # A shell stopped while it writes leaves an empty file.
        return [int(told) for file in files if (told := file.read_text())]

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        until(lambda: len(self.processes()) == 4)
        assert all(map(is_alive, self.processes()))

    def end(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=20)
        return self.process.returncode, output


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def serve(**scripts: str) -> Served:
        started.append(Served(tmp_path, **scripts))
        return started[-1]

    yield serve
    for served in started:
        served.process.kill()
        served.process.wait()
        for number in filter(is_alive, served.processes()):
            os.kill(number, signal.SIGKILL)


def is_alive(number: int) -> bool:
    """Whether the process runs; one that ended and waits to be fetched does not."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def until(reached: Callable[[], bool], seconds: float = 10) -> None:
    limit = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < limit
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_ends_processes_and_their_children(
    serving: Callable[..., Served], number: signal.Signals
) -> None:
    served = serving()
    served.wait_until_ready()
    served.process.send_signal(number)
    assert served.end() == (0, "Stopping…\n")
    assert not any(map(is_alive, served.processes()))


def test_a_process_that_dies_stops_the_others_and_is_named(serving: Callable[..., Served]) -> None:
    served = serving()
    served.wait_until_ready()
    os.kill(int((served.folder / "second.pid").read_text()), signal.SIGKILL)
    code, output = served.end()
    assert code == 1
    assert "The second stopped by itself (killed by SIGKILL)." in output
    assert not any(map(is_alive, served.processes()))


def test_a_process_that_cannot_start_stops_the_others(serving: Callable[..., Served]) -> None:
    served = serving(second="exit 3")
    code, output = served.end()
    assert code == 1
    assert "The second stopped by itself (exit code 3)." in output
    assert not any(map(is_alive, served.processes()))


def test_a_child_that_is_deaf_to_the_request_is_ended_all_the_same(
    serving: Callable[..., Served],
) -> None:
    deaf = "(trap '' TERM; exec sleep 60) & echo $! > second.child; echo $$ > second.pid; wait"
    served = serving(second=deaf)
    served.wait_until_ready()
    served.process.terminate()
    assert served.end()[0] == 0
    assert not any(map(is_alive, served.processes()))
