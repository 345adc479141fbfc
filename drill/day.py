"""The day itself: everybody sits, and meanwhile the machinery is cut."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.lines import LineBroken
from drill import plan
from drill.device import Device, NoLine
from drill.journal import Journal
from drill.sitter import Sitter
from drill.town import Learner

OFFICE = 12  # people behind one address
SETTLING = 5.0  # seconds after the first good answers, in which devices come back
PROBES = 3
# Seconds after the time limit in which the last ones start, the page submits, cuts are overcome.
LATEST = 180.0


@dataclass(frozen=True)
class Cut:
    """``act`` breaks something at this share of the time limit, and blocks until it is repaired
    as far as anybody repairs it."""

    name: str
    after: float
    act: Callable[[], None]


@dataclass(frozen=True)
class Window:
    """From the cut until everything answers again and the devices are back (seconds)."""

    name: str
    began: float
    answered: float
    ended: float

    def overlaps(self, began: float, ended: float) -> bool:
        return began < self.ended and ended > self.began


@dataclass
class Day:
    """``start_url`` gives for an enrolment the address of the start button."""

    port: int
    minutes: int
    learners: Sequence[Learner]
    observer: Learner
    learned: Mapping[str, Any]
    questions: int
    start_url: Callable[[int], str]
    cuts: Sequence[Cut] = ()
    journal: Journal = field(default_factory=Journal)
    windows: list[Window] = field(default_factory=list)

    def run(self) -> None:
        """Returns when everybody has left."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        opened_at = time.monotonic()
        sitting = (self._sit(learner, opened_at) for learner in self.learners)
        try:
            async with asyncio.timeout(self.minutes * 60 + LATEST):
                await asyncio.gather(self._cut(opened_at), *sitting)
        except TimeoutError:
            self.journal.faults["the day did not come to its end"] += 1

    async def _sit(self, learner: Learner, opened_at: float) -> None:
        sitter = Sitter(
            learner=learner,
            plan=plan.of(learner.number, people=len(self.learners), questions=self.questions),
            device=self._device(learner, opened_at, self.journal),
            learned=self.learned,
            start_url=self.start_url(learner.enrolment),
            journal=self.journal,
        )
        try:
            await sitter.sit()
        except Exception as error:
            self.journal.faults[f"a sitting broke off: {error!r}"] += 1

    def _device(self, learner: Learner, opened_at: float, journal: Journal) -> Device:
        office = learner.number // OFFICE
        return Device(
            port=self.port,
            session=learner.session,
            office=f"10.{office >> 8}.{office & 255}.1",
            opened_at=opened_at,
            journal=journal,
        )

    async def _cut(self, opened_at: float) -> None:
        device = self._device(self.observer, opened_at, Journal())
        for cut in sorted(self.cuts, key=lambda one: one.after):
            await asyncio.sleep(max(0.0, cut.after * self.minutes * 60 - device.now()))
            began = device.now()
            await asyncio.to_thread(cut.act)
            await self._recovered(device)
            answered = device.now()
            await asyncio.sleep(SETTLING)
            self.windows.append(Window(cut.name, began, answered, device.now()))

    async def _recovered(self, device: Device) -> None:
        """A page that asks the database was there some times in a row."""
        good = 0
        path = self.start_url(self.observer.enrolment).removesuffix("bat-dau/")
        while good < PROBES:
            try:
                answer = await device.page("probe", path)
                good = good + 1 if answer.status == 200 else 0
            except (NoLine, LineBroken):
                good = 0
            await asyncio.sleep(0.1)
