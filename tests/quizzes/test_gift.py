import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from quizzes import kinds
from quizzes.formats.gift import BLANK, Parsed, ParsedQuestion, parse

BANK = Path(__file__).resolve().parents[2] / "demo" / "data" / "questions.gift"

THREE = """\
::First:: Is water wet? {T}

::Second:: How many? {#%s}

::Third:: Pick one. {=right ~wrong}
"""


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def bank() -> Parsed:
    return parse(BANK.read_text(encoding="utf-8"))


def only(source: str) -> ParsedQuestion:
    parsed = parse(source)
    assert parsed.problems == []
    [question] = parsed.questions
    return question


def problem(source: str) -> str:
    parsed = parse(source)
    assert parsed.questions == []
    [found] = parsed.problems
    return found.message


def choices(question: ParsedQuestion) -> list[tuple[str, str, str]]:
    return [(c["text"], c["weight"], c["feedback"]) for c in question.body["choices"]]


def test_the_provinces_bank_has_forty_questions_of_five_kinds(bank: Parsed) -> None:
    assert bank.problems == []
    assert Counter(question.kind for question in bank.questions) == {
        "single": 18,
        "multiple": 8,
        "truefalse": 6,
        "matching": 4,
        "numerical": 4,
    }
    assert [q.identifier for q in bank.questions] == [f"TCVN-{n:03}" for n in range(1, 41)]
    assert all(question.kind == question.tags[2] for question in bank.questions)
    assert all(question.feedback for question in bank.questions)


def test_every_question_of_the_bank_can_be_answered_fully(bank: Parsed) -> None:
    for question in bank.questions:
        kind = kinds.get(question.kind)
        assert kind.problems(question.body) == []
        assert kind.score(question.body, full_response(question)) == 1


def full_response(question: ParsedQuestion) -> Any:
    kind, body = kinds.get(question.kind), question.body
    right = kind.key(body)
    picked = [choice["id"] for choice in body.get("choices", []) if choice["text"] in right]
    raw = {
        "single": picked[0] if picked else None,
        "multiple": picked,
        "truefalse": body.get("answer"),
        "matching": {str(p["id"]): p["match"] for p in body.get("prompts", [])},
        "numerical": right[0],
    }[question.kind]
    return kind.clean(body, raw)


def test_a_question_of_the_bank_is_read_whole(bank: Parsed) -> None:
    question = bank.questions[36]
    assert question.line == BANK.read_text(encoding="utf-8").split("::TCVN-037")[0].count("\n") + 1
    assert question.title == "TCVN-037 Viết điểm không phù hợp"
    assert question.text == "Cách ghi điểm không phù hợp nào đầy đủ nhất?"
    assert question.category == ["Đánh giá nội bộ theo ISO 19011-2018"]
    assert question.tags == ["19011-6.4.8", "van-dung", "single"]
    assert question.feedback.startswith("ISO 19011:2018, 6.4.8 và A.18.3")
    [key] = kinds.get("single").key(question.body)
    assert key.endswith("không phù hợp với TCVN ISO 9001:2015, 8.5.2")


def test_the_categories_of_the_bank_are_paths(bank: Parsed) -> None:
    categories = {tuple(question.category): None for question in bank.questions}
    assert list(categories)[:2] == [
        ("TCVN ISO 9001-2015", "Nhận thức chung"),
        ("TCVN ISO 9001-2015", "Lãnh đạo và hoạch định"),
    ]
    assert len(categories) == 5


def test_line_ends_byte_order_mark_and_decomposition_do_not_matter(bank: Parsed) -> None:
    text = BANK.read_text(encoding="utf-8")
    windows = "\ufeff" + unicodedata.normalize("NFD", text).replace("\n", "\r\n")
    assert parse(windows) == bank


@pytest.mark.parametrize("broken", ["seven", "5..1", "7:x", "%x%7", ""])
def test_a_broken_question_names_its_line_and_the_others_are_offered(broken: str) -> None:
    parsed = parse(THREE % broken)
    assert [question.title for question in parsed.questions] == ["First", "Third"]
    [found] = parsed.problems
    assert found.line == 3
    assert found.message


def test_an_answer_part_left_open_spoils_only_its_own_question() -> None:
    parsed = parse(THREE.replace("{#%s}", "{#7"))
    assert [question.title for question in parsed.questions] == ["First", "Third"]
    assert [found.line for found in parsed.problems] == [3]


def test_a_question_torn_by_a_blank_line_is_one_problem() -> None:
    parsed = parse("Pick {\n=right\n\n~wrong\n}\n\nWet? {T}\n")
    assert [found.line for found in parsed.problems] == [1]
    assert [question.line for question in parsed.questions] == [7]


def test_only_what_follows_at_once_is_the_rest_of_a_torn_question() -> None:
    parsed = parse("Pick {\n=right\n\n~wrong\n}\n\nWet? {T}\n\n=lost {T}\n\n~too {\n")
    assert [found.line for found in parsed.problems] == [1, 11]
    assert [question.text for question in parsed.questions] == ["Wet?", "=lost"]


