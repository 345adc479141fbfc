"""The page's outbox (``static/site/exam/outbox.js``): gathers answers, sends them in batches, and
tries again until each has its receipt."""

import asyncio
import json
import random
import time

from drill.device import Device, NoLine
from drill.journal import Sent, Sheet

GATHER, FIRST_RETRY, LAST_RETRY = 1.5, 2.0, 30.0
ROUNDS = 3


class Outbox:
    """``url`` is where the page says that answers go."""

    def __init__(self, device: Device, sheet: Sheet, dice: random.Random) -> None:
        self.device, self.sheet, self.dice = device, sheet, dice
        self.url = ""
        self.closed = False
        self._waiting: dict[int, Sent] = {}
        self._seq = 0
        self._failures = 0
        self._timer: asyncio.TimerHandle | None = None
        self._flying: asyncio.Task[bool] | None = None

    def start_after(self, seq: int) -> None:
        self._seq = max(self._seq, seq)

    def add(self, slot: int, response: object) -> None:
        """An answer was given: it goes with what else is given in the next moment."""
        # As on the page: the time of the change, so that of two devices the later answer wins.
        self._seq = max(self._seq + 1, int(time.time() * 1000))
        self._waiting[slot] = Sent(self._seq, response)
        if not self._failures:
            self._send_in(GATHER)

    @property
    def waits(self) -> bool:
        """Whether something has no receipt yet."""
        return bool(self._waiting)

    async def drain(self) -> bool:
        """Send until nothing waits; whether that was reached."""
        for _round in range(ROUNDS):
            if not await self.flush():
                return False
            if not self._waiting:
                return True
        return False

    async def flush(self) -> bool:
        """Send what waits now, one request at a time; whether the server took it."""
        while self._flying is not None:
            await asyncio.wait([self._flying])
        self._flying = asyncio.create_task(self._deliver(dict(self._waiting)))
        try:
            return await self._flying
        finally:
            self._flying = None

    def leave(self) -> None:
        """The window is closed, in whatever state."""
        self.closed = True
        if self._timer:
            self._timer.cancel()

    async def _deliver(self, answers: dict[int, Sent], *, again: bool = False) -> bool:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self.closed:
            return False
        changes = [
            {"slot": slot, "seq": sent.seq, "response": sent.response}
            for slot, sent in answers.items()
        ]
        if not self.device.cut:
            for slot, sent in answers.items():
                self.sheet.slot(slot).send(sent)
        what = "save again" if again else "save"
        try:
            answer = await self.device.send(what, "PUT", self.url, {"answers": changes})
        except NoLine:
            self._retry()
            return False
        if answer.status == 429:
            self._retry()
            return False
        if answer.status != 200:
            self.closed = True
            return False
        self._receive(answers, json.loads(answer.body))
        return True

    async def repeat(self, slot: int) -> None:
        """Something on the way delivers an old batch once more; it must change nothing."""
        receipt = self.sheet.slot(slot).receipt
        if receipt is not None:
            await self._deliver({slot: receipt}, again=True)

    def _receive(self, answers: dict[int, Sent], body: dict[str, object]) -> None:
        self._failures = 0
        receipts = body["saved"]
        assert isinstance(receipts, list)
        for receipt in receipts:
            slot, seq = receipt["slot"], receipt["seq"]
            waiting = self._waiting.get(slot)
            self.sheet.slot(slot).acknowledge(seq)
            if waiting is not None and waiting.seq == seq:
                del self._waiting[slot]
        if body.get("late"):
            self.closed = True
            self._waiting.clear()
        elif any(self._waiting.get(slot) == sent for slot, sent in answers.items()):
            self._retry()
        elif self._waiting:
            self._send_in(GATHER)

    def _retry(self) -> None:
        backoff = min(FIRST_RETRY * 2**self._failures, LAST_RETRY)
        self._failures += 1
        self._send_in(backoff * self.dice.uniform(0.75, 1.25))

    def _send_in(self, seconds: float) -> None:
        if self._timer is None and not self.closed:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(seconds, lambda: loop.create_task(self.flush()))
