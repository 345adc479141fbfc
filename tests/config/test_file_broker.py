from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu.connection import Connection

import config.celery  # noqa: F401  # gives `filesystem://` its meaning


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("messages", "control"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def connection(folder: Path) -> Iterator[Connection]:
    with Connection(
        "filesystem://localhost",
        transport_options={
            "data_folder_in": str(folder / "messages"),
            "data_folder_out": str(folder / "messages"),
            "control_folder": str(folder / "control"),
        },
    ) as connection:
        yield connection


def test_messages_come_out_in_the_order_they_went_in(connection: Connection) -> None:
    with connection.SimpleQueue("work") as queue:
        for number in range(20):
            queue.put({"number": number})
        assert [queue.get_nowait().payload["number"] for _ in range(20)] == list(range(20))
        with pytest.raises(Empty):
            queue.get_nowait()


def test_a_message_is_not_seen_before_it_is_complete(connection: Connection, folder: Path) -> None:
    seen: list[str] = []

    class Curious:
        """Looks into the folder in the middle of being written."""

        def __json__(self) -> str:
            seen.extend(path.name for path in (folder / "messages").glob("*.work.msg"))
            return "written"

    channel: Any = connection.channel()
    channel._put("work", {"body": Curious()})
    assert seen == []
    assert channel._get("work") == {"body": "written"}


def test_an_unreadable_message_is_dropped_and_the_next_one_is_read(
    connection: Connection, folder: Path
) -> None:
    (folder / "messages" / "0_torn.work.msg").write_text("")
    channel: Any = connection.channel()
    channel._put("work", {"body": "whole"})
    assert channel._get("work") == {"body": "whole"}
    assert list((folder / "messages").iterdir()) == []


def test_two_queues_of_an_exchange_are_both_kept(connection: Connection, folder: Path) -> None:
    channel: Any = connection.channel()
    channel._queue_bind("news", "a", "", "first")
    channel._queue_bind("news", "b", "", "second")
    assert {row.queue for row in channel.get_table("news")} == {"first", "second"}
    assert [path.name for path in (folder / "control").iterdir()] == ["news.exchange"]