def test_two_questions_without_a_blank_line_between_are_told_apart_by_nobody() -> None:
    assert "blank line missing" in problem("Wet? {T}\nDry? {F}")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("Just some words.", "descriptions"),
        ("// [rubric:Names it]\nWhy? {}", "begin with its points"),
        ("// [rubric:0 Names it]\nWhy? {}", "not a number from 1 to 100"),
        ("// [longest:many]\nWhy? {}", "not a number"),
        ("// [longest:99999]\nWhy? {}", "from 1 to 20000"),
        (f"// {'[rubric:1 x]' * 21}\nWhy? {{}}", "more than 20"),
        ("Who? {=Grant =Ulysses Grant}", "short text"),
        ("Who? {somebody}", "neither right"),
        ("Who? {T", "not closed"),
        ("Who? T}", "closing brace"),
        ("::Who? {T}", "title is not closed"),
        ("::Who?:: {T}", "no text"),
        ("Who? {x ~a =b}", "before the first answer"),
        ("Who? {~a ~b}", "earn 0 % of the marks"),
        ("Who? {~%abc%a =b}", "weight"),
        ("Who? {~%150%a =b}", "weight"),
        ("Who? {=a ~}", "empty"),
        ("Who? {=a -> b =c}", "no arrow"),
        ("Who? {=a -> b}", "choices"),
        ("How many? {#1e9}", "not a number"),
        ("[html]Look: <img src\\=x> {T}", "picture"),
        (f"$CATEGORY: {'x' * 401}\nWet? {{T}}", "category is longer"),
        (f"// [id:{'x' * 61}]\nWet? {{T}}", "identifier is longer"),
        ("Long? " + "x" * 30_000 + " {T}", "longer than"),
    ],
)
def test_what_cannot_be_used_is_said(source: str, why: str) -> None:
    assert why in problem(source)


def test_the_fragment_that_is_wrong_is_quoted() -> None:
    assert problem("How many? {#seven\\: or so}") == "“seven: or so” is not a number."


def test_empty_braces_make_a_long_answer_that_is_marked_as_a_whole() -> None:
    question = only("::Why:: Why the customer? { ####Think of clause 5.1.2. }")
    assert (question.kind, question.feedback) == ("essay", "Think of clause 5.1.2.")
    assert question.body == {"rubric": [{"id": 1, "text": "", "points": 10}], "longest": 4000}


def test_comments_say_how_a_long_answer_is_marked() -> None:
    question = only(
        "// [id:L-1] [rubric:4 Names the \\[seven\\] principles]\n"
        "// [rubric:6 Gives an example: from the own agency] [longest:300] [tag:9001-5]\n"
        "Why the customer? {}"
    )
    assert [(one["text"], one["points"]) for one in question.body["rubric"]] == [
        ("Names the [seven] principles", 4),
        ("Gives an example: from the own agency", 6),
    ]
    assert question.body["longest"] == 300
    assert (question.identifier, question.tags) == ("L-1", ["9001-5"])


def test_a_rubric_of_a_question_with_a_key_is_a_mere_comment() -> None:
    assert only("// [rubric:x]\nWet? {T}").kind == "truefalse"


def test_a_right_answer_among_wrong_ones_makes_a_single_choice() -> None:
    question = only("Who's there?{~Grant #No. =no one #Yes! ~%50%Jefferson#Half.}")
    assert question.kind == "single"
    assert choices(question) == [
        ("Grant", "0", "No."),
        ("no one", "100", "Yes!"),
        ("Jefferson", "50", "Half."),
    ]


def test_weights_without_a_right_answer_make_a_multiple_choice() -> None:
    question = only("Which two? {\n~%50%a\n~% 50,0 %b#Yes\n~%-100%c\n~d\n}")
    assert question.kind == "multiple"
    assert choices(question) == [
        ("a", "50", ""),
        ("b", "50.0", "Yes"),
        ("c", "-100", ""),
        ("d", "0", ""),
    ]


@pytest.mark.parametrize(
    ("source", "answer", "wrong", "right"),
    [
        ("{T}", True, "", ""),
        ("{ true }", True, "", ""),
        ("{F#It is.}", False, "It is.", ""),
        ("{FALSE#Wrong.#Right.}", False, "Wrong.", "Right."),
    ],
)
def test_statements_are_true_or_false(source: str, answer: bool, wrong: str, right: str) -> None:
    question = only(f"Water is dry. {source}")
    assert question.kind == "truefalse"
    assert question.body == {"answer": answer, "feedback": {"right": right, "wrong": wrong}}


def test_matching_takes_wrong_options_and_options_used_twice() -> None:
    question = only("Match. {=cat->meat =dog -> meat =cow -> grass = -> stones}")
    assert kinds.get("matching").key(question.body) == ["cat → meat", "dog → meat", "cow → grass"]
    assert [option["text"] for option in question.body["options"]] == ["grass", "meat", "stones"]


