"""CPU seconds of processes, read from ``/proc``: of whole trees, their dead children included."""

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """What ``/proc/<pid>/stat`` tells: seconds of its own, and of children that it has reaped."""

    pid: int
    parent: int
    own: float
    reaped: float


def read_stat(line: str) -> Process:
    """Read one line of ``stat``; the name in parentheses may hold blanks and parentheses."""
    pid, rest = line.split(" ", 1)
    fields = rest.rpartition(")")[2].split()
    user, system, children_user, children_system = (int(one) for one in fields[11:15])
    return Process(
        pid=int(pid),
        parent=int(fields[1]),
        own=(user + system) / TICKS,
        reaped=(children_user + children_system) / TICKS,
    )


def processes() -> dict[int, Process]:
    """Every process that is there now, by its number."""
    found = {}
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            try:
                process = read_stat((folder / "stat").read_text(encoding="utf-8", errors="replace"))
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile; its parent has its seconds
            found[process.pid] = process
    return found


def tree(root: int) -> dict[int, Process]:
    """The process and everything below it."""
    everything = processes()
    below: dict[int, list[int]] = {}
    for process in everything.values():
        below.setdefault(process.parent, []).append(process.pid)
    found: dict[int, Process] = {}
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        if pid in everything and pid not in found:
            found[pid] = everything[pid]
            waiting += below.get(pid, [])
    return found


def of_tree(root: int) -> float:
    """CPU seconds that the process and its children, living and dead, have used so far."""
    return sum(one.own + one.reaped for one in tree(root).values())


def running(pid: int) -> float:
    """CPU seconds of a process with one thread, to the nanosecond; 0 where it cannot be seen."""
    try:
        return int((PROC / str(pid) / "schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def name(pid: int) -> str:
    """The short name of a process, or an empty string where it cannot be seen."""
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""
