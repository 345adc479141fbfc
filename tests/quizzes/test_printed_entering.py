import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from courses.models import AssessmentResult, Enrolment, ResultRevision, ResultSheet
from courses.paper.correcting import correct_sheet
from courses.paper.entering import Mark, MarksRefused, enter_marks
from courses.running import close_run
from quizzes.models import KeyCorrection, PrintedResponse, QuestionVersion, Quiz
from quizzes.printed import entering, reading, regrading
from quizzes.printed.reading import Unreadable
from quizzes.printed.variants import draw_variants
from tests import factories
from tests.courses.paper.test_paper_pages import bomb, picture
from tests.quizzes.on_paper import OnPaper, class_on_paper, right, wrong_letter
from tests.staff import at_work, said
from tests.together import together

pytestmark = pytest.mark.django_db

YESTERDAY = timezone.localdate() - timedelta(days=1)


@pytest.fixture
def of_class() -> OnPaper:
    return class_on_paper()


@pytest.fixture
def statements() -> OnPaper:
    """Six true statements: ``ĐĐĐĐĐĐ`` is full marks."""
    return class_on_paper(gift=factories.statements(6), questions=6)


def enter(of_class: OnPaper, *papers: entering.HandedIn, **values: Any) -> entering.Kept:
    about = {"taken_on": YESTERDAY, "at": timezone.now(), "by": of_class.trainer}
    return entering.enter_answers(test_id=of_class.test.pk, handed_in=papers, **(about | values))


def marks(of_class: OnPaper) -> list[str]:
    stand = {one.enrolment_id: one for one in AssessmentResult.objects.filter(source="paper")}
    return [str(stand[one.pk].score) if one.pk in stand else "" for one in of_class.learners]


# --- Reading a line -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["vi", "en"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_what_is_written_is_read_again(of_class: OnPaper, language: str, data: Any) -> None:
    questions = of_class.asked(data.draw(st.integers(0, 2)))
    responses = {}
    for one in questions:
        response = data.draw(st.none() | responses_to(one))
        if response is not None:
            responses[str(one.number)] = response
    with override(language):
        line = reading.write(responses, questions)
        assert reading.read(line, questions) == responses
        assert reading.read(line.lower(), questions) == responses


def responses_to(one: reading.Asked) -> st.SearchStrategy[Any]:
    body, kind = one.version.body, one.version.kind
    if kind in ("single", "multiple"):
        ids = st.sampled_from([choice["id"] for choice in body["choices"]])
        return ids if kind == "single" else st.sets(ids, min_size=1).map(sorted)
    if kind == "truefalse":
        return st.sampled_from([1, 2])
    if kind == "matching":
        prompts = st.sampled_from([str(prompt["id"]) for prompt in body["prompts"]])
        options = st.sampled_from([option["id"] for option in body["options"]])
        return st.dictionaries(prompts, options, min_size=1)
    if kind == "essay":
        return st.integers(0, 40).map(lambda n: f"{(Decimal(n) / 4).normalize():f}")
    numbers = st.decimals(-9999, 9999, places=2)
    return numbers.map(lambda number: one.read(f"{number:f}"))


