"""One person on the exam day: starts, answers, reloads, loses the line, submits."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from bench.lines import Answer
from drill import page
from drill.device import Device, NoLine
from drill.journal import Journal
from drill.outbox import Outbox
from drill.page import ExamPage, Question
from drill.plan import SENT_TWICE, Act, Ending, Plan, Step
from drill.town import Learner

SECONDS_TO_TRY_AGAIN = 3.0
LAST_CALL = 3.0
_ATTEMPT = re.compile(r"/lan-thi/([0-9]+)/")


class Sitter:
    """``learned`` are the right answers by wording; ``start_url`` where the start button posts."""

    def __init__(
        self,
        *,
        learner: Learner,
        plan: Plan,
        device: Device,
        learned: Mapping[str, Any],
        start_url: str,
        journal: Journal,
    ) -> None:
        self.plan, self.device, self.learned = plan, device, learned
        self.start_url, self.journal = start_url, journal
        self.sheet = journal.sheet(learner.enrolment)
        self.outbox = Outbox(device, self.sheet, plan.dice)
        self.answers: dict[int, Any] = {}
        self.page: ExamPage
        self.path = ""
        self.over_at = 0.0

    async def sit(self) -> None:
        """The whole sitting, to its end or to the closed window."""
        await self._until(self.plan.arrives)
        await self._start()
        assert self.sheet.started is not None
        assert self.page.seconds is not None
        began, limit = self.sheet.started, self.page.seconds
        for step in self.plan.steps:
            await self._until(began + step.after * limit)
            if self.outbox.closed:
                break
            await self._do(step)
        await self._end(began + self.plan.ends * limit)

    async def _until(self, moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - self.device.now()))

    async def _start(self) -> None:
        """Press the button, perhaps twice, until the paper is on the screen."""
        clicks = 2 if self.plan.double_click else 1
        while not self.path:
            done = await asyncio.gather(
                *(self.device.post("start", self.start_url, []) for _click in range(clicks)),
                return_exceptions=True,
            )
            for one in done:
                if isinstance(one, Answer):
                    self._take(one)
                elif not isinstance(one, NoLine):
                    raise one
            if not self.path:
                await asyncio.sleep(SECONDS_TO_TRY_AGAIN)
        await self._open("page")
        self.sheet.started = self.device.now()

    def _take(self, answer: Answer) -> None:
        """Where the paper is; anything else is a refusal, which nobody here deserves."""
        self.path = answer.headers.get("location", "")
        found = _ATTEMPT.fullmatch(self.path)
        if found is None:
            self.journal.faults[f"start was refused ({answer.status} {self.path})"] += 1
            self.path = ""
        elif self.sheet.attempt not in (0, int(found[1])):
            self.journal.faults["a second start gave a second attempt"] += 1
        else:
            self.sheet.attempt = int(found[1])

    async def _open(self, what: str) -> bool:
        """Load the page, as often as it takes; False where the test is over."""
        while True:
            # What is acknowledged while the page is on its way need not stand in it.
            known = {
                slot: kept.receipt.seq for slot, kept in self.sheet.slots.items() if kept.receipt
            }
            try:
                answer = await self.device.page(what, self.path)
                if answer.status == 302:
                    if self.device.now() < self.over_at and not self.sheet.submitted:
                        self.journal.faults["a page led away from the test in time"] += 1
                    return False
                self.page = page.read(answer.text())
                break
            except NoLine:
                await asyncio.sleep(SECONDS_TO_TRY_AGAIN)
        if self.page.seconds is not None:
            self.over_at = self.device.now() + self.page.seconds
        self.outbox.url = self.page.save_url
        for slot, question in self.page.questions.items():
            self.outbox.start_after(question.seq)
            if question.seq < known.get(slot, 0):
                self.journal.faults["a reloaded page has forgotten an acknowledged answer"] += 1
        return True

    async def _do(self, step: Step) -> None:
        if step.act is Act.ANSWER:
            slots = sorted(self.page.questions)
            slot = slots[int(step.place * len(slots))]
            self.answers[slot] = self._answer(self.page.questions[slot])
            self.outbox.add(slot, self.answers[slot])
            if self.plan.dice.random() < SENT_TWICE and not self.device.cut:
                await self.outbox.repeat(slot)
        elif step.act is Act.RELOAD:
            # What waits is kept on the device: the outbox goes on with it.
            if not self.device.cut and not await self._open("reload"):
                self.outbox.leave()
        else:
            self.device.cut = step.act is Act.LOSE_LINE

    def _answer(self, question: Question) -> Any:
        known = self.learned.get(question.text)
        if known is None:
            self.journal.guessed += 1
        elif self.plan.dice.random() < self.plan.knows:
            return known
        return page.guess(question, self.plan.dice)

    async def _end(self, moment: float) -> None:
        if self.plan.ending is Ending.NEVER or self.outbox.closed:
            await self._until(moment)
            self.outbox.leave()
            return
        if self.plan.ending is Ending.BY_HAND:
            await self._until(moment)
        else:
            await self._until(self.over_at - LAST_CALL)
            await self.outbox.flush()
            await self._until(self.over_at)
        await self._submit()
        self.outbox.leave()

    async def _submit(self) -> None:
        """Send what waits, then submit, as the page does; then look at the result."""
        while not await self.outbox.drain():
            if self.outbox.closed or self.device.now() > self.over_at + LAST_CALL:
                break
            await asyncio.sleep(SECONDS_TO_TRY_AGAIN)
        if self.outbox.waits and not self.outbox.closed and not self.device.cut:
            self.journal.faults["answers had no receipt when the test was submitted"] += 1
        while not self.sheet.submitted:
            try:
                await self.device.send("submit", "POST", self.page.submit_url, {})
                self.sheet.submitted = True
            except NoLine:
                await asyncio.sleep(SECONDS_TO_TRY_AGAIN)
        try:
            answer = await self.device.page("result", self.page.result_url)
            if answer.status != 200:
                self.journal.faults["the result was not shown"] += 1
        except NoLine:
            pass  # the person reads it another day
