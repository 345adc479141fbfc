"""Grades given by a wrong key: what a regrade would do is shown before a person has it done."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail import hooks

from certificates.issue.issuing import issue
from certificates.models import Certificate, RegisterEntry
from courses.models import AssessmentResult, Enrolment, EvidenceConflict, ResultRevision
from jobs import progress, workbooks
from jobs.models import Progress
from people.models import User
from quizzes import (
    attempts,
    correcting,
    drawn,
    papers,
    regrade_preview,
    regrade_work,
    regrading,
)
from quizzes.models import (
    Attempt,
    GradeRevision,
    KeyCorrection,
    QuestionVersion,
    Quiz,
    Regrading,
)
from tests import factories
from tests.staff import at_work, said
from tests.together import together

pytestmark = pytest.mark.django_db

REASON = "Đáp án câu này sai"


@pytest.fixture
def officer() -> User:
    user: User = factories.UserFactory(officer=True)
    return user


def set_test(questions: int = 4, **values: Any) -> Quiz:
    """A test that holds every question of its bank, so that everybody has the one corrected."""
    bank = factories.BankFactory(gift=factories.statements(questions), **values)
    quiz: Quiz = factories.QuizFactory(bank=bank, sections=((None, questions),))
    return quiz


def sat(quiz: Quiz, *right: bool, person: Any = None) -> Attempt:
    """A submitted attempt; the answers by the bank's questions, in the order of their making."""
    attempt = factories.sitting(quiz=quiz, person=person)
    ids = sorted(slot.version for slot in attempt.paper)
    answers = dict(zip(ids, right, strict=True))
    given = {place: answers[slot.version] for place, slot in enumerate(attempt.paper, start=1)}
    factories.answer(attempt, given, at=attempt.started_at)
    return attempts.finish(attempt_id=attempt.pk, at=timezone.now())


def first_version(quiz: Quiz) -> QuestionVersion:
    return QuestionVersion.objects.filter(question__bank=quiz.bank).order_by("pk")[0]


def turn(version: QuestionVersion, by: User, *, answer: bool = False) -> KeyCorrection:
    return correcting.correct(
        version_id=version.pk,
        body={**version.body, "answer": answer},
        reason=REASON,
        by=by,
        at=timezone.now(),
    )


def regrade(version: QuestionVersion, by: User) -> Regrading:
    """Begun, and carried on by a worker until nothing is left."""
    begun = regrade_work.begin_regrade(
        version_id=version.pk, reason=REASON, by=by, at=timezone.now()
    )
    while progress.carry_on(progress_id=begun.work_id, at=timezone.now()):
        pass
    begun.refresh_from_db()
    return begun


def grade_of(attempt: Attempt) -> tuple[Any, ...]:
    attempt.refresh_from_db()
    return attempt.score, attempt.passed


# --- The preview ----------------------------------------------------------------------------------


def test_the_preview_says_who_passes_who_fails_and_whose_mark_changes(officer: User) -> None:
    quiz = set_test()
    fails = sat(quiz, True, True, True, False)
    passes = sat(quiz, False, True, True, False)
    only_mark = sat(quiz, True, True, True, True)
    same = sat(quiz, False, False, False, False)
    running = factories.sitting(quiz=quiz)
    version = first_version(quiz)
    KeyCorrection.objects.create(
        version=version, body=None, reason=REASON, by=officer, at=timezone.now() - timedelta(days=1)
    )
    turn(version, officer)
    found = regrade_preview.preview(version_id=version.pk, user=officer)
    assert found.looked_at == 4
    assert [one.attempt for one in found.failing.shown] == [fails]
    assert [one.attempt for one in found.passing.shown] == [passes]
    assert {one.attempt for one in found.others.shown} == {only_mark, same}
    assert [str(one.grade.score) for one in found.shown] == ["2.00", "3.00", "3.00", "1.00"]
    assert (found.changed, found.hidden, found.touched) == (4, 0, 0)
    assert running.pk not in {one.attempt.pk for one in found.shown}


