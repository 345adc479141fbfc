"""`make demo` from its first line to its last, as separate processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.playing import LOGINS
from people.models import User
from tests.process.town import ROOT, Town, wait_for


class Demo:
    """A running `python -m demo`, whose lines are read as they come."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.process = subprocess.Popen(
            [sys.executable, "-m", "demo"],
            cwd=ROOT,
            env=town.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def read_until(self, words: str) -> str:
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if words in line:
                return "".join(lines)
        raise AssertionError("".join(lines))

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=30)
        return self.process.returncode


@pytest.fixture
def demos(town: Town) -> Iterator[list[Demo]]:
    running: list[Demo] = []
    yield running
    for demo in running:
        if demo.process.poll() is None:
            demo.stop(signal.SIGTERM)


def descendants(number: int) -> set[int]:
    """The ids of the processes below this one."""
    children = {
        int(child)
        for task in Path(f"/proc/{number}/task").iterdir()
        for child in (task / "children").read_text().split()
    }
    return children.union(*map(descendants, children))


# Over 30 s on a busy machine: everything starts twice, as people start it.
def test_the_demo_starts_stops_without_remains_and_starts_again_with_its_data(
    town: Town, demos: list[Demo]
) -> None:
    demos.append(first := Demo(town))
    said = first.read_until("Ctrl-C")
    assert f"Ready: {town.address}/\n" in said
    for login in LOGINS:
        assert f"{login.username}  " in said
        assert f"{town.address}{login.address}" in said
    visitor = town.visitor()
    assert visitor.get("/").status == 200
    below = descendants(first.process.pid)
    assert len(below) >= 3  # the web server, its worker, the Celery worker

    User.objects.filter(username="hocvien").update(first_name="Kept")
    assert first.stop(signal.SIGTERM) == 0
    wait_for(
        lambda: not any(Path(f"/proc/{number}").exists() for number in below),
        what="every process of the demo has ended",
        seconds=5,
    )

    demos.append(second := Demo(town))
    said = second.read_until("Ready: ")
    assert said.splitlines()[:2] == ["[3/4] Data…", "[4/4] Web server and worker…"]
    assert User.objects.get(username="hocvien").first_name == "Kept"
    assert second.stop(signal.SIGINT) == 0


def test_the_demo_stops_when_its_worker_dies(town: Town, demos: list[Demo]) -> None:
    demos.append(demo := Demo(town))
    demo.read_until("Ctrl-C")
    (worker,) = (
        number
        for number in descendants(demo.process.pid)
        if "celery" in Path(f"/proc/{number}/cmdline").read_text() and os.getpgid(number) == number
    )
    os.kill(worker, signal.SIGKILL)
    said, _ = demo.process.communicate(timeout=30)
    assert "The worker stopped by itself (killed by SIGKILL)." in said
    assert demo.process.returncode == 1
