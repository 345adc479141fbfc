"""A device on a line: asks the server, with the cookies of whoever sits there."""

import asyncio
import json
import secrets
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bench.lines import Answer, Line, LineBroken
from drill.journal import Asked, Journal

GOOD = (200,)
OR_ELSEWHERE = (200, 302)


class NoLine(Exception):
    """The request came to no good answer: nobody knows what became of it."""


@dataclass
class Device:
    """``opened_at`` is when the day began, by ``time.monotonic``; ``office`` the shared address."""

    port: int
    session: str
    office: str
    opened_at: float
    journal: Journal
    cut: bool = False
    csrf: str = field(default_factory=lambda: secrets.token_hex(16))

    def now(self) -> float:
        return time.monotonic() - self.opened_at

    async def page(self, what: str, path: str) -> Answer:
        """A page; NoLine."""
        return await self._ask(what, "GET", path, patience=60, good=OR_ELSEWHERE)

    async def post(self, what: str, path: str, fields: Iterable[tuple[str, str]]) -> Answer:
        """A plain form; NoLine."""
        body = urlencode([("csrfmiddlewaretoken", self.csrf), *fields]).encode()
        kind = "application/x-www-form-urlencoded"
        return await self._ask(what, "POST", path, body, kind, patience=60, good=OR_ELSEWHERE)

    async def send(self, what: str, method: str, path: str, content: Any) -> Answer:
        """JSON, as the page's script sends it: it gives up after twenty seconds. NoLine."""
        body = json.dumps(content).encode()
        return await self._ask(what, method, path, body, "application/json", patience=20)

    async def _ask(
        self,
        what: str,
        method: str,
        path: str,
        body: bytes = b"",
        kind: str = "",
        *,
        patience: float,
        good: Collection[int] = GOOD,
    ) -> Answer:
        if self.cut:
            raise NoLine("the line is cut")
        headers = {
            "Cookie": f"sessionid={self.session}; csrftoken={self.csrf}",
            "X-CSRFToken": self.csrf,
            "X-Forwarded-For": self.office,
            "X-Forwarded-Proto": "http",
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
        if kind:
            headers["Content-Type"] = kind
        began, answered = self.now(), False
        try:
            async with asyncio.timeout(patience), Line("127.0.0.1", self.port) as line:
                answer = await line.ask(method, path, headers=headers, body=body)
            answered = answer.status < 500
        except (LineBroken, OSError, TimeoutError) as error:
            raise NoLine(repr(error)) from error
        finally:
            self.journal.asked.append(Asked(what, began, self.now(), answered))
        if not answered:
            raise NoLine(f"{what}: {answer.status}")
        if answer.status not in good:
            self.journal.faults[f"{what} was answered by {answer.status}"] += 1
        return answer
