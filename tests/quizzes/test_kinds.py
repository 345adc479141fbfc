import copy
import json
import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from quizzes import kinds
from quizzes.kinds.choices import list_choices
from quizzes.kinds.contract import InvalidResponse
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
ESSAY = set_rubric([("SECRET names the principles", 4), ("SECRET gives an example", 6)], longest=60)
BODIES = {
    "single": SINGLE,
    "multiple": THIRDS,
    "truefalse": STATEMENT,
    "matching": PAIRS,
    "numerical": NUMBER,
    "essay": ESSAY,
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
ids = st.integers(-1, 12) | st.integers(-1, 12).map(str)
raw_responses = (
    json_values
    | ids
    | st.lists(ids, max_size=6)
    | st.dictionaries(ids, ids | st.sampled_from(["", None]), max_size=5)
    | st.sampled_from(["true", "false", "7,5", "7.125", "-0", "1.640", "1 640,5"])
    | st.decimals(-1000, 1000, places=3).map(str)
)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def number_of(body: dict[str, Any], text: str) -> int:
    entries = [entry for entries in body.values() for entry in entries if entry["text"] == text]
    return int(entries[0]["id"])


def ticks(*texts: str) -> list[int]:
    return sorted(number_of(THIRDS, text) for text in texts)


def test_there_are_six_kinds_in_a_fixed_order() -> None:
    codes = ["single", "multiple", "truefalse", "matching", "numerical", "essay"]
    assert list(kinds.KINDS) == codes == [code for code, _label in kinds.CHOICES]
    assert all(str(label) for _code, label in kinds.CHOICES)
    with pytest.raises(KeyError):
        kinds.get("cloze")


@pytest.mark.parametrize("code", kinds.KINDS)
def test_a_good_body_has_no_problems_and_survives_json(code: str) -> None:
    assert kinds.get(code).problems(BODIES[code]) == []
    assert json.loads(json.dumps(BODIES[code])) == BODIES[code]


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("single", list_choices([("A", "0", ""), ("B", "50", "")])),
        ("single", list_choices([("A", "100", "")])),
        ("single", list_choices([("A", "100", ""), ("A", "0", "")])),
        ("single", list_choices([("A", "100", ""), (" ", "0", "")])),
        ("single", list_choices([(f"Choice {n}", "100", "") for n in range(51)])),
        ("multiple", list_choices([("A", "50", ""), ("B", "40", "")])),
        ("multiple", list_choices([("A", "100", ""), ("B", "NaN", "")])),
        ("multiple", list_choices([("A", "100", ""), ("B", "-101", "")])),
        ("truefalse", {"answer": "yes", "feedback": {"right": "", "wrong": ""}}),
        ("truefalse", {"answer": True}),
        ("matching", pair_up([("Plan", "6")])),
        ("matching", pair_up([("Plan", "6"), ("Do", "6")])),
        ("matching", {**PAIRS, "prompts": [{"id": 1, "text": "x", "match": 9}] * 2}),
        ("numerical", list_numbers([(Decimal(7), Decimal(0), "50", "")])),
        ("numerical", list_numbers([(Decimal(7), Decimal(-1), "100", "")])),
        ("numerical", list_numbers([])),
        ("essay", {"rubric": [], "longest": 100}),
        ("essay", set_rubric([("A", 0)])),
        ("essay", set_rubric([("A", 101)])),
        ("essay", set_rubric([("A", True)])),
        ("essay", set_rubric([("A", 5), (" ", 5)])),
        ("essay", set_rubric([(f"Criterion {n}", 1) for n in range(21)])),
        ("essay", {**ESSAY, "rubric": [{"id": 1, "text": "A", "points": 1}] * 2}),
        ("essay", set_rubric(longest=0)),
        ("essay", set_rubric(longest=20_001)),
    ],
)
def test_a_body_that_nobody_could_answer_is_refused(code: str, body: dict[str, Any]) -> None:
    assert kinds.get(code).problems(body)


def test_a_refusal_says_why() -> None:
    [problem] = kinds.get("multiple").problems(list_choices([("A", "50", ""), ("B", "40.5", "")]))
    assert problem == "All right choices together earn 90,5 % of the marks, not 100 %."