def test_the_preview_writes_nothing(officer: User) -> None:
    quiz = set_test()
    attempt = sat(quiz, True, True, True, True)
    version = first_version(quiz)
    turn(version, officer)
    before = Attempt.objects.filter(pk=attempt.pk).values().get()
    regrade_preview.preview(version_id=version.pk, user=officer)
    client = at_work(officer)
    client.get(reverse("questions:regrade", args=[version.pk]))
    client.get(reverse("questions:regrade_sheet", args=[version.pk]))
    assert Attempt.objects.filter(pk=attempt.pk).values().get() == before
    assert not GradeRevision.objects.exists()
    assert not ResultRevision.objects.exists()
    assert not Regrading.objects.exists()


def test_the_preview_says_exactly_what_the_regrade_does(officer: User) -> None:
    quiz = set_test()
    for number in range(16):
        sat(quiz, *(bool(number & bit) for bit in (1, 2, 4, 8)))
    version = first_version(quiz)
    turn(version, officer)
    found = regrade_preview.preview(version_id=version.pk, user=officer)
    foretold = {one.attempt.pk: (one.grade.score, one.grade.passed) for one in found.shown}
    done = regrade(version, officer)
    assert (done.changed, done.now_passed, done.now_failed) == (
        found.changed,
        found.passing.number,
        found.failing.number,
    )
    assert foretold == {
        pk: (score, passed)
        for pk, score, passed in Attempt.objects.values_list("pk", "score", "passed")
    }
    assert regrade_preview.preview(version_id=version.pk, user=officer).changed == 0


def test_a_version_is_not_taken_for_another_that_begins_or_ends_like_it() -> None:
    quiz = set_test(questions=12)
    ids = sorted(QuestionVersion.objects.values_list("pk", flat=True))
    attempt = sat(quiz, *(True for _ in ids))
    text = f"{ids[0]}0:1: 1{ids[0]}:1: {ids[1]}:{ids[0]}:{ids[0]}"
    Attempt.objects.filter(pk=attempt.pk).update(paper=text)
    assert not drawn.attempts_with(ids[0]).exists()
    assert list(drawn.attempts_with(ids[1])) == [attempt]


def test_the_preview_names_what_rests_on_a_pass_that_would_be_lost(officer: User) -> None:
    """Also what rooms not known here say of it, such as a closed report."""
    quiz = set_test()
    fails, stays = sat(quiz, True, True, True, False), sat(quiz, True, True, True, True)
    version = first_version(quiz)
    turn(version, officer)

    def reported(rows: Any) -> list[str]:
        return [f"Báo cáo quý {row.pk}" for row in rows if isinstance(row, Enrolment)]

    with hooks.register_temporarily("describe_consequences", reported):
        found = regrade_preview.preview(version_id=version.pk, user=officer)
        page = at_work(officer).get(reverse("questions:regrade", args=[version.pk]))
    assert found.touched == 1
    assert found.failing.shown[0].resting == [f"Báo cáo quý {fails.enrolment_id}"]
    text = page.content.decode()
    assert f"Báo cáo quý {fails.enrolment_id}" in text
    assert f"Báo cáo quý {stays.enrolment_id}" not in text


def test_nothing_is_lost_where_another_attempt_passed(officer: User) -> None:
    quiz = set_test()
    quiz.grade_method = Quiz.GradeMethod.LAST
    quiz.save()
    person = factories.PersonFactory()
    first = sat(quiz, True, True, False, False, person=person)
    sat(quiz, True, True, True, True, person=person)
    Attempt.objects.filter(pk=first.pk).update(passed=True)
    version = first_version(quiz)
    turn(version, officer)
    with hooks.register_temporarily("describe_consequences", lambda rows: ["Số 1"] * len(rows)):
        found = regrade_preview.preview(version_id=version.pk, user=officer)
    assert (found.failing.number, found.touched) == (1, 0)