@given(text=st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_any_other_text_is_refused_or_answers_questions_of_the_paper(
    of_class: OnPaper, text: str
) -> None:
    try:
        responses = reading.read(text, of_class.asked())
    except Unreadable:
        return
    assert set(responses) <= {str(one.number) for one in of_class.asked()}


@pytest.mark.parametrize(
    "line", ["ĐĐĐĐĐĐ", "đ đ đ đ đ đ", "DDDDDD", "TTTTTT", "ĐĐĐ ĐĐĐ", "Đ;Đ;Đ;Đ;Đ;Đ", "ÐÐÐÐÐÐ"]
)
def test_letters_may_stand_together_or_apart(statements: OnPaper, line: str) -> None:
    assert set(reading.read(line, statements.asked()).values()) == {1}


def test_a_dash_is_a_question_left_empty_and_alone_an_empty_paper(statements: OnPaper) -> None:
    assert reading.read("Đ-S--Đ", statements.asked()) == {"1": 1, "3": 2, "6": 1}
    assert reading.read(" - ", statements.asked()) == {}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ĐĐĐĐĐ", "5 answers; the paper has 6"),
        ("ĐĐĐĐĐĐĐ", "more answers"),
        ("ĐĐAĐĐĐ", "Question 3, “A”"),
        ("", "0 answers"),
        ("Đ" * 3000, "too long"),
        ("\x00" * 6, "Question 1"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_question(
    statements: OnPaper, line: str, reason: str
) -> None:
    with override("en"), pytest.raises(Unreadable, match=reason):
        reading.read(line, statements.asked())


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        ("S1", "E"),
        ("S1", "1"),
        ("M1", "AA"),
        ("M1", "AF"),
        ("P1", "ABC"),
        ("P1", "1A1B"),
        ("P1", "9A"),
        ("P1", "ABCZ"),
        ("N1", "bảy"),
        ("N1", "1.640"),
        ("E1", "11"),
        ("E1", "ABC"),
    ],
)
def test_an_answer_that_its_question_cannot_have_is_refused(
    of_class: OnPaper, question: str, typed: str
) -> None:
    one = next(one for one in of_class.asked() if one.version.question.name == question)
    with override("en"), pytest.raises(Unreadable, match=f"Question {one.number}, “"):
        reading.read(of_class.right_line(**{question: typed}), of_class.asked())


def test_matching_may_be_typed_in_pairs(of_class: OnPaper) -> None:
    one = next(one for one in of_class.asked() if one.version.kind == "matching")
    letters = right(one)
    for typed in ("1{0}2{1}3{2}4{3}", "4-{3},1-{0},2-{1},3-{2}", "1.{0}2.{1}3.{2}4.{3}"):
        line = of_class.right_line(P1=typed.format(*letters))
        assert reading.read(line, of_class.asked()) == reading.read(
            of_class.right_line(), of_class.asked()
        )


# --- Entering -------------------------------------------------------------------------------------


def test_answers_become_marks_by_the_variant(of_class: OnPaper) -> None:
    kept = enter(of_class, *(of_class.paper(n, of_class.right_line(n), place=n) for n in range(3)))
    assert (kept.marks.added, kept.papers) == (3, 3)
    results = AssessmentResult.objects.all()
    assert {(one.score, one.max_score, one.passed, one.source) for one in results} == {
        (Decimal(7), Decimal(7), True, "paper")
    }
    assert {one.sheet for one in results} == {kept.marks.sheet}
    assert {timezone.localtime(one.decided_at).hour for one in results} == {12}
    assert PrintedResponse.objects.count() == 3


def test_the_same_letters_are_worth_less_on_another_variant() -> None:
    of_class = class_on_paper(gift=singles(8), questions=8)
    line = of_class.right_line(0)
    enter(of_class, of_class.paper(0, line), of_class.paper(1, line, place=1))
    assert marks(of_class)[0] == "8.00"
    assert Decimal(marks(of_class)[1]) < 8


def singles(count: int) -> str:
    return "\n".join(
        f"// [id:S{n}]\n::S{n}::Câu {n}? {{\n=Đúng {n}\n~Sai a{n}\n~Sai b{n}\n~Sai c{n}\n}}\n"
        for n in range(count)
    )


@pytest.mark.parametrize(
    ("instead", "mark"),
    [
        ({"S1": "-"}, "6.00"),
        ({"E1": "7,5"}, "6.75"),
        ({"E1": "0"}, "6.00"),
        ({"E1": "-"}, "6.00"),
        ({"N1": "7,6"}, "7.00"),
        ({"N1": "8"}, "6.00"),
        ({"T1": "S", "F1": "Đ"}, "5.00"),
    ],
)
def test_each_kind_of_question_is_marked(
    of_class: OnPaper, instead: dict[str, str], mark: str
) -> None:
    enter(of_class, of_class.paper(0, of_class.right_line(**instead)))
    assert marks(of_class) == [mark, "", ""]


