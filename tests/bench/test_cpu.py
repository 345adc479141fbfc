"""CPU seconds from /proc."""

import os
import subprocess
import sys

import pytest

from bench import cpu
from bench.postgres import Used

BURN = "import time\nwhile time.process_time() < {seconds}: pass"


def test_a_process_may_have_any_name() -> None:
    fields = "S 7 1 1 0 -1 4194560 1 2 3 4 500 250 30 20 20 0 1 0 100 0 0"
    read = cpu.read_stat(f"4711 (a) b (postgres: x 1) {fields}")
    assert (read.pid, read.parent) == (4711, 7)
    assert read.own == pytest.approx(750 / cpu.TICKS)
    assert read.reaped == pytest.approx(50 / cpu.TICKS)


def test_children_count_when_they_are_dead() -> None:
    before = cpu.of_tree(os.getpid())
    subprocess.run([sys.executable, "-c", BURN.format(seconds=0.3)], check=True)
    assert cpu.of_tree(os.getpid()) - before >= 0.25


def test_children_count_while_they_live() -> None:
    burning = f"{BURN.format(seconds=0.3)}\nprint('burnt', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", burning], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert child.pid in cpu.tree(os.getpid())
        assert cpu.of_tree(child.pid) >= 0.25
        assert cpu.running(child.pid) >= 0.25
        child.kill()


def test_what_is_gone_has_no_name_and_no_seconds() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert cpu.name(child.pid) == ""
    assert cpu.running(child.pid) == 0
    assert cpu.of_tree(child.pid) == 0


def _used(own: dict[int, float], reaped: float, *foreign: int, sessions: int = 0) -> Used:
    return Used(own, reaped, frozenset(foreign), sessions)


def test_a_connection_that_ended_is_counted_by_what_the_server_has_reaped() -> None:
    before = _used({1: 5.0, 2: 1.0}, 10.0)
    after = _used({1: 5.5, 3: 0.25}, 12.0)  # 2 went with 2.0 seconds, 3 came
    assert before.until(after) == pytest.approx(0.5 + 1.0 + 0.25)


@pytest.mark.parametrize("after", [{"sessions": 1}, {"foreign": 8}], ids=["came", "stayed"])
def test_what_others_have_used_is_left_out(after: dict[str, int]) -> None:
    before = _used({1: 5.0}, 10.0)
    foreign = [after["foreign"]] if "foreign" in after else []
    later = _used({1: 5.5, 3: 0.25}, 99.0, *foreign, sessions=after.get("sessions", 0))
    assert before.disturbed_until(later)
    assert before.until(later) == pytest.approx(0.75)
