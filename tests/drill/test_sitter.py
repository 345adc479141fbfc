"""What a sitter holds against a page that was loaded again."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from bench.lines import Answer
from drill import plan
from drill.device import Device
from drill.journal import Journal, Sent, Slot
from drill.sitter import Sitter
from drill.town import Learner

EXAM = """
<form data-attempt="1" data-save-url="/save" data-submit-api="/submit" data-result-url="/result"
  data-server-time="2026-11-20T10:00:00+07:00" data-deadline="2026-11-20T10:45:00+07:00">
<fieldset data-slot="1" data-seq="{seq}"><legend><span>1</span> Ai?</legend>
<input type="radio" name="slot-1" value="1"></fieldset></form>
"""


@dataclass
class Reloading(Device):
    """The page comes with what the server held when it was asked; a receipt comes before it."""

    held: int = 0
    slot: Slot | None = None

    async def page(self, what: str, path: str) -> Answer:
        if self.slot is not None:
            self.slot.acknowledge(2)
        return Answer(200, {}, EXAM.format(seq=self.held).encode())


def reload(device: Reloading, journal: Journal, *, late_receipt: bool) -> None:
    sitter = Sitter(
        learner=Learner(0, 1, ""),
        plan=plan.of(0, people=1, questions=1),
        device=device,
        learned={},
        start_url="/",
        journal=journal,
    )
    slot = sitter.sheet.slot(1)
    for seq in (1, 2):
        slot.send(Sent(seq, 1))
    slot.acknowledge(1)
    device.slot = slot if late_receipt else None
    asyncio.run(sitter._open("reload"))


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def parts(journal: Journal) -> dict[str, Any]:
    return {"port": 0, "session": "", "office": "", "opened_at": 0.0, "journal": journal}


def test_a_page_without_an_acknowledged_answer_has_forgotten_it(
    journal: Journal, parts: dict[str, Any]
) -> None:
    reload(Reloading(**parts, held=0), journal, late_receipt=False)
    assert journal.faults.total() == 1


def test_what_was_acknowledged_while_the_page_was_on_its_way_is_not_forgotten(
    journal: Journal, parts: dict[str, Any]
) -> None:
    reload(Reloading(**parts, held=1), journal, late_receipt=True)
    assert journal.faults.total() == 0