@pytest.mark.parametrize("code", kinds.KINDS)
@given(broken=st.data())
def test_any_json_can_be_asked_for_its_problems(code: str, broken: st.DataObject) -> None:
    kind = kinds.get(code)
    assert kind.problems(broken.draw(json_values))
    body = copy.deepcopy(BODIES[code])
    holder: Any = body
    while isinstance(holder, dict | list) and holder:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = broken.draw(st.sampled_from(keys))
        if not isinstance(holder[key], dict | list) or broken.draw(st.booleans()):
            holder[key] = broken.draw(json_values)
            break
        holder = holder[key]
    assert all(isinstance(problem, str) for problem in kind.problems(body))


@pytest.mark.parametrize("code", kinds.KINDS)
@given(raw=raw_responses)
def test_cleaning_raises_nothing_but_invalid_response(code: str, raw: Any) -> None:
    kind, body = kinds.get(code), BODIES[code]
    try:
        response = kind.clean(body, raw)
    except InvalidResponse:
        return
    assert json.loads(json.dumps(response)) == response
    assert kind.clean(body, response) == response
    share = kind.score(body, response)
    if kind.marked_by_people and response is not None:
        assert share is None
    else:
        assert share is not None
        assert 0 <= share <= 1
    lines = kind.explain(body, [], response)
    assert any(line["chosen"] for line in lines) is (response is not None)


@pytest.mark.parametrize("code", kinds.KINDS)
@pytest.mark.parametrize(
    "raw",
    [
        math.nan,
        math.inf,
        10**5000,
        list(range(100_000)),
        {str(n): n for n in range(100_000)},
        "9" * 100_000,
        [[]],
        {"1": {}},
        object(),
    ],
    ids=lambda raw: type(raw).__name__,
)
def test_hostile_responses_are_refused(code: str, raw: Any) -> None:
    with pytest.raises(InvalidResponse):
        kinds.get(code).clean(BODIES[code], raw)


@pytest.mark.parametrize("code", [code for code in kinds.KINDS if code != "essay"])
def test_digits_of_another_script_are_no_answer(code: str) -> None:
    with pytest.raises(InvalidResponse):
        kinds.get(code).clean(BODIES[code], "٣")


@pytest.mark.parametrize(
    ("code", "raw"),
    [
        ("single", 99),
        ("single", True),
        ("single", [1]),
        ("multiple", [99]),
        ("multiple", [1] * 5),
        ("multiple", 1),
        ("truefalse", 3),
        ("truefalse", "maybe"),
        ("matching", {"99": 1}),
        ("matching", {"1": 99}),
        ("matching", [1, 2]),
        ("numerical", "seven"),
        ("numerical", "1e9"),
        ("numerical", "7;5"),
        ("numerical", True),
        ("essay", 7),
        ("essay", ["text"]),
        ("essay", "x" * 61),
    ],
)
def test_answers_to_another_question_are_refused(code: str, raw: Any) -> None:
    with pytest.raises(InvalidResponse):
        kinds.get(code).clean(BODIES[code], raw)


@pytest.mark.parametrize(
    ("code", "raw"),
    [
        ("single", ""),
        ("multiple", []),
        ("truefalse", ""),
        ("matching", {"1": "", "2": None}),
        ("matching", {}),
        ("numerical", "  "),
        ("essay", " \r\n\x00 "),
        *((code, None) for code in kinds.KINDS),
    ],
)
def test_an_empty_answer_is_no_answer_and_earns_nothing(code: str, raw: Any) -> None:
    kind = kinds.get(code)
    assert kind.clean(BODIES[code], raw) is None
    assert kind.score(BODIES[code], None) == 0


def test_a_single_choice_earns_its_weight() -> None:
    kind = kinds.get("single")
    scores = [kind.score(SINGLE, number_of(SINGLE, t)) for t in ("Right", "Half right", "Wrong")]
    assert scores == [1, Fraction(1, 2), 0]


def test_three_thirds_make_a_whole() -> None:
    score = kinds.get("multiple").score
    assert score(THIRDS, ticks("People", "Province", "Partners")) == 1
    assert score(THIRDS, ticks("People", "Partners")) == Fraction(2, 3)


