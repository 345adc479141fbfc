"""A mistake in a key is put right beside the version; what is graded from then on follows it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from people.models import User
from quizzes import attempts, correcting, grading, stock
from quizzes.correcting import CorrectionRefused
from quizzes.models import KeyCorrection, Question, QuestionBank, QuestionVersion
from tests import factories
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db

NOW = timezone.now()
GIFT = """
::single:: Một cộng một? {=Hai ~Ba ~Bốn}

::multiple:: Số chẵn? {~%50%Hai ~%50%Bốn ~%-100%Ba}

::truefalse:: Phát biểu này đúng. {TRUE}

::matching:: Ghép. {=Một -> 1 =Hai -> 2 =Ba -> 3}

::numerical:: Bao nhiêu? {#7:0}
"""


@pytest.fixture
def trainer() -> User:
    user: User = factories.UserFactory(trainer=True)
    return user


@pytest.fixture
def bank(trainer: User) -> QuestionBank:
    found: QuestionBank = factories.BankFactory(members=[trainer], gift=GIFT)
    return found


def version_of(bank: QuestionBank, name: str) -> QuestionVersion:
    return QuestionVersion.objects.get(question__bank=bank, question__name=name)


def correct(version: QuestionVersion, body: Any, by: User, **more: Any) -> KeyCorrection:
    about = {"reason": "Đáp án in sai", "at": NOW} | more
    return correcting.correct(version_id=version.pk, body=body, by=by, **about)


def reweighed(version: QuestionVersion, **weights: str) -> dict[str, Any]:
    choices = [
        {**choice, "weight": weights.get(choice["text"], "0")} for choice in version.body["choices"]
    ]
    return {**version.body, "choices": choices}


def test_the_latest_correction_counts_and_the_version_stays(
    bank: QuestionBank, trainer: User
) -> None:
    version = version_of(bank, "single")
    as_written = version.body
    correct(version, reweighed(version, Ba="100"), trainer)
    last = correct(version, reweighed(version, Ba="100", Hai="100"), trainer)
    version.refresh_from_db()
    assert version.body == as_written
    assert version.corrections.count() == 2
    assert correcting.standing_body(version) == last.body
    assert grading.corrections_of([version.pk]) == {version.pk: last}


def test_what_is_graded_from_then_on_follows_the_correction(trainer: User) -> None:
    attempt = factories.sitting()
    factories.answer_all(attempt, False)
    for slot in range(1, 4):
        version = factories.version_in(attempt, slot)
        correct(version, {**version.body, "answer": False}, trainer)
    graded = attempts.finish(attempt_id=attempt.pk, at=timezone.now())
    assert graded.marks == ["1", "1", "1", "0"]
    assert graded.passed


def test_of_a_voided_question_everybody_gets_the_marks(trainer: User) -> None:
    attempt = factories.sitting()
    version = factories.version_in(attempt, 2)
    correcting.void(version_id=version.pk, reason="Câu hỏi sai", by=trainer, at=NOW)
    graded = attempts.finish(attempt_id=attempt.pk, at=timezone.now())
    assert graded.marks == ["0", "1", "0", "0"]
    with pytest.raises(CorrectionRefused):
        correcting.void(version_id=version.pk, reason="Câu hỏi sai", by=trainer, at=NOW)


def test_a_voided_question_can_be_saved_by_a_key_after_all(
    bank: QuestionBank, trainer: User
) -> None:
    version = version_of(bank, "single")
    correcting.void(version_id=version.pk, reason="Sai", by=trainer, at=NOW)
    assert correcting.standing_body(version) is None
    later = NOW + timedelta(seconds=1)
    correct(version, version.body, trainer, at=later)
    assert correcting.standing_body(version) == version.body


def test_a_voided_question_is_drawn_no_more_if_so_wished(bank: QuestionBank, trainer: User) -> None:
    kept, retired = version_of(bank, "single"), version_of(bank, "multiple")
    correcting.void(version_id=kept.pk, reason="Sai", by=trainer, at=NOW)
    correcting.void(version_id=retired.pk, reason="Sai", by=trainer, at=NOW, retire=True)
    bank.refresh_from_db()
    left = {item.version for item in stock.of(bank).items}
    assert kept.pk in left
    assert retired.pk not in left


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_correction_needs_a_reason(bank: QuestionBank, trainer: User, reason: str) -> None:
    version = version_of(bank, "single")
    with pytest.raises(CorrectionRefused):
        correct(version, reweighed(version, Ba="100"), trainer, reason=reason)
    with pytest.raises(CorrectionRefused):
        correcting.void(version_id=version.pk, reason=reason, by=trainer, at=NOW)
    assert not KeyCorrection.objects.exists()


def test_what_the_learner_has_read_is_never_corrected(bank: QuestionBank, trainer: User) -> None:
    version = version_of(bank, "single")
    body = reweighed(version, Ba="100")
    more = {"id": 9, "text": "Năm", "weight": "0", "feedback": ""}
    wrong: list[Any] = [
        {"choices": body["choices"][:2]},
        {"choices": [*body["choices"], more]},
        {"choices": [{**body["choices"][0], "text": "Khác"}, *body["choices"][1:]]},
        {"choices": [{**body["choices"][0], "id": 8}, *body["choices"][1:]]},
        reweighed(version),
        reweighed(version, Ba="rất đúng"),
        {},
        [],
        None,
        version.body,
    ]
    for one in wrong:
        with pytest.raises(CorrectionRefused):
            correct(version, one, trainer)
    matching = version_of(bank, "matching")
    swapped = {**matching.body, "options": matching.body["options"][::-1]}
    with pytest.raises(CorrectionRefused):
        correct(matching, swapped, trainer)
    assert not KeyCorrection.objects.exists()


def test_a_long_answer_has_no_key_but_can_be_voided(trainer: User) -> None:
    bank = factories.BankFactory(members=[trainer], gift="::essay:: Hãy trình bày. {}\n")
    version = version_of(bank, "essay")
    rubric = [{**version.body["rubric"][0], "points": 5}]
    with pytest.raises(CorrectionRefused):
        correct(version, {**version.body, "rubric": rubric}, trainer)
    address = reverse("questions:correct", args=[version.pk])
    assert at_work(trainer).get(address).status_code == 404
    page = at_work(trainer).get(reverse("questions:inspect", args=[version.question_id]))
    assert address not in page.content.decode()
    correcting.void(version_id=version.pk, reason="Sai", by=trainer, at=NOW)


def test_a_correction_is_never_changed(bank: QuestionBank, trainer: User) -> None:
    version = version_of(bank, "single")
    correction = correct(version, reweighed(version, Ba="100"), trainer)
    for change in (
        lambda: KeyCorrection.objects.filter(pk=correction.pk).update(reason="khác"),
        correction.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# --- The pages ------------------------------------------------------------------------------------

# What is typed for each kind, and a piece of the body that comes of it.
TYPED: list[tuple[str, Any, Any]] = [
    ("single", {"Ba": "100", "Hai": "0", "Bốn": "0"}, {"Ba": "100", "Hai": "0", "Bốn": "0"}),
    (
        "multiple",
        {"Hai": "33,33", "Bốn": "33,33 %", "Ba": "33,33"},
        {"Hai": "33.33", "Bốn": "33.33", "Ba": "33.33"},
    ),
]


@pytest.mark.parametrize(("name", "typed", "weights"), TYPED)
def test_the_weights_of_choices_are_corrected_in_a_form(
    bank: QuestionBank, trainer: User, name: str, typed: Any, weights: Any
) -> None:
    version = version_of(bank, name)
    ids = {choice["text"]: choice["id"] for choice in version.body["choices"]}
    data = {f"weight-{ids[text]}": weight for text, weight in typed.items()}
    page = post(trainer, version, data)
    assert page.redirect_chain[-1][0] == reverse("questions:regrade", args=[version.pk])
    correction = version.corrections.get()
    assert correction.body is not None
    assert {one["text"]: one["weight"] for one in correction.body["choices"]} == weights
    assert (correction.by, correction.reason) == (trainer, "Đáp án in sai")


def test_a_statement_pairs_and_numbers_are_corrected_in_forms(
    bank: QuestionBank, trainer: User
) -> None:
    statement, pairs = version_of(bank, "truefalse"), version_of(bank, "matching")
    post(trainer, statement, {"answer": "false"})
    options = {option["text"]: option["id"] for option in pairs.body["options"]}
    swapped = {"match-1": options["2"], "match-2": options["1"], "match-3": options["3"]}
    post(trainer, pairs, swapped)
    assert correcting.standing_body(statement) == {**statement.body, "answer": False}
    matched = correcting.standing_body(pairs)
    assert matched is not None
    assert [prompt["match"] for prompt in matched["prompts"]] == list(swapped.values())
    number = version_of(bank, "numerical")
    data = {
        "value-1": "7,5",
        "tolerance-1": "0,5",
        "weight-1": "100",
        "value-2": "10",
        "tolerance-2": "0",
        "weight-2": "50",
    }
    post(trainer, number, data)
    body = correcting.standing_body(number)
    assert body is not None
    found = [(one["value"], one["tolerance"], one["weight"]) for one in body["answers"]]
    assert found == [("7.5", "0.5", "100"), ("10", "0", "50")]


def post(user: User, version: QuestionVersion, data: Any) -> Any:
    address = reverse("questions:correct", args=[version.pk])
    shown = at_work(user).get(address)
    assert shown.status_code == 200
    return at_work(user).post(address, {"reason": "Đáp án in sai"} | data, follow=True)


def test_a_form_that_cannot_be_read_changes_nothing(bank: QuestionBank, trainer: User) -> None:
    number, single = version_of(bank, "numerical"), version_of(bank, "single")
    zero = {f"weight-{choice['id']}": "0" for choice in single.body["choices"]}
    strange = dict.fromkeys(zero, "１００")
    empty = {"value-1": "", "tolerance-1": "0", "weight-1": "100", "tolerance-2": "0"}
    for version, data in (
        (number, {"value-1": "bảy", "tolerance-1": "0", "weight-1": "100"}),
        (number, empty | {"weight-2": "100"}),
        (number, empty | {"value-1": "7", "tolerance-1": "-1", "weight-2": "100"}),
        (number, {}),
        (single, zero),
        (single, strange),
        (single, {"reason": " "} | dict.fromkeys(zero, "100")),
        (single, {"reason": "x" * 1001} | dict.fromkeys(zero, "100")),
    ):
        page = post(trainer, version, data)
        assert page.status_code == 200
        assert page.context["form"].errors
    assert not KeyCorrection.objects.exists()


def test_saving_the_key_that_stands_says_so(bank: QuestionBank, trainer: User) -> None:
    version = version_of(bank, "truefalse")
    page = post(trainer, version, {"answer": "true"})
    assert "counts already" in page.content.decode()
    assert not KeyCorrection.objects.exists()


def test_a_trainer_voids_a_question_and_sees_the_regrade_next(
    bank: QuestionBank, trainer: User
) -> None:
    version = version_of(bank, "single")
    address = reverse("questions:void", args=[version.pk])
    assert at_work(trainer).get(address).status_code == 200
    data = {"reason": "Câu hỏi sai", "retire": "on"}
    page = at_work(trainer).post(address, data, follow=True)
    assert "voided" in said(page)
    assert page.redirect_chain[-1][0] == reverse("questions:regrade", args=[version.pk])
    question = Question.objects.get(pk=version.question_id)
    assert question.retired_at is not None
    again = at_work(trainer).post(address, data)
    assert again.context["form"].errors
    page = at_work(trainer).get(reverse("questions:inspect", args=[question.pk]))
    assert "Câu hỏi sai" in page.content.decode()
    assert "voided" in page.content.decode()


def test_a_bank_of_others_is_not_there(bank: QuestionBank, trainer: User) -> None:
    version = version_of(bank, "truefalse")
    stranger = at_work(factories.UserFactory(trainer=True))
    for name in ("correct", "void", "regrade", "regrade_sheet"):
        address = reverse(f"questions:{name}", args=[version.pk])
        assert stranger.get(address).status_code == 404
        data = {"answer": "false", "reason": "Phá"}
        assert stranger.post(address, data).status_code in (404, 405)
    officer = at_work(factories.UserFactory(officer=True))
    assert officer.get(reverse("questions:correct", args=[version.pk])).status_code == 200
    assert not KeyCorrection.objects.exists()


def test_the_page_of_a_question_tells_its_corrections(bank: QuestionBank, trainer: User) -> None:
    version = version_of(bank, "single")
    correct(version, reweighed(version, Ba="100"), trainer, reason="Khoản 3 Điều 9")
    page = at_work(trainer).get(reverse("questions:inspect", args=[version.question_id]))
    text = page.content.decode()
    assert "Khoản 3 Điều 9" in text
    assert page.context["key"] == ["Ba"]
    assert page.context["first_key"] == ["Hai"]
