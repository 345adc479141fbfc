import json
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from quizzes import kinds
from quizzes.kinds.choices import list_choices
from quizzes.kinds.essay import set_rubric
from quizzes.kinds.matching import pair_up
from quizzes.kinds.numerical import list_numbers
from quizzes.kinds.truefalse import state

SINGLE = list_choices(
    [("Right", "100", "Well done"), ("Half right", "50", "Nearly"), ("Wrong", "0", "SECRET no")]
)
THIRDS = list_choices(
    [
        ("People", "33.33333", ""),
        ("Province", "33.33333", ""),
        ("Partners", "33.33333", ""),
        ("Nobody", "-100", "SECRET"),
    ]
)
STATEMENT = state(True, right="SECRET yes", wrong="SECRET no")
PAIRS = pair_up([("Plan", "Clause 6"), ("Do", "Clause 8"), ("Check", "Clause 9"), ("", "Clause 3")])
NUMBER = list_numbers(
    [
        (Decimal("7.5"), Decimal("0.5"), "100", "Exactly"),
        (Decimal("7.5"), Decimal(2), "50", "Close"),
    ],
    otherwise="SECRET far off",
)
ESSAY = set_rubric([("SECRET names the principles", 4), ("SECRET gives an example", 1)], longest=60)
BODIES = {
    "single": SINGLE,
    "multiple": THIRDS,
    "truefalse": STATEMENT,
    "matching": PAIRS,
    "numerical": NUMBER,
    "essay": ESSAY,
}


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def number_of(body: dict[str, Any], text: str) -> int:
    entries = [entry for entries in body.values() for entry in entries if entry["text"] == text]
    return int(entries[0]["id"])


def shown_texts(code: str, order: list[int]) -> list[str]:
    shown = kinds.get(code).present(BODIES[code], order)
    return [entry["text"] for entry in shown.get("choices") or shown["options"]]


@pytest.mark.parametrize("code", ["single", "multiple", "matching"])
def test_a_drawn_order_holds_every_choice_once(code: str) -> None:
    kind, body = kinds.get(code), BODIES[code]
    own = kind.draw(body, Random(1), shuffle=False)
    orders = {tuple(kind.draw(body, Random(seed), shuffle=True)) for seed in range(30)}
    assert len(orders) > 1
    assert all(sorted(order) == sorted(own) for order in orders)
    assert kind.draw(body, Random(5), shuffle=True) == kind.draw(body, Random(5), shuffle=True)
    for order in orders:
        assert sorted(shown_texts(code, list(order))) == sorted(shown_texts(code, own))


def test_choices_stand_in_the_order_drawn() -> None:
    order = [number_of(SINGLE, text) for text in ("Wrong", "Right", "Half right")]
    assert shown_texts("single", order) == ["Wrong", "Right", "Half right"]
    lines = kinds.get("single").explain(SINGLE, order, order[0])
    assert [line["text"] for line in lines] == ["Wrong", "Right", "Half right"]


@pytest.mark.parametrize("code", kinds.KINDS)
def test_what_is_shown_holds_neither_key_nor_weights_nor_feedback(code: str) -> None:
    kind, body = kinds.get(code), BODIES[code]
    shown = json.dumps(kind.present(body, kind.draw(body, Random(3), shuffle=True)))
    for word in ("SECRET", "weight", "match", "feedback", "answer", "tolerance", "7.5"):
        assert word not in shown


texts = st.lists(st.text("abcdeăâ ", min_size=1).filter(str.strip), min_size=2, unique=True)


@given(texts=texts, seed=st.integers(), shuffle=st.booleans(), data=st.data())
def test_what_is_shown_is_the_same_whichever_choice_is_right(
    texts: list[str], seed: int, shuffle: bool, data: st.DataObject
) -> None:
    weights = ["100"] + ["0"] * (len(texts) - 1)
    seen = set()
    for keyed in (weights, data.draw(st.permutations(weights))):
        body = list_choices((text, w, w) for text, w in zip(texts, keyed, strict=True))
        for code in ("single", "multiple"):
            order = kinds.get(code).draw(body, Random(seed), shuffle=shuffle)
            seen.add(json.dumps([order, kinds.get(code).present(body, order)]))
    assert len(seen) == 1


@given(texts=texts, seed=st.integers(), shuffle=st.booleans(), data=st.data())
def test_what_is_shown_is_the_same_whatever_matches(
    texts: list[str], seed: int, shuffle: bool, data: st.DataObject
) -> None:
    seen = set()
    for matches in (texts, data.draw(st.permutations(texts))):
        body = pair_up((f"prompt {place}", text) for place, text in enumerate(matches))
        order = kinds.get("matching").draw(body, Random(seed), shuffle=shuffle)
        seen.add(json.dumps([order, kinds.get("matching").present(body, order)]))
    assert len(seen) == 1


def test_a_choice_does_not_betray_itself_by_its_number() -> None:
    always_first = [list_choices([(f"{word} a", "100", ""), ("m", "0", "")]) for word in "az"]
    assert [body["choices"][0]["id"] for body in always_first] == [1, 2]


def test_the_review_tells_what_was_chosen_and_what_is_right() -> None:
    nearly = number_of(SINGLE, "Half right")
    lines = {line["text"]: line for line in kinds.get("single").explain(SINGLE, [], nearly)}
    assert lines["Half right"] == {
        "text": "Half right",
        "chosen": True,
        "answer": "",
        "expected": "",
        "right": False,
        "feedback": "Nearly",
    }
    assert lines["Right"]["right"]
    assert not lines["Right"]["chosen"]


