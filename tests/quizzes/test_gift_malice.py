import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes import kinds
from quizzes.formats.gift import parse

BANK = Path(__file__).resolve().parents[2] / "demo" / "data" / "questions.gift"

PIECES = ["{", "}", "~", "=", "#", "####", "::", "->", "\\", "\\n", "%", "%50%", "7", "..", ":"]
PIECES += ["[html]", "<b>", "<img>", "&lt;", "//", "$CATEGORY:", "[id:x]", "T", "FALSE", "a", "à"]
PIECES += ["[rubric:", "[longest:", "]", "{}", "// "]
PIECES += [" ", "\n", "\n\n", "\r\n", "\u0301"]
gift_like = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@given(st.text() | gift_like)
def test_any_text_can_be_parsed(text: str) -> None:
    lines = len(text.splitlines()) + text.count("\r") + 1
    parsed = parse(text)
    for found in parsed.problems:
        assert found.message
        assert 1 <= found.line <= lines
    for question in parsed.questions:
        kind = kinds.get(question.kind)
        assert question.text
        assert question.title
        assert kind.problems(question.body) == []
        kind.present(question.body, kind.draw(question.body, Random(1), shuffle=True))
        assert kind.key(question.body)


ENDLESS = [
    "[tag:" * 400_000,
    "// " + "[tag:" * 400_000 + "\nWet? {T}",
    "$CATEGORY: " + "a/" * 1_000_000,
    "::" * 1_000_000,
    "{" * 2_000_000,
    "a {" + "~" * 2_000_000,
    "\\" * 2_000_000,
    "a\n" * 1_000_000,
    "a {T}\n\n" * 280_000,
    "a" + "\u0301\u0323" * 500_000,
    ("[html]" + "<a" * 14_000 + " {T}\n\n") * 70,
    ("[html]<" + "a" * 29_000 + " {T}\n\n") * 70,
    ("[html]" + "<!--" * 7_000 + " {T}\n\n") * 70,
    ("a {=b ~%" + "9" * 29_000 + "}\n\n") * 70,
    ("a {#" + "9" * 29_000 + "}\n\n") * 70,
    ("a {=b" + " " * 29_000 + "c ~d}\n\n") * 70,
    "// " + "[rubric:" * 250_000 + "\nWhy? {}",
    "// " + "[rubric:1 x]" * 160_000 + "\nWhy? {}",
    ("// [rubric:" + " " * 990 + "x]\n") * 2_000 + "Why? {}",
]


@pytest.mark.parametrize("number", range(len(ENDLESS)))
def test_two_megabytes_of_malice_take_seconds(number: int) -> None:
    started = time.process_time()
    parse(ENDLESS[number])
    assert time.process_time() - started < 15


def test_two_megabytes_of_questions_take_seconds() -> None:
    text = BANK.read_text(encoding="utf-8").replace("[id:", "[was:")
    copies = 2_000_000 // len(text)
    started = time.process_time()
    parsed = parse((text + "\n\n") * copies)
    assert time.process_time() - started < 15
    assert len(parsed.questions) == 40 * copies
    assert parsed.problems == []
