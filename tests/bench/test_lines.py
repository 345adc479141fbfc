"""One kept-alive line to a server that answers in every way HTTP/1.1 allows."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable

import pytest

from bench.lines import Answer, Line, LineBroken

Talk = Callable[[Line], Awaitable[None]]
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\nLocation: /x\r\n\r\n"
    b"5;a=b\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
)
PACKED = gzip.compress("xin chào".encode())


def served(*answers: bytes, talk: Talk) -> list[bytes]:
    """Give the answers one after the other, ``b""`` for a cut; returns the heads of requests."""
    heads: list[bytes] = []
    waiting = iter(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while answer := next(waiting, b""):
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
        writer.close()

    async def play() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server, Line("127.0.0.1", server.sockets[0].getsockname()[1]) as line:
            await talk(line)

    asyncio.run(play())
    return heads


async def _get(line: Line) -> Answer:
    return await line.ask("GET", "/", headers={"Accept": "*/*"})


def test_one_connection_carries_several_requests() -> None:
    packed = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%s"

    async def talk(line: Line) -> None:
        assert (await _get(line)).text() == "hello"
        chunked = await _get(line)
        assert (chunked.status, chunked.headers["location"]) == (302, "/x")
        assert chunked.body == b"hello!"
        assert (await _get(line)).text() == "xin chào"

    heads = served(PLAIN, CHUNKED, packed % (len(PACKED), PACKED), talk=talk)
    assert [head.split(b"\r\n")[0] for head in heads] == [b"GET / HTTP/1.1"] * 3


@pytest.mark.parametrize("cut", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhel"])
def test_a_cut_is_told_and_the_next_request_has_a_line_of_its_own(cut: bytes) -> None:
    answers = [cut] if cut else []

    async def talk(line: Line) -> None:
        with pytest.raises(LineBroken):
            await _get(line)
        assert line._writer is None

    served(*answers, talk=talk)