def test_the_review_of_a_statement_has_the_word_for_each_case() -> None:
    lines = kinds.get("truefalse").explain(STATEMENT, [], 2)
    assert [(x["text"], x["chosen"], x["right"], x["feedback"]) for x in lines] == [
        ("True", False, True, "SECRET yes"),
        ("False", True, False, "SECRET no"),
    ]


def test_the_review_of_a_matching_question_tells_both_answers() -> None:
    plan, wrong = number_of(PAIRS, "Plan"), number_of(PAIRS, "Clause 3")
    lines = kinds.get("matching").explain(PAIRS, [], {str(plan): wrong})
    assert [(line["text"], line["answer"], line["expected"]) for line in lines] == [
        ("Plan", "Clause 3", "Clause 6"),
        ("Do", "", "Clause 8"),
        ("Check", "", "Clause 9"),
    ]


@pytest.mark.parametrize(
    ("response", "right", "feedback"),
    [
        ("7.5", True, "Exactly"),
        ("9", False, "Close"),
        ("70", False, "SECRET far off"),
        (None, False, "SECRET far off"),
    ],
)
def test_the_review_of_a_number_tells_how_near_it_was(
    response: str | None, right: bool, feedback: str
) -> None:
    [line] = kinds.get("numerical").explain(NUMBER, [], response)
    assert (line["right"], line["feedback"], line["expected"]) == (right, feedback, "7 – 8")


@pytest.mark.parametrize("response", ["Because of <b>the customer</b>.", None])
def test_the_review_of_a_long_answer_shows_it_beside_the_rubric(response: str | None) -> None:
    [line] = kinds.get("essay").explain(ESSAY, [], response)
    assert (line["chosen"], line["answer"]) == (response is not None, response or "")
    assert line["expected"].startswith("SECRET names the principles (4 points)\n")


def test_an_answer_without_a_rubric_is_marked_as_a_whole() -> None:
    assert kinds.get("essay").key(set_rubric()) == ["The answer as a whole (10 points)"]


def test_the_key_is_told_in_words() -> None:
    assert {code: kinds.get(code).key(BODIES[code]) for code in kinds.KINDS} == {
        "single": ["Right"],
        "multiple": ["People", "Province", "Partners"],
        "truefalse": ["True"],
        "matching": ["Plan → Clause 6", "Do → Clause 8", "Check → Clause 9"],
        "numerical": ["7 – 8"],
        "essay": ["SECRET names the principles (4 points)", "SECRET gives an example (1 point)"],
    }


@pytest.mark.parametrize(
    ("code", "form", "response"),
    [
        ("single", "slot-3=2&slot-33=1", 2),
        ("multiple", "slot-3=2&slot-3=1", [1, 2]),
        ("truefalse", "slot-3=2", 2),
        ("matching", "slot-3-2=1&slot-3-1=&slot-33-1=1&slot-3-marked=on&slot-3=x", {"2": 1}),
        ("numerical", "slot-3=7%2C5", "7.5"),
        ("essay", "slot-3=one%0D%0Atwo&slot-33=x", "one\ntwo"),
        *((code, "slot-4=1", None) for code in kinds.KINDS),
    ],
)
def test_a_posted_form_becomes_a_response(code: str, form: str, response: Any) -> None:
    kind = kinds.get(code)
    assert kind.clean(BODIES[code], kind.from_form(QueryDict(form), "slot-3")) == response


def controls(code: str, response: Any) -> str:
    kind = kinds.get(code)
    presented = kind.present(BODIES[code], [])
    context = {"slot": 3, "name": "slot-3", "presented": presented, "response": response}
    return render_to_string(kind.template, context)


@pytest.mark.parametrize("code", kinds.KINDS)
def test_every_control_has_a_label_of_its_own(code: str) -> None:
    page = controls(code, None)
    fields = ("<input", "<select", "<textarea")
    assert page.count("<label for=") == sum(page.count(field) for field in fields) > 0
    assert "style=" not in page
    assert "<script" not in page
    assert "checked" not in page
    assert "selected" not in page


@pytest.mark.parametrize(
    ("code", "response", "kept"),
    [
        ("single", 2, ['value="2" checked']),
        ("multiple", [1, 3], ['value="1" aria-describedby="slot-3-hint" checked']),
        ("multiple", [1, 3], ['value="3" aria-describedby="slot-3-hint" checked']),
        ("truefalse", 2, ['value="2" checked']),
        ("matching", {"2": 3}, ['name="slot-3-2"', '<option value="3" selected>']),
        ("numerical", "7.1250", ['value="7,125"', 'inputmode="decimal"']),
        ("numerical", "1640", ['value="1640"']),
        ("essay", "a </textarea> b", ['hint">a &lt;/textarea&gt; b</textarea>', 'maxlength="60"']),
    ],
)
def test_the_page_shows_what_was_kept(code: str, response: Any, kept: list[str]) -> None:
    page = " ".join(controls(code, response).split())
    for piece in kept:
        assert piece in page
    assert page.count("checked") + page.count("selected") == (
        len(response) if isinstance(response, list | dict) else code not in ("numerical", "essay")
    )


@pytest.mark.parametrize("code", ["single", "matching"])
def test_the_text_of_a_choice_is_never_markup(code: str) -> None:
    attack = "<script>alert(1)</script>"
    body = (
        list_choices([(attack, "100", ""), ("x", "0", "")])
        if code == "single"
        else pair_up([(attack, attack), ("x", "y")])
    )
    kind = kinds.get(code)
    context = {"name": "slot-3", "presented": kind.present(body, []), "response": None}
    assert "<script" not in render_to_string(kind.template, context)