def test_a_wrong_letter_and_half_a_matching_earn_their_share(of_class: OnPaper) -> None:
    by_name = {one.version.question.name: one for one in of_class.asked()}
    pairs = right(by_name["P1"])
    line = of_class.right_line(S1=wrong_letter(by_name["S1"]), P1=pairs[:2] + "--")
    enter(of_class, of_class.paper(0, line))
    assert marks(of_class)[0] == "5.50"


def test_an_empty_paper_is_a_mark_of_nothing(of_class: OnPaper) -> None:
    enter(of_class, of_class.paper(0, "-"))
    result = AssessmentResult.objects.get()
    assert (result.score, result.passed) == (0, False)


def test_rounding_passes_nobody() -> None:
    """Two thirds and a sixteenth… of the marks: 0.6999 is not 70 %."""
    of_class = class_on_paper(gift=singles(7), questions=7)
    Quiz.objects.update(pass_percent=72)  # 5.04 of 7
    enter(of_class, of_class.paper(0, of_class.right_line(S0="-", S1="-")))
    assert not AssessmentResult.objects.get().passed
    mark = Mark(of_class.learners[1].pk, Decimal("5.04"), passed=False)
    enter_marks(
        run_id=of_class.run.pk,
        assessment_id=of_class.quiz.assessment_id,
        taken_on=YESTERDAY,
        max_score=Decimal(7),
        marks=[mark],
        at=timezone.now(),
    )
    assert not AssessmentResult.objects.get(enrolment=of_class.learners[1]).passed


def test_who_passes_on_paper_completes_on_the_day_of_the_test(of_class: OnPaper) -> None:
    factories.watch_all(of_class.learners[0])
    enter(of_class, of_class.paper(0, of_class.right_line()))
    of_class.learners[0].refresh_from_db()
    assert timezone.localdate(of_class.learners[0].completed_at) == YESTERDAY


def test_entering_again_changes_nothing(of_class: OnPaper) -> None:
    paper = of_class.paper(0, of_class.right_line())
    enter(of_class, paper)
    kept = enter(of_class, paper)
    assert (kept.papers, kept.marks.sheet) == (0, None)
    assert ResultSheet.objects.count() == 1
    assert not ResultRevision.objects.exists()


def seen_of(of_class: OnPaper, learner: int) -> str:
    response = PrintedResponse.objects.get(enrolment=of_class.learners[learner])
    return " ".join(entering.shown(response, entering.papers(of_class.test)))


def corrected(of_class: OnPaper, line: str, **values: Any) -> entering.HandedIn:
    seen = {"seen": seen_of(of_class, 0), "stood": Decimal(marks(of_class)[0])}
    return of_class.paper(0, line, **(seen | values))


def test_a_changed_paper_needs_a_reason_and_the_old_answers_stay_in_the_log(
    of_class: OnPaper,
) -> None:
    enter(of_class, of_class.paper(0, of_class.right_line(E1="3")))
    before = PrintedResponse.objects.get().responses
    with pytest.raises(MarksRefused) as refused:
        enter(of_class, corrected(of_class, of_class.right_line()))
    assert refused.value.reasons
    assert marks(of_class)[0] == "6.30"
    kept = enter(of_class, corrected(of_class, of_class.right_line()), reason="Chấm lại")
    assert kept.marks.corrected == 1
    assert marks(of_class)[0] == "7.00"
    assert ResultRevision.objects.get().reason == "Chấm lại"
    entry = ModelLogEntry.objects.get(object_id=of_class.test.pk, action="wagtail.edit")
    assert entry.data["responses"] == before
    assert entry.data["reason"] == "Chấm lại"


def test_answers_that_change_without_changing_the_mark_need_a_reason_too(
    statements: OnPaper,
) -> None:
    enter(statements, statements.paper(0, "ĐĐĐĐĐS"))
    with pytest.raises(MarksRefused):
        enter(statements, corrected(statements, "SĐĐĐĐĐ"))
    kept = enter(statements, corrected(statements, "SĐĐĐĐĐ"), reason="Nhầm câu")
    assert (kept.papers, kept.marks.sheet) == (1, None)
    assert PrintedResponse.objects.get().responses["1"] == 2