@pytest.mark.parametrize(
    ("source", "right", "wrong"),
    [
        ("{#7:0}", ["7"], ["7,1"]),
        ("{#7}", ["7"], ["6"]),
        ("{#3,14:0,005}", ["3,135", "3,145"], ["3,15"]),
        ("{#1..5}", ["1", "5", "2,5"], ["0,9", "5,1"]),
        ("{#-5..-1}", ["-5", "-1"], ["1"]),
        ("{#=7:0 =%50%7:2}", ["7"], ["10"]),
    ],
)
def test_numbers_have_tolerances_or_ranges(source: str, right: list[str], wrong: list[str]) -> None:
    question = only(f"How many? {source}")
    kind = kinds.get(question.kind)
    for typed, earned in [(t, 1) for t in right] + [(t, 0) for t in wrong]:
        assert kind.score(question.body, kind.clean(question.body, typed)) == earned


def test_numbers_have_partial_marks_and_feedback() -> None:
    question = only("Born? {#\n=1822:0 #Yes!\n=%50%1822:2 #Close.\n~#Far off.\n}")
    assert [(a["weight"], a["feedback"]) for a in question.body["answers"]] == [
        ("100", "Yes!"),
        ("50", "Close."),
    ]
    assert question.body["otherwise"] == "Far off."


def test_an_answer_part_in_the_middle_leaves_a_blank() -> None:
    assert only("Grant is {~buried =entombed} in a tomb.").text == f"Grant is {BLANK} in a tomb."


def test_general_feedback_is_kept_apart_from_the_answers() -> None:
    question = only("Who? {=a#good ~b####Because\\: of that.}")
    assert question.feedback == "Because: of that."
    assert choices(question) == [("a", "100", "good"), ("b", "0", "")]


def test_escaped_characters_stand_for_themselves() -> None:
    question = only(
        "::a\\:\\:b:: 1 \\= 2 \\~ \\{x\\} \\# \\\\ line\\nbreak "
        "{=\\~a\\=b\\#c -> \\{d\\} =x -> \\:}"
    )
    assert question.title == "a::b"
    assert question.text == "1 = 2 ~ {x} # \\ line\nbreak"
    assert kinds.get("matching").key(question.body) == ["~a=b#c → {d}", "x → :"]


def test_other_backslashes_are_left_alone() -> None:
    assert only("Is $\\alpha$ a letter? {T}").text == "Is $\\alpha$ a letter?"


def test_html_becomes_readable_text() -> None:
    question = only(
        "[html]<p>1 &lt; 2 <b>and</b><br>x&nbsp;y</p>{=<i>yes</i>#<b>good</b> ~[plain]<no>}"
    )
    assert question.text == "1 < 2 and\nx y"
    assert choices(question) == [("yes", "100", "good"), ("<no>", "0", "")]


@pytest.mark.parametrize("mark", ["[plain]", "[moodle]", "[markdown]", ""])
def test_other_texts_are_taken_as_they_are(mark: str) -> None:
    assert only(f"{mark} a <b> *c* [x] {{T}}").text == "a <b> *c* [x]"


def test_a_question_without_a_title_is_named_by_its_beginning() -> None:
    assert only("Is water   wet? {T}").title == "Is water wet?"
    assert only("wet " * 100 + "{T}").title == ("wet " * 20)[:79].strip() + "…"


def test_comments_name_the_question_that_follows_at_once() -> None:
    source = """\
// [id:lost] nothing follows at once

// [id:a\\]1] [tag:9001-4.1] words [tag: two words ]
   // [tag:third]
Wet? {
// a comment inside
T}
"""
    question = only(source)
    assert (question.identifier, question.line) == ("a]1", 5)
    assert question.tags == ["9001-4.1", "two words", "third"]
    assert only("Wet? {T}").identifier == ""
    assert only(unicodedata.normalize("NFD", "// [tag:vận dụng]\nWet? {T}")).tags == ["vận dụng"]


def test_an_identifier_counts_once_in_a_file() -> None:
    parsed = parse("// [id:q1]\nWet? {T}\n\n// [id:q1]\nDry? {F}\n")
    assert [question.text for question in parsed.questions] == ["Wet?"]
    [found] = parsed.problems
    assert found.line == 5
    assert "q1" in found.message
    assert "line 2" in found.message


def test_categories_hold_until_the_next_one() -> None:
    parsed = parse(
        "A {T}\n\n$CATEGORY: $course$/top/Kế hoạch//Mục tiêu/ B\n\nB {T}\n\nC {F}\n\n"
        "$CATEGORY: $course$\nD {T}"
    )
    assert [question.category for question in parsed.questions] == [
        [],
        ["Kế hoạch/Mục tiêu", "B"],
        ["Kế hoạch/Mục tiêu", "B"],
        [],
    ]


def test_control_characters_are_dropped() -> None:
    assert only("W\x00et\ufdd0? {T}").text == "Wet?"


def test_an_empty_file_has_nothing() -> None:
    assert parse("") == parse("\ufeff\n\n// comment\n") == Parsed([], [])
