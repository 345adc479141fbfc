"""The verification of one register, with an eye on the memory of its process."""

import time
from pathlib import Path

from bench.register import Walked
from certificates.register import verifying
from certificates.register.verifying import Found

_STATUS = Path("/proc/self/status")


def walk(entries: int) -> Walked:
    """Verify a register of so many entries, and raise AssertionError if anything is wrong."""
    early = 0
    walked = time.monotonic()

    def look(found: Found) -> None:
        nonlocal early, walked
        walked = time.monotonic()
        if not early and found.entries * 10 >= entries:
            early = _kilobytes("VmRSS")

    began, used = time.monotonic(), time.process_time()
    found = verifying.verify(progress=look)
    cpu, ended = time.process_time() - used, time.monotonic()
    assert not found.problem, found.problem
    return Walked(
        cpu=cpu,
        wall=ended - began,
        states=ended - walked,
        entries=found.entries,
        files=found.files,
        early=early,
        peak=_kilobytes("VmHWM"),
    )


def _kilobytes(name: str) -> int:
    """A line of the process's status; its peak is of this program, not of whoever started it."""
    lines = _STATUS.read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