def test_what_somebody_else_entered_meanwhile_is_not_overwritten(statements: OnPaper) -> None:
    enter(statements, statements.paper(0, "ĐĐĐĐĐS"))
    stale = {"seen": "101 SSSSS S", "stood": Decimal(0)}
    for seen in ({}, stale):
        with pytest.raises(MarksRefused) as refused:
            enter(statements, statements.paper(0, "ĐĐĐĐĐĐ", **seen), reason="Chấm lại")
        assert list(refused.value.rows) == [statements.learners[0].pk]
    assert marks(statements)[0] == "5.00"


def test_a_mark_entered_by_hand_is_only_replaced_with_a_reason(statements: OnPaper) -> None:
    factories.scanned_result_sheet(statements.learners[0], statements.quiz.assessment)
    with pytest.raises(MarksRefused):
        enter(statements, statements.paper(0, "ĐĐĐĐĐĐ"), reason="Chấm lại")
    assert not PrintedResponse.objects.exists()
    enter(statements, statements.paper(0, "ĐĐĐĐĐĐ", stood=Decimal(3)), reason="Chấm lại")
    assert marks(statements)[0] == "6.00"


@pytest.mark.parametrize("wrong", ["line", "variant", "stranger", "twice", "gone"])
def test_one_wrong_row_keeps_everything_out(statements: OnPaper, wrong: str) -> None:
    bad = statements.paper(1, "ĐĐĐ")
    good = statements.paper(0, "ĐĐĐĐĐĐ")
    more = [bad]
    if wrong == "variant":
        more = [entering.HandedIn(bad.enrolment_id, "999", "ĐĐĐĐĐĐ")]
    elif wrong == "stranger":
        more = [entering.HandedIn(factories.EnrolmentFactory().pk, "101", "ĐĐĐĐĐĐ")]
    elif wrong == "twice":
        more = [statements.paper(1, "ĐĐĐĐĐĐ")] * 2
    elif wrong == "gone":
        Enrolment.objects.filter(pk=bad.enrolment_id).update(withdrawn_at=timezone.now())
        more = [statements.paper(1, "ĐĐĐĐĐĐ")]
    with pytest.raises(MarksRefused) as refused:
        enter(statements, good, *more)
    assert list(refused.value.rows) == [more[0].enrolment_id]
    assert marks(statements) == ["", "", ""]
    assert not PrintedResponse.objects.exists()


def test_the_rules_of_the_sheet_hold(statements: OnPaper) -> None:
    paper = statements.paper(0, "ĐĐĐĐĐĐ")
    for day in (timezone.localdate() + timedelta(days=1), statements.run.starts_on - timedelta(1)):
        with pytest.raises(MarksRefused):
            enter(statements, paper, taken_on=day)
    close_run(run_id=statements.run.pk, at=timezone.now() - timedelta(days=3))
    with pytest.raises(MarksRefused):
        enter(statements, paper)
    assert not PrintedResponse.objects.exists()


def test_a_corrected_key_and_a_voided_question_count(statements: OnPaper) -> None:
    by = factories.UserFactory(officer=True)
    first, second = (QuestionVersion.objects.get(question__name=f"Câu {n}") for n in (1, 2))
    for version, body in ((first, first.body | {"answer": False}), (second, None)):
        KeyCorrection.objects.create(
            version=version, body=body, reason="Sai", by=by, at=timezone.now()
        )
    enter(statements, statements.paper(0, "ĐĐĐĐĐĐ"), statements.paper(1, "-"))
    assert marks(statements) == ["5.00", "1.00", ""]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_enter_the_same_paper_at_once_enter_it_once() -> None:
    of_class = class_on_paper(gift=factories.statements(6), questions=6)
    lines = ["ĐĐĐĐĐĐ", "SSSSSS"]
    found = together([partial(enter, of_class, of_class.paper(0, line)) for line in lines])
    assert sum(isinstance(one, entering.Kept) for one in found) == 1, found
    assert sum(isinstance(one, MarksRefused) for one in found) == 1, found
    assert (PrintedResponse.objects.count(), ResultSheet.objects.count()) == (1, 1)


