"""Runs the demo's processes together: all of them, or none."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FrameType

SECONDS_TO_BE_READY = 120
SECONDS_TO_STOP = 10
TICK = 0.1  # seconds between two looks at the processes


def serve(
    commands: Mapping[str, Sequence[str]],
    *,
    is_ready: Callable[[], bool],
    on_ready: Callable[[], None],
    report: Callable[[str], None],
) -> int:
    """Run `commands` (by name) until someone asks to stop; return the exit code.

    SIGINT, SIGTERM and SIGHUP stop everything and give 0. A process that ends by itself, or a
    demo that is not ready within `SECONDS_TO_BE_READY`, stops the others, is reported, and
    gives 1. `on_ready` is called once, when `is_ready` first says so. Nothing that was started is
    alive afterwards: each command leads its own session and is signalled with its children.
    """
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)
    running: dict[str, subprocess.Popen[bytes]] = {}
    limit = time.monotonic() + SECONDS_TO_BE_READY
    ready = False
    try:
        for name, command in commands.items():
            running[name] = subprocess.Popen(command, start_new_session=True)
        while not asked:
            for name, process in running.items():
                if process.poll() is not None:
                    report(f"The {name} stopped by itself ({_ending(process)}).")
                    return 1
            if not ready and is_ready():
                ready = True
                on_ready()
            if not ready and time.monotonic() > limit:
                report(f"Nothing answers after {SECONDS_TO_BE_READY} seconds.")
                return 1
            time.sleep(TICK)
        return 0
    finally:
        report("Stopping…")
        stop(running.values())


def stop(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Ask every process and its children to end, wait up to `SECONDS_TO_STOP`, end the rest."""
    processes = list(processes)
    for process in processes:
        _signal_group(process, signal.SIGTERM)
    limit = time.monotonic() + SECONDS_TO_STOP
    for process in processes:
        try:
            process.wait(timeout=max(0, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
        # Also when the leader has ended: one that died by itself leaves its children behind.
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def _ending(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
