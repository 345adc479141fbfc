"""Whatever a question holds, the page of the test fits on a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from playwright.sync_api import Browser

from quizzes.formats import gift
from quizzes.kinds.choices import list_choices
from quizzes.kinds.matching import pair_up
from quizzes.models import PaperSlot, QuestionVersion
from quizzes.papers import Slot
from tests.site.answering import PAGES, ROOT

LONG = "Trách nhiệm, quyền hạn và nguồn lực của lãnh đạo cao nhất đối với hệ thống " * 3
UNBROKEN = "nghiepvuhanhchinhcongcapxa" * 8
CONTENTS: list[tuple[str, str, dict[str, Any]]] = [
    ("matching", LONG, pair_up([(LONG, LONG), (UNBROKEN, UNBROKEN), ("Ngắn", "Một")])),
    ("single", UNBROKEN, list_choices([(UNBROKEN, "100", ""), (LONG, "0", "")])),
    ("multiple", LONG, list_choices([(UNBROKEN, "100", ""), (LONG, "-100", "")])),
]
MEASURE = """
    [...document.querySelectorAll('.question')]
        .filter(one => one.getBoundingClientRect().right > innerWidth
            || one.scrollWidth > one.clientWidth)
        .map(one => one.querySelector('legend').innerText.slice(0, 120))
"""
STYLES = [ROOT / "static" / "site" / name for name in ("tokens.css", "site.css")]


def contents() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every question that is shipped, and some that an author may write."""
    bank = Path(settings.BASE_DIR, "demo", "data", "questions.gift").read_text(encoding="utf-8")
    for question in gift.parse(bank).questions:
        yield question.kind, question.text, question.body
    yield from CONTENTS


def drawn(number: int, kind: str, text: str, body: dict[str, Any]) -> str:
    """The question as the page of the test shows it."""
    version = QuestionVersion(kind=kind, text=text, body=body)
    slot = Slot(number, PaperSlot(version=number, marks=1), version)
    return render_to_string("quizzes/question.html", {"slot": slot})


@pytest.mark.parametrize("width", [320, 360])
def test_every_question_fits_on_a_phone(chromium: Browser, width: int) -> None:
    with translation.override("vi"):
        questions = [drawn(number, *one) for number, one in enumerate(contents(), 1)]
    page = chromium.new_context(viewport={"width": width, "height": 740}).new_page()
    frame = (PAGES / "exam.html").read_text(encoding="utf-8")
    head = "".join(f"<style>{path.read_text(encoding='utf-8')}</style>" for path in STYLES)
    page.set_content(
        frame.split("<body>")[0]
        + head
        + '<body><main class="main"><div class="wrap"><form class="exam">'
        + "".join(questions)
        + "</form></div></main>"
    )
    wide = page.evaluate(MEASURE)
    page_width = page.evaluate("document.scrollingElement.scrollWidth")
    page.context.close()
    assert wide == []
    assert page_width == width