# --- A corrected key ------------------------------------------------------------------------------


def correct(name: str, *, void: bool = False) -> None:
    version = QuestionVersion.objects.get(question__name=name)
    KeyCorrection.objects.create(
        version=version,
        body=None if void else version.body | {"answer": False},
        reason="Sai đáp án",
        by=factories.UserFactory(officer=True),
        at=timezone.now(),
    )


def outdated(of_class: OnPaper) -> list[tuple[Enrolment, str, str]]:
    return [
        (one.enrolment, str(one.stands.score), str(one.mark.score))
        for one in regrading.outdated(of_class.test)
    ]


def grade_again(of_class: OnPaper, reason: str = "Sai đáp án") -> int:
    return regrading.grade_again(
        test_id=of_class.test.pk, reason=reason, by=of_class.trainer, at=timezone.now()
    )


def test_a_key_corrected_later_changes_no_mark_until_somebody_says_so(
    statements: OnPaper,
) -> None:
    enter(statements, statements.paper(0, "ĐĐĐĐĐĐ"), statements.paper(1, "------"))
    assert outdated(statements) == []
    correct("Câu 1")
    correct("Câu 2", void=True)
    first, second, _absent = statements.learners
    assert outdated(statements) == [(second, "0.00", "1.00"), (first, "6.00", "5.00")]
    assert marks(statements) == ["6.00", "0.00", ""]
    assert grade_again(statements) == 2
    assert marks(statements) == ["5.00", "1.00", ""]
    assert {one.reason for one in ResultRevision.objects.all()} == {"Sai đáp án"}
    assert {timezone.localdate(one.decided_at) for one in first.results.all()} == {YESTERDAY}
    assert (outdated(statements), grade_again(statements)) == ([], 0)
    assert ResultRevision.objects.count() == 2


def test_grading_again_needs_a_reason(statements: OnPaper) -> None:
    enter(statements, statements.paper(0, "ĐĐĐĐĐĐ"))
    correct("Câu 1")
    with pytest.raises(MarksRefused):
        grade_again(statements, reason=" ")
    assert marks(statements)[0] == "6.00"


def test_marks_entered_after_the_correction_and_those_of_who_left_are_let_be(
    statements: OnPaper,
) -> None:
    enter(statements, statements.paper(0, "ĐĐĐĐĐĐ"), statements.paper(1, "ĐĐĐĐĐĐ"))
    correct("Câu 1")
    by_hand = Mark(statements.learners[0].pk, Decimal(6), seen=Decimal(6))
    about: dict[str, Any] = {
        "run_id": statements.run.pk,
        "assessment_id": statements.quiz.assessment_id,
        "taken_on": YESTERDAY,
        "max_score": Decimal(10),
        "reason": "Phúc khảo",
    }
    enter_marks(marks=[by_hand], at=timezone.now(), **about)
    gone = statements.learners[1]
    Enrolment.objects.filter(pk=gone.pk).update(withdrawn_at=timezone.now())
    assert outdated(statements) == []


def test_a_mark_whose_day_alone_was_corrected_afterwards_still_follows_the_key(
    statements: OnPaper,
) -> None:
    entered = enter(statements, statements.paper(0, "ĐĐĐĐĐĐ")).marks
    assert entered.sheet
    correct("Câu 1")
    before = YESTERDAY - timedelta(days=1)
    correct_sheet(
        sheet_id=entered.sheet.pk,
        taken_on=before,
        max_score=entered.sheet.max_score,
        reason="Ghi nhầm ngày",
        at=timezone.now(),
    )
    assert outdated(statements) == [(statements.learners[0], "6.00", "5.00")]
    assert grade_again(statements) == 1
    result = AssessmentResult.objects.get()
    assert (result.score, timezone.localdate(result.decided_at)) == (5, before)
    assert outdated(statements) == []


