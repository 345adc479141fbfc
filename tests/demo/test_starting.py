"""Where the demo cannot run, one line says why, and nothing is left behind."""

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def start(**environment: str) -> str:
    """Start the demo, expect it to refuse, and return its only line."""
    done = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1, done
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port: int = other.getsockname()[1]
        yield port


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_taken_port_is_named(taken_port: int, tmp_path: Path) -> None:
    line = start(PORT=str(taken_port), DATA_DIR=str(tmp_path))
    assert f"port {taken_port} cannot be used (Address already in use)" in line
    assert "make demo PORT=" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_what_is_no_port_is_refused(port: str, tmp_path: Path) -> None:
    line = start(PORT=port, DATA_DIR=str(tmp_path))
    assert f"PORT={port} is not a port number" in line


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = start(DATA_DIR=str(tmp_path / "file" / "data"))
    assert f"the data folder {tmp_path}/file/data cannot be written (Not a directory)" in line
    assert "make demo DATA_DIR=" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert f"the data folder {tmp_path} cannot be written" in start(DATA_DIR=str(tmp_path))


def test_a_second_demo_on_the_same_data_is_refused(free_port: int, tmp_path: Path) -> None:
    with (tmp_path / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        line = start(PORT=str(free_port), DATA_DIR=str(tmp_path))
    assert "another demo is using the data folder" in line
