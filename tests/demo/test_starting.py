"""What stands in the way of the demo is said before it starts."""

import socket
from pathlib import Path

import pytest

from demo import __main__ as demo


def test_a_port_that_was_taken_while_the_data_were_made_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", str(port))
    monkeypatch.setattr(demo.signal, "signal", lambda *_ignored: None)
    monkeypatch.setattr(demo, "start", lambda *_ignored: pytest.fail("it started"))
    with socket.socket() as another:

        def take_a_minute(_folder: Path) -> None:
            another.bind(("127.0.0.1", port))
            another.listen()

        monkeypatch.setattr(demo, "prepare", take_a_minute)
        assert demo.main() == 1
    assert f"port {port} cannot be used" in capsys.readouterr().err