def test_of_two_papers_of_the_same_test_the_later_one_counts(statements: OnPaper) -> None:
    enter(statements, statements.paper(0, "ĐĐĐĐĐĐ"))
    second = draw_variants(
        quiz_id=statements.quiz.pk, run_id=statements.run.pk, count=1, at=timezone.now()
    )
    paper = entering.HandedIn(statements.learners[0].pk, "201", "ĐĐĐĐ--", stood=Decimal(6))
    enter(replace(statements, test=second), paper, reason="Thi lại")
    correct("Câu 1", void=True)
    assert outdated(statements) == []


# --- The pages ------------------------------------------------------------------------------------


class Pages:
    def __init__(self, of_class: OnPaper) -> None:
        self.of_class = of_class
        self.staff = at_work(of_class.trainer)
        self.url = self.address("answers")

    def address(self, name: str, *more: int) -> str:
        keys = [self.of_class.run.pk, self.of_class.test.pk, *more]
        return reverse(f"printed:{name}", args=keys[:1] if name == "index" else keys)

    def post(
        self, lines: dict[int, str], *, seen: dict[int, str] | None = None, **more: Any
    ) -> Any:
        data: dict[str, Any] = {"taken_on": YESTERDAY.isoformat(), "reason": ""}
        for place, typed in lines.items():
            key = self.of_class.learners[place].pk
            code, _space, line = typed.partition(" ")
            data |= {f"code-{key}": code, f"line-{key}": line}
            data |= {f"seen-{key}": (seen or {}).get(place, "")}
        return self.staff.post(self.url, data | more)

    def workbook(self) -> Any:
        return load_workbook(io.BytesIO(self.staff.get(self.address("workbook")).content))

    def upload(self, content: bytes) -> Any:
        file = SimpleUploadedFile("bai.xlsx", content)
        return self.staff.post(self.url, {"preview": "1", "workbook": file})

    def show(self, book: Any) -> Any:
        written = io.BytesIO()
        book.save(written)
        return self.upload(written.getvalue())


@pytest.fixture
def pages(statements: OnPaper) -> Pages:
    return Pages(statements)


@pytest.fixture(autouse=True)
def _no_scan_left() -> Iterator[None]:
    yield
    for sheet in ResultSheet.objects.exclude(scan=""):
        storages["private"].delete(sheet.scan.name)


def rows_of(response: Any) -> list[Any]:
    return list(response.context["page"].object_list)


def test_answers_typed_in_the_grid_are_entered(pages: Pages) -> None:
    response = pages.post({0: "101 đđđđđđ", 1: "102 ĐĐĐSSS", 2: ""})
    assert response.status_code == 302
    assert marks(pages.of_class) == ["6.00", "3.00", ""]
    page = pages.staff.get(pages.url)
    assert [(row.code, row.line) for row in rows_of(page)] == [
        ("102", "TTTFF F"),
        ("", ""),
        ("101", "TTTTT T"),
    ]
    assert page.context["form"].initial["taken_on"] == YESTERDAY


def test_a_wrong_row_is_named_and_what_was_typed_stays(pages: Pages) -> None:
    response = pages.post({0: "101 ĐĐĐĐĐĐ", 1: "101 ĐĐAĐĐĐ", 2: "999 ĐĐĐĐĐĐ"})
    assert response.status_code == 422
    assert marks(pages.of_class) == ["", "", ""]
    errors = {row.enrolment: row.error for row in rows_of(response)}
    first, second, third = pages.of_class.learners
    assert errors[first] == ""
    assert "Question 3" in errors[second]
    assert "101, 102, 103" in errors[third]
    assert {row.enrolment: row.line for row in rows_of(response)}[first] == "ĐĐĐĐĐĐ"


def test_a_double_click_enters_once(pages: Pages) -> None:
    pages.post({0: "101 ĐĐĐĐĐĐ"})
    again = pages.post({0: "101 ĐĐĐĐĐĐ"})
    assert "Nothing was changed" in said(pages.staff.get(again.url))
    assert ResultSheet.objects.count() == 1