def test_a_wrong_tick_takes_away_but_never_below_nothing() -> None:
    score = kinds.get("multiple").score
    assert score(THIRDS, ticks("People", "Nobody")) == 0
    assert score(THIRDS, ticks("People", "Province", "Partners", "Nobody")) == 0


def test_weights_that_come_to_a_hundred_only_as_written_still_earn_full_marks() -> None:
    odd = list_choices([("A", "66.67", ""), ("B", "20.11", ""), ("C", "13.22", ""), ("D", "0", "")])
    kind = kinds.get("multiple")
    assert kind.problems(odd) == []
    assert kind.score(odd, [number_of(odd, text) for text in "ABC"]) == 1


def test_a_statement_is_right_or_wrong() -> None:
    kind = kinds.get("truefalse")
    for raw, earned in [("true", 1), (True, 1), ("1", 1), ("false", 0), (False, 0), (2, 0)]:
        assert kind.score(STATEMENT, kind.clean(STATEMENT, raw)) == earned
    denied = state(False)
    assert kind.score(denied, kind.clean(denied, "2")) == 1


def test_matching_earns_the_share_that_is_right() -> None:
    kind = kinds.get("matching")
    response = kind.clean(
        PAIRS,
        {
            str(number_of(PAIRS, "Plan")): str(number_of(PAIRS, "Clause 6")),
            str(number_of(PAIRS, "Do")): number_of(PAIRS, "Clause 3"),
            str(number_of(PAIRS, "Check")): "",
        },
    )
    assert kind.score(PAIRS, response) == Fraction(1, 3)


@pytest.mark.parametrize(
    ("typed", "earned"),
    [
        ("7,5", 1),
        ("7.5", 1),
        (" 7,50 ", 1),
        ("8", 1),
        ("7", 1),
        ("8,01", Fraction(1, 2)),
        ("9,5", Fraction(1, 2)),
        ("9,500001", 0),
        ("-7,5", 0),
    ],
)
def test_a_number_is_right_within_its_tolerance_ends_included(typed: str, earned: Fraction) -> None:
    kind = kinds.get("numerical")
    assert kind.score(NUMBER, kind.clean(NUMBER, typed)) == earned


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("7,5", "7.5"),
        ("7,", "7"),
        (",5", "0.5"),
        ("15 %", "15"),
        ("1640", "1640"),
        ("1 640", "1640"),
        ("1.640,5", "1640.5"),
        ("1.640.000", "1640000"),
        ("1,640.5", "1640.5"),
        ("0.125", "0.1250"),
        ("33,333", "33.3330"),
        ("\u22123", "-3"),
        ("-0,0", "0"),
        (7, "7"),
        (7.5, "7.5"),
        (-0.0, "0"),
    ],
)
def test_numbers_are_read_as_people_type_them(typed: Any, stored: str) -> None:
    kind = kinds.get("numerical")
    assert kind.clean(NUMBER, typed) == stored
    assert kind.clean(NUMBER, stored) == stored


def test_a_long_answer_waits_for_a_person() -> None:
    assert kinds.get("essay").score(ESSAY, "Because of the customer.") is None


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Vì khách hàng. \n", "Vì khách hàng."),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("Vie\u0323\u0302t", "Việt"),
        ("Vie\u0323\x00\u0302t", "Việt"),
        ("half of a pair \ud83d", "half of a pair"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("\r\n".join("x" * 30), "\n".join("x" * 30)),
    ],
)
def test_a_long_answer_is_kept_in_one_form(typed: str, stored: str) -> None:
    kind = kinds.get("essay")
    assert kind.clean(ESSAY, typed) == stored
    assert kind.clean(ESSAY, stored) == stored


def test_the_length_counts_letters_however_they_are_composed() -> None:
    kind = kinds.get("essay")
    assert kind.clean(ESSAY, "e\u0323\u0302" * 60) == "ệ" * 60
    with pytest.raises(InvalidResponse, match="longer than 60"):
        kind.clean(ESSAY, "ệ" * 61)


def test_a_number_that_reads_in_two_ways_is_asked_about() -> None:
    with pytest.raises(InvalidResponse, match=r"“1\.640” .* 1640 or 1,640"):
        kinds.get("numerical").clean(NUMBER, "1.640")
