"""A browser's line to the server: one kept-alive HTTP/1.1 connection; hundreds are cheap."""

import asyncio
import gzip
import zlib
from dataclasses import dataclass
from types import TracebackType
from typing import Self


class LineBroken(Exception):
    """The server closed or reset the connection in the middle of a request."""


@dataclass(frozen=True)
class Answer:
    """Status, headers by their names in lower case, and the body as it came."""

    status: int
    headers: dict[str, str]
    packed: bytes

    @property
    def body(self) -> bytes:
        """The body unpacked."""
        if self.headers.get("content-encoding") == "gzip":
            return gzip.decompress(self.packed)
        return self.packed

    def text(self) -> str:
        return self.body.decode()


class Line:
    """Asks one thing after the other; opens the connection when it is needed."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def ask(
        self, method: str, path: str, *, headers: dict[str, str], body: bytes = b""
    ) -> Answer:
        """Send a request and read its answer; raises LineBroken, OSError. Follows no redirect."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        head = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        if body or method not in ("GET", "HEAD"):
            head.append(f"Content-Length: {len(body)}")
        try:
            self._writer.write("\r\n".join([*head, "", ""]).encode() + body)
            return await self._answer(self._reader)
        except (OSError, EOFError, zlib.error, ValueError) as error:
            self.close()
            raise LineBroken(str(error) or type(error).__name__) from error
        except BaseException:
            self.close()  # cancelled in the middle: what comes would be taken for the next answer
            raise

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {}
        for line in filter(None, lines):
            name, _colon, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            body = await self._chunks(reader)
        else:
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.close()
        return Answer(int(first.split(" ", 2)[1]), headers, body)

    async def _chunks(self, reader: asyncio.StreamReader) -> bytes:
        parts = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readuntil(b"\r\n")
        return b"".join(parts)