def test_rows_that_are_left_as_shown_are_left_alone(pages: Pages) -> None:
    pages.post({0: "101 ĐĐĐĐĐĐ"})
    # Somebody else has corrected it since the page was made.
    enter(pages.of_class, corrected(pages.of_class, "SSSSSS"), reason="Chấm lại")
    response = pages.post({0: "101 TTTTT T", 1: "101 ĐĐĐĐĐĐ"}, seen={0: "101 TTTTT T"})
    assert response.status_code == 302
    assert marks(pages.of_class) == ["0.00", "6.00", ""]


def test_a_paper_is_corrected_with_a_reason_and_never_emptied(pages: Pages) -> None:
    pages.post({0: "101 ĐĐĐĐĐĐ"})
    seen, stood = {0: "101 TTTTT T"}, {f"stood-{pages.of_class.learners[0].pk}": "6"}
    assert pages.post({0: ""}, seen=seen, **stood, reason="x").status_code == 422
    assert pages.post({0: "101"}, seen=seen, **stood, reason="x").status_code == 422
    assert pages.post({0: "102 ĐĐĐĐĐS"}, seen=seen, **stood).status_code == 422
    assert marks(pages.of_class)[0] == "6.00"
    response = pages.post({0: "102 ĐĐĐĐĐS"}, seen=seen, **stood, reason="Ghi nhầm mã đề")
    assert response.status_code == 302
    assert marks(pages.of_class)[0] == "5.00"


def test_the_scan_of_the_papers_is_kept_with_the_sheet(pages: Pages) -> None:
    scan = SimpleUploadedFile("bai.png", picture("PNG"))
    assert pages.post({0: "101 ĐĐĐĐĐĐ"}, scan=scan).status_code == 302
    assert ResultSheet.objects.get().scan


def test_a_filled_in_workbook_is_shown_first_and_then_entered(pages: Pages) -> None:
    book = pages.workbook()
    sheet = book.active
    assert [sheet[f"C{line}"].value for line in (3, 4, 5)] == [
        "Lê Thị Ánh",
        "Nguyễn Văn Bình",
        "Trần Văn Ổn",
    ]
    sheet["F3"], sheet["G3"] = 101, "ĐĐĐĐĐĐ"
    sheet["F4"], sheet["G4"] = "102", "ĐĐĐĐĐ"
    response = pages.show(book)
    assert response.context["problems"] == []
    assert [(row.code, row.change, bool(row.error)) for row in rows_of(response)] == [
        ("101", "added", False),
        ("102", "added", True),
        ("", "", False),
    ]
    assert marks(pages.of_class) == ["", "", ""]
    lines = {
        pages.of_class.learners.index(row.enrolment): f"{row.code} {row.line}"
        for row in rows_of(response)
        if row.change and not row.error
    }
    assert pages.post(lines).status_code == 302
    assert marks(pages.of_class) == ["", "6.00", ""]


def test_what_is_wrong_in_a_workbook_is_named_by_its_row(pages: Pages) -> None:
    book = pages.workbook()
    sheet = book.active
    sheet["F3"], sheet["G3"] = "101", "=1+1"
    sheet["C4"], sheet["G4"] = "Nguyễn Văn Bính", "ĐĐĐĐĐĐ"
    sheet["F5"], sheet["G5"] = "101", timezone.localdate()
    stranger = factories.EnrolmentFactory()
    sheet.append([stranger.pk, 4, stranger.person.full_name, "", "", "101", "ĐĐĐĐĐĐ"])
    response = pages.show(book)
    assert [problem.line for problem in response.context["problems"]] == [3, 4, 5, 6]
    assert not any(row.change for row in rows_of(response))


@pytest.mark.parametrize("content", [b"", b"abc", bomb()])
def test_a_file_that_is_no_workbook_is_refused(pages: Pages, content: bytes) -> None:
    assert pages.upload(content).status_code == 422


def test_a_workbook_of_another_printed_test_is_refused(pages: Pages) -> None:
    other = Pages(class_on_paper(gift=factories.statements(6), questions=6))
    assert pages.show(other.workbook()).status_code == 422