@pytest.mark.parametrize("people", [3, 9])
def test_the_statements_of_a_preview_do_not_grow_with_the_attempts(
    officer: User, people: int, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    quiz = set_test()
    for _ in range(people):
        sat(quiz, True, True, True, False)
    version = first_version(quiz)
    turn(version, officer)
    with django_assert_max_num_queries(9):
        found = regrade_preview.preview(version_id=version.pk, user=officer)
    assert found.failing.number == people


def test_the_memory_of_a_preview_is_bounded(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regrade_preview, "CHUNK", 2)
    monkeypatch.setattr(regrade_preview, "MOST_SHOWN", 1)
    quiz = set_test()
    for _ in range(5):
        sat(quiz, True, True, True, False)
    version = first_version(quiz)
    turn(version, officer)
    found = regrade_preview.preview(version_id=version.pk, user=officer)
    assert (found.changed, len(found.shown), found.hidden) == (5, 1, 4)
    listed = list(regrade_preview.changes(version_id=version.pk, user=officer))
    assert len({one.attempt.pk for one in listed}) == 5


# --- The doing ------------------------------------------------------------------------------------


def test_a_regrade_keeps_the_old_grade_with_who_and_why(officer: User) -> None:
    quiz = set_test()
    attempt = sat(quiz, True, True, True, False)
    version = first_version(quiz)
    turn(version, officer)
    done = regrade(version, officer)
    assert grade_of(attempt) == (2, False)
    kept = attempt.grade_revisions.get()
    assert (kept.score, kept.passed, kept.by, kept.reason) == (3, True, officer, REASON)
    assert list(regrade_work.revisions(done)) == [kept]
    result = AssessmentResult.objects.get(enrolment=attempt.enrolment_id)
    assert (result.score, result.passed) == (2, False)
    revision = ResultRevision.objects.get(result=result)
    assert (revision.score, revision.by, revision.reason) == (3, officer, REASON)


def test_done_again_a_regrade_changes_nothing(officer: User) -> None:
    quiz = set_test()
    sat(quiz, True, True, True, False)
    version = first_version(quiz)
    turn(version, officer)
    assert regrade(version, officer).changed == 1
    again = regrade(version, officer)
    assert (again.changed, again.now_failed) == (0, 0)
    assert GradeRevision.objects.count() == 1


def test_voiding_lets_somebody_pass_and_complete(officer: User) -> None:
    quiz = set_test()
    attempt = sat(quiz, False, True, True, False)
    version = first_version(quiz)
    correcting.void(version_id=version.pk, reason=REASON, by=officer, at=timezone.now())
    done = regrade(version, officer)
    assert done.now_passed == 1
    assert grade_of(attempt) == (3, True)
    assert Enrolment.objects.get(pk=attempt.enrolment_id).completed_at is not None


def test_a_certificate_is_not_changed_but_becomes_a_task(officer: User) -> None:
    quiz = set_test()
    factories.IssuingRuleFactory(course=quiz.assessment.course)
    attempt = sat(quiz, True, True, True, False)
    certificate = Certificate.objects.get(enrolment=attempt.enrolment_id)
    issue(certificate_id=certificate.pk, at=timezone.now())
    entries = list(RegisterEntry.objects.order_by("pk").values())
    before = Certificate.objects.values().get()
    version = first_version(quiz)
    turn(version, officer)
    preview = regrade_preview.preview(version_id=version.pk, user=officer)
    number = certificate.entries.order_by("position")[0].number
    assert number is not None
    assert number in preview.failing.shown[0].resting[0]
    done = regrade(version, officer)
    assert grade_of(attempt) == (2, False)
    assert list(RegisterEntry.objects.order_by("pk").values()) == entries
    assert Certificate.objects.values().get() == before
    assert Enrolment.objects.get(pk=attempt.enrolment_id).completed_at is not None
    task = EvidenceConflict.objects.get(enrolment=attempt.enrolment_id)
    assert (task.event, task.found_at, task.resolved_at) == ("completed", done.at, None)
    assert number in task.resting[0]
    client = at_work(officer)
    name = str(attempt.enrolment.person)
    assert name in client.get(reverse("wagtailadmin_home")).content.decode()
    page = client.get(reverse("questions:regraded", args=[version.pk, done.pk]))
    assert page.context["conflicts"] == 1
    assert reverse("conflicts:index") in page.content.decode()


def test_a_key_put_right_again_closes_the_task(officer: User) -> None:
    quiz = set_test()
    factories.IssuingRuleFactory(course=quiz.assessment.course)
    attempt = sat(quiz, True, True, True, False)
    version = first_version(quiz)
    turn(version, officer)
    regrade(version, officer)
    turn(version, officer, answer=True)
    regrade(version, officer)
    assert grade_of(attempt) == (3, True)
    assert attempt.grade_revisions.count() == 2
    assert EvidenceConflict.objects.get().resolved_at is not None


def test_work_cut_off_at_any_moment_goes_on_and_doubles_nothing(
    officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrade_work, "LONGEST_BATCH", -1)  # one attempt a batch
    quiz = set_test()
    graded = [sat(quiz, True, True, True, False) for _ in range(4)]
    version = first_version(quiz)
    turn(version, officer)
    begun = regrade_work.begin_regrade(
        version_id=version.pk, reason=REASON, by=officer, at=timezone.now()
    )
    honest, calls = regrading.regrade, []

    def killed(**about: Any) -> bool:
        calls.append(about["attempt_id"])
        done = honest(**about)
        if len(calls) in (1, 3):
            raise SystemError("killed")
        return done

    monkeypatch.setattr(regrading, "regrade", killed)
    while progress.carry_on(progress_id=begun.work_id, at=timezone.now()):
        pass
    begun.refresh_from_db()
    begun.work.refresh_from_db()
    assert begun.work.state == Progress.State.FINISHED
    assert (begun.work.done, begun.work.total) == (4, 4)
    assert (begun.changed, begun.now_failed) == (4, 4)
    assert len(calls) == 6
    assert GradeRevision.objects.count() == 4
    assert {grade_of(one) for one in graded} == {(2, False)}


def test_asked_twice_it_is_one_regrade_and_nobody_cuts_in(officer: User) -> None:
    quiz = set_test()
    sat(quiz, True, True, True, False)
    version = first_version(quiz)
    turn(version, officer)
    about: dict[str, Any] = {"version_id": version.pk, "at": timezone.now()}
    first = regrade_work.begin_regrade(reason=REASON, by=officer, **about)
    assert regrade_work.begin_regrade(reason="Khác", by=officer, **about) == first
    other = factories.UserFactory(officer=True)
    with pytest.raises(regrade_work.RegradeRefused):
        regrade_work.begin_regrade(reason=REASON, by=other, **about)
    with pytest.raises(regrade_work.RegradeRefused):
        regrade_work.begin_regrade(reason="  ", by=officer, **about)
    assert Regrading.objects.count() == Progress.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_begin_one_regrade(officer: User) -> None:
    quiz = set_test()
    sat(quiz, True, True, True, False)
    version = first_version(quiz)
    turn(version, officer)
    begun: Any = together(
        [
            lambda: regrade_work.begin_regrade(
                version_id=version.pk, reason=REASON, by=officer, at=timezone.now()
            )
        ]
        * 4
    )
    assert len({one.pk for one in begun}) == 1
    assert Regrading.objects.count() == 1


def test_a_trainer_regrades_the_own_courses_only(officer: User) -> None:
    trainer = factories.UserFactory(trainer=True)
    own = factories.CourseFactory(trainers=[trainer])
    bank = factories.BankFactory(gift=factories.statements(4), members=[trainer])
    sections = ((None, 4),)
    mine = factories.QuizFactory(course=own, bank=bank, sections=sections)
    foreign = factories.QuizFactory(bank=bank, sections=sections)
    ours, theirs = sat(mine, True, True, True, False), sat(foreign, True, True, True, False)
    version = first_version(mine)
    turn(version, trainer)
    page = at_work(trainer).get(reverse("questions:regrade", args=[version.pk]))
    assert [one.attempt for one in page.context["preview"].shown] == [ours]
    assert page.context["elsewhere"] == 1
    assert str(theirs.enrolment.run) not in page.content.decode()
    assert regrade(version, trainer).changed == 1
    assert grade_of(ours) == (2, False)
    assert grade_of(theirs) == (3, True)
    done = regrade(version, officer)
    assert done.changed == 1
    assert grade_of(theirs) == (2, False)
    page = at_work(trainer).get(reverse("questions:regraded", args=[version.pk, done.pk]))
    assert list(page.context["page"]) == []
    assert str(theirs.enrolment.run) not in page.content.decode()


# --- The pages ------------------------------------------------------------------------------------


def test_an_officer_looks_first_and_then_has_it_done(officer: User) -> None:
    quiz = set_test()
    attempt = sat(quiz, True, True, True, False)
    version = first_version(quiz)
    turn(version, officer)
    client = at_work(officer)
    address = reverse("questions:regrade", args=[version.pk])
    page = client.get(address)
    assert page.context["form"].initial["reason"] == REASON
    assert str(attempt.enrolment.person) in page.content.decode()
    assert client.post(address, {"reason": " "}).context["form"].errors
    assert not Regrading.objects.exists()
    page = client.post(address, {"reason": "Theo biên bản số 5"}, follow=True)
    begun = Regrading.objects.get()
    assert (begun.by, begun.reason) == (officer, "Theo biên bản số 5")
    assert page.redirect_chain[-1][0] == reverse("questions:regraded", args=[version.pk, begun.pk])
    if begun.work.is_going:
        assert page["Refresh"]
    while progress.carry_on(progress_id=begun.work_id, at=timezone.now()):
        pass
    page = client.get(page.redirect_chain[-1][0])
    assert "Refresh" not in page
    assert [one.attempt for one in page.context["page"]] == [attempt]
    page = client.get(address)
    assert page.context["preview"].changed == 0
    page = client.get(reverse("questions:inspect", args=[version.question_id]))
    assert reverse("questions:regraded", args=[version.pk, begun.pk]) in page.content.decode()


def test_the_workbook_has_every_change_and_no_formula(officer: User) -> None:
    quiz = set_test()
    person = factories.PersonFactory(full_name="=1+1")
    sat(quiz, True, True, True, False, person=person)
    sat(quiz, False, True, True, False)
    version = first_version(quiz)
    turn(version, officer)
    answer = at_work(officer).get(reverse("questions:regrade_sheet", args=[version.pk]))
    rows = workbooks.read_rows(answer.content, most_rows=50, most_columns=11)
    assert [row[5:7] for row in rows[3:]] == [[3, 2], [2, 3]]
    assert rows[3][0] == "=1+1"
    assert not isinstance(rows[3][0], workbooks.Formula)


def test_a_regrade_that_a_problem_stopped_goes_on(officer: User) -> None:
    quiz = set_test()
    attempt = sat(quiz, True, True, True, False)
    version = first_version(quiz)
    turn(version, officer)
    begun = regrade_work.begin_regrade(
        version_id=version.pk, reason=REASON, by=officer, at=timezone.now()
    )
    Progress.objects.filter(pk=begun.work_id).update(state=Progress.State.FAILED, problem="đĩa đầy")
    address = reverse("questions:regraded", args=[version.pk, begun.pk])
    assert "đĩa đầy" in at_work(officer).get(address).content.decode()
    assert "goes on" in said(at_work(officer).post(address, {"do": "again"}, follow=True))
    while progress.carry_on(progress_id=begun.work_id, at=timezone.now()):
        pass
    assert grade_of(attempt) == (2, False)


def test_a_regrade_of_another_question_is_not_there(officer: User) -> None:
    quiz = set_test()
    sat(quiz, True, True, True, False)
    version = first_version(quiz)
    turn(version, officer)
    done = regrade(version, officer)
    other = QuestionVersion.objects.exclude(pk=version.pk)[0]
    client = at_work(officer)
    address = reverse("questions:regraded", args=[other.pk, done.pk])
    assert client.get(address).status_code == 404
    stranger = at_work(factories.UserFactory(trainer=True))
    address = reverse("questions:regraded", args=[version.pk, done.pk])
    assert stranger.get(address).status_code == 404
    assert stranger.post(address).status_code == 404


# --- Between a correction and its regrade ---------------------------------------------------------


def test_the_review_shows_the_key_by_which_the_answer_was_graded(officer: User) -> None:
    quiz = set_test()
    attempt = sat(quiz, True, True, True, True)
    version = first_version(quiz)

    def seen() -> tuple[int, KeyCorrection | None, bool]:
        attempt.refresh_from_db()
        (one,) = (one for one in papers.review(attempt) if one.version == version)
        (chosen,) = (line for line in one.lines if line["chosen"])
        return int(one.share or 0), one.correction, chosen["right"]

    wrong = turn(version, officer)
    assert seen() == (1, None, True)
    regrade(version, officer)
    assert seen() == (0, wrong, False)
    back = turn(version, officer, answer=True)
    assert seen() == (0, wrong, False)
    correcting.void(version_id=version.pk, reason=REASON, by=officer, at=timezone.now())
    assert seen() == (0, wrong, False)
    regrade(version, officer)
    share, standing, _right = seen()
    assert (share, standing and standing.voids) == (1, True)
    assert back.body == version.body