def test_variants_are_drawn_on_the_page_of_the_run(pages: Pages) -> None:
    index = pages.address("index")
    response = pages.staff.post(index, {"quiz": pages.of_class.quiz.pk, "count": "2"})
    assert response.status_code == 302
    page = pages.staff.get(index)
    assert "2 variants drawn" in said(page)
    codes = [[one.code for one in test.variants.all()] for test in page.context["tests"]]
    assert codes == [["201", "202"], ["101", "102", "103"]]
    foreign = factories.QuizFactory()
    for data in (
        {"quiz": foreign.pk, "count": "2"},
        {"quiz": pages.of_class.quiz.pk, "count": "99"},
    ):
        assert pages.staff.post(index, data).context["form"].errors
    assert pages.of_class.run.printed_tests.count() == 2


@pytest.mark.parametrize("name", ["papers", "keys"])
def test_papers_and_keys_are_files_that_no_cache_keeps(pages: Pages, name: str) -> None:
    answer = pages.staff.get(pages.address(name))
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]


def test_keys_are_for_members_of_the_bank_only(pages: Pages) -> None:
    helper = factories.UserFactory(trainer=True)
    pages.of_class.run.trainers.add(helper)
    staff = at_work(helper)
    assert staff.get(pages.address("papers")).status_code == 200
    assert staff.get(pages.url).status_code == 200
    assert staff.get(pages.address("keys")).status_code == 404
    assert pages.address("keys") not in staff.get(pages.address("index")).content.decode()
    assert at_work(factories.UserFactory(officer=True)).get(pages.address("keys")).content


def test_a_printed_test_of_another_run_is_not_there(pages: Pages) -> None:
    other = class_on_paper(gift=factories.statements(6), questions=6)
    foreign = [pages.of_class.run.pk, other.test.pk]
    for name in ("answers", "papers", "keys", "workbook"):
        assert pages.staff.get(reverse(f"printed:{name}", args=foreign)).status_code == 404
    assert pages.staff.get(pages.address("paper", other.variant().pk)).status_code == 404
    assert pages.staff.get(pages.address("paper", pages.of_class.variant().pk)).status_code == 200


@pytest.mark.parametrize("trait", ["focal_point", "trainer"])
def test_nobody_else_sees_anything(pages: Pages, trait: str) -> None:
    staff = at_work(factories.UserFactory(**{trait: True}))
    for name in ("index", "answers", "papers", "keys", "workbook"):
        assert staff.get(pages.address(name)).status_code == 404
    assert staff.post(pages.url, {}).status_code == 404
    assert staff.post(pages.address("index"), {}).status_code == 404


def test_the_page_of_a_run_leads_there(pages: Pages) -> None:
    run = pages.staff.get(reverse("runs:inspect", args=[pages.of_class.run.pk]))
    assert pages.address("index") in run.content.decode()


def test_the_grid_costs_the_same_however_many_learners(
    pages: Pages, django_assert_max_num_queries: Any
) -> None:
    for _number in range(20):
        factories.EnrolmentFactory(run=pages.of_class.run)
    pages.staff.get(pages.url)
    with django_assert_max_num_queries(25):
        pages.staff.get(pages.url)


def test_what_is_typed_is_only_text_on_the_page(pages: Pages) -> None:
    response = pages.post({0: '101 "><script>alert(1)</script>'})
    assert response.status_code == 422
    assert "<script>alert(1)" not in response.content.decode()


def test_the_page_shows_what_a_corrected_key_changes_before_it_does(pages: Pages) -> None:
    pages.post({0: "101 ĐĐĐĐĐĐ"})
    assert pages.staff.get(pages.url).context["outdated"] == 0
    correct("Câu 1")
    assert pages.staff.get(pages.url).context["outdated"] == 1
    again = pages.address("again")
    page = pages.staff.get(again)
    assert [one.enrolment for one in page.context["outdated"]] == [pages.of_class.learners[0]]
    assert pages.staff.post(again, {"reason": ""}).context["form"].errors
    assert marks(pages.of_class)[0] == "6.00"
    assert pages.staff.post(again, {"reason": "Sai đáp án"}).status_code == 302
    assert marks(pages.of_class)[0] == "5.00"
    assert at_work(factories.UserFactory(trainer=True)).get(again).status_code == 404
