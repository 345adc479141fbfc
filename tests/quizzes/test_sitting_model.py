"""Whatever happens on the exam day, in whatever order: the product holds what the model holds.

``HYPOTHESIS=drill`` looks at many more days.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from courses.models import AssessmentResult, Enrolment
from jobs import progress
from people.models import User
from quizzes import accommodating, attempts, correcting, opening, restoring, saving, stock, trail
from quizzes.kinds import truefalse
from quizzes.models import Accommodation, Attempt, AttemptEvent, Quiz
from quizzes.regrade_work import begin_regrade
from tests import factories
from tests.quizzes.sitting_model import Change, Exam, Given, Sat, newest

DAYS, STEPS = (500, 80) if os.environ.get("HYPOTHESIS") == "drill" else (15, 50)
NOW = timezone.now()
TICK = timedelta(microseconds=1)
REASON = "Mất điện"
Kind = AttemptEvent.Kind

changes = st.builds(
    Change,
    slot=st.integers(1, 4),
    seq=st.integers(1, 9),
    response=st.sampled_from([True, False, None]),
)
which = st.integers(0, 3)


@dataclass(frozen=True)
class World:
    """What is there before the exam day: one learner of one run with one test."""

    quiz: Quiz
    enrolment: Enrolment
    officer: User

    @classmethod
    def make(cls) -> "World":
        truths = factories.statements(3)
        lies = factories.statements(3, category="Sai").replace("{TRUE}", "{FALSE}")
        quiz = factories.QuizFactory(bank=factories.BankFactory(gift=truths + lies))
        run = factories.RunFactory(course=quiz.assessment.course)
        return cls(
            quiz=quiz,
            enrolment=factories.EnrolmentFactory(run=run, watched=True),
            officer=factories.UserFactory(officer=True),
        )


def stored(response: bool | None) -> int | None:
    return None if response is None else truefalse.TRUE if response else truefalse.FALSE


class ExamDay(RuleBasedStateMachine):
    now: datetime
    exam: Exam
    quiz: Quiz

    def __init__(self, world: World, grade_method: str) -> None:
        super().__init__()
        self.world, self.grade_method = world, grade_method
        # Keys are used again after the rollback.
        stock.forget()
        self.day = transaction.atomic()
        self.day.__enter__()

    def teardown(self) -> None:
        for attempt in Attempt.objects.select_related("quiz", "enrolment"):
            trail.of(attempt)
        transaction.set_rollback(True)
        self.day.__exit__(None, None, None)

    @initialize(
        minutes=st.sampled_from([45, 45, 45, None]),
        attempts_allowed=st.sampled_from([3, 1, 2]),
        pass_percent=st.sampled_from([50, 75, 100]),
        at_closing=st.sampled_from(Quiz.AtClosing.values),
        cool_down=st.sampled_from([0, 0, 0, 10]),
        closes_in=st.sampled_from([None, None, 60, 240]),
    )
    def begin(
        self,
        minutes: int | None,
        attempts_allowed: int,
        pass_percent: int,
        at_closing: str,
        cool_down: int,
        closes_in: int | None,
    ) -> None:
        self.now = NOW
        Quiz.objects.filter(pk=self.world.quiz.pk).update(
            minutes=minutes,
            attempts_allowed=attempts_allowed,
            pass_percent=pass_percent,
            grade_method=self.grade_method,
            at_closing=at_closing,
            cool_down_minutes=cool_down,
        )
        self.quiz = Quiz.objects.select_related("bank").get(pk=self.world.quiz.pk)
        self.exam = Exam(
            keys={
                question.current_id: question.current.body["answer"]
                for question in self.quiz.bank.questions.select_related("current")
            },
            minutes=minutes,
            attempts=attempts_allowed,
            pass_percent=pass_percent,
            grade_method=self.grade_method,
            cut_short=at_closing == Quiz.AtClosing.CUT_SHORT,
            cool_down=cool_down,
        )
        if closes_in:
            self.close(closes_in)
        self.start(dice=0)

    # --- Time -------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.5, 9, 60, 600, 2400]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.exam.running and self.exam.running.deadline)
    @rule(
        after=st.sampled_from(
            [-TICK, timedelta(0), TICK, saving.GRACE, saving.GRACE + TICK, timedelta(minutes=1)]
        )
    )
    def the_deadline_comes(self, after: timedelta) -> None:
        running = self.exam.running
        assert running
        assert running.deadline
        self.now = max(self.now, running.deadline + after)

    def chosen(self, which: int) -> tuple[Sat, Attempt]:
        place = which % len(self.exam.sat)
        return self.exam.sat[place], Attempt.objects.get(number=place + 1)

    # --- The learner ------------------------------------------------------------------------------

    @rule(dice=st.integers(0, 99))
    def start(self, dice: int) -> None:
        exam, now = self.exam, self.now
        running = exam.running
        if running and running.is_over(now):
            exam.finish(running, now)
            running = None
        given: dict[str, Any] = {"enrolment": self.world.enrolment, "at": now, "rng": Random(dice)}
        if running is None and not exam.may_start(now):
            with pytest.raises(attempts.AttemptRefused):
                attempts.start(quiz=self.quiz, **given)
            return
        attempt = attempts.start(quiz=self.quiz, **given)
        if running is None:
            paper = tuple(slot.version for slot in attempt.paper)
            assert len(set(paper)) == 4
            exam.sat.append(Sat(now, exam.deadline(now), paper))
        assert attempt.number == len(exam.sat)

    @precondition(lambda self: self.exam.sat)
    @rule(which=which, batch=st.lists(changes, max_size=5))
    def save(self, which: int, batch: list[Change]) -> None:
        sat, attempt = self.chosen(which)
        saved = attempts.save_answers(
            attempt_id=attempt.pk,
            person_id=self.world.enrolment.person_id,
            changes=[attempts.RawChange(one.slot, one.seq, one.response) for one in batch],
            at=self.now,
        )
        slots = sorted(change.slot for change in newest(batch))
        if sat.save(batch, self.now):
            receipts = {receipt.slot: receipt.seq for receipt in saved.receipts}
            assert receipts == {slot: sat.answers[slot].seq for slot in slots}
            assert saved.late in ((), [])
        else:
            assert (saved.receipts, list(saved.late)) == ((), slots)

    @precondition(lambda self: self.exam.sat)
    @rule(which=which)
    def submit(self, which: int) -> None:
        sat, attempt = self.chosen(which)
        person_id = self.world.enrolment.person_id
        graded = attempts.finish(attempt_id=attempt.pk, at=self.now, person_id=person_id)
        self.exam.finish(sat, self.now)
        assert (graded.submitted_at, graded.score) == (sat.submitted_at, sat.score)

    @precondition(lambda self: self.exam.running and self.exam.running.deadline)
    @rule(batch=st.lists(changes, min_size=1, max_size=5))
    def answers_come_too_late(self, batch: list[Change]) -> None:
        self.the_deadline_comes(after=saving.GRACE + TICK)
        self.save(which=len(self.exam.sat) - 1, batch=batch)

    @precondition(lambda self: self.exam.running)
    @rule(batch=st.lists(changes, max_size=5), dice=st.integers(0, 99))
    def hand_in_and_try_again(self, batch: list[Change], dice: int) -> None:
        last = len(self.exam.sat) - 1
        self.save(which=last, batch=batch)
        self.submit(which=last)
        self.start(dice=dice)

    # --- The server and the staff -----------------------------------------------------------------

    @rule()
    def sweep(self) -> None:
        running = self.exam.running
        overdue = running is not None and running.is_over(self.now)
        assert attempts.finish_overdue(self.now) == overdue
        if running and overdue:
            self.exam.finish(running, self.now)
        assert accommodating.catch_up(self.now) == 0

    @precondition(lambda self: self.exam.sat)
    @rule(which=which)
    def restore(self, which: int) -> None:
        sat, attempt = self.chosen(which)
        given: dict[str, Any] = {
            "attempt_id": attempt.pk,
            "by": self.world.officer,
            "reason": REASON,
            "at": self.now,
        }
        if sat.submitted_at is None and not sat.is_over(self.now):
            with pytest.raises(restoring.RestoringRefused):
                restoring.restore(**given)
            return
        slots = restoring.restore(**given)
        self.exam.finish(sat, self.now)
        assert slots == self.exam.restore(sat)

    @rule(
        whom=st.sampled_from(["person", "agency", "run"]),
        minutes=st.sampled_from([0, 0, 10, 30]),
        more=st.sampled_from([0, 0, 1]),
        closes_in=st.sampled_from([None, 30, 240]),
    )
    def accommodate(self, whom: str, minutes: int, more: int, closes_in: int | None) -> None:
        enrolment = self.world.enrolment
        recipient = {
            "person": enrolment.person,
            "agency": enrolment.agency,
            "run": enrolment.run,
        }[whom]
        given: dict[str, Any] = {
            "quiz_id": self.quiz.pk,
            "by": self.world.officer,
            "reason": REASON,
            "at": self.now,
            "extra_minutes": minutes,
            "extra_attempts": more,
            "closes_at": self.now + timedelta(minutes=closes_in) if closes_in else None,
            whom: recipient,
        }
        means_nothing = minutes and self.exam.minutes is None
        if means_nothing or not (minutes or more or closes_in):
            with pytest.raises(accommodating.AccommodationRefused):
                accommodating.give(**given)
            return
        accommodating.give(**given)
        self.exam.given.append(Given(minutes, more, given["closes_at"]))
        self.exam.follow_terms()

    @precondition(lambda self: self.exam.given)
    @rule(which=which)
    def withdraw(self, which: int) -> None:
        standing = list(Accommodation.objects.standing().order_by("pk"))
        one = standing[which % len(standing)]
        accommodating.withdraw(accommodation_id=one.pk, by=self.world.officer, at=self.now)
        self.exam.given = [
            Given(other.extra_minutes, other.extra_attempts, other.closes_at)
            for other in standing
            if other != one
        ]

    @rule(closes_in=st.sampled_from([60, 240, None]))
    def close(self, closes_in: int | None) -> None:
        before = self.exam.closes_at
        closes_at = self.now + timedelta(minutes=closes_in) if closes_in else None
        opening.open_to_run(
            quiz_id=self.quiz.pk,
            run_id=self.world.enrolment.run_id,
            opens_at=None,
            closes_at=closes_at,
            at=self.now,
            by=self.world.officer,
        )
        self.exam.closes_at = closes_at
        if before and (closes_at is None or closes_at > before):
            self.exam.follow_terms()

    @rule(place=st.integers(0, 5), voids=st.booleans(), at_once=st.booleans())
    def correct(self, place: int, voids: bool, at_once: bool) -> None:
        """A key is put right; the grades follow at once or with the next regrade of its question"""
        exam, version = self.exam, sorted(self.exam.keys)[place]
        given: dict[str, Any] = {
            "version_id": version,
            "by": self.world.officer,
            "reason": REASON,
            "at": self.now,
        }
        if voids and exam.keys[version] is not None:
            correcting.void(**given)
            exam.keys[version] = None
        elif not voids:
            exam.keys[version] = not exam.keys[version]
            correcting.correct(body=truefalse.state(exam.keys[version]), **given)
        if at_once:
            self.regrade(place)

    @rule(place=st.integers(0, 5))
    def regrade(self, place: int) -> None:
        version = sorted(self.exam.keys)[place]
        begun = begin_regrade(version_id=version, reason=REASON, by=self.world.officer, at=self.now)
        while progress.carry_on(progress_id=begun.work_id, at=self.now):
            pass
        for sat in self.exam.sat:
            if sat.submitted_at and version in sat.paper:
                self.exam.regrade(sat)

    # --- What is always so ------------------------------------------------------------------------

    @invariant()
    def every_attempt_is_as_it_should_be(self) -> None:
        kept = list(Attempt.objects.order_by("number"))
        assert [one.number for one in kept] == list(range(1, len(self.exam.sat) + 1))
        for attempt, sat in zip(kept, self.exam.sat, strict=True):
            assert (attempt.started_at, attempt.deadline, attempt.submitted_at) == (
                sat.started_at,
                sat.deadline,
                sat.submitted_at,
            )
            assert tuple(slot.version for slot in attempt.paper) == sat.paper
            self.holds_what_it_acknowledged(attempt, sat)
            self.is_graded_by_what_it_holds(attempt, sat)

    def holds_what_it_acknowledged(self, attempt: Attempt, sat: Sat) -> None:
        held = attempt.answers.order_by("slot").values_list("slot", "seq", "response")
        assert list(held) == [
            (slot, change.seq, stored(change.response))
            for slot, change in sorted(sat.answers.items())
        ]
        evidence = attempt.late_answers.order_by("slot", "seq")
        assert list(evidence.values_list("slot", "seq", "response", "received_at")) == [
            (slot, seq, stored(change.response), at)
            for (slot, seq), (change, at) in sorted(sat.late.items())
        ]

    def is_graded_by_what_it_holds(self, attempt: Attempt, sat: Sat) -> None:
        if sat.submitted_at is None:
            assert attempt.score is attempt.passed is attempt.marks is None
        else:
            assert attempt.marks == ["1" if right else "0" for right in sat.rights]
            passed = sat.score * 100 >= self.exam.pass_percent * len(sat.paper)
            assert (attempt.score, attempt.passed) == (sat.score, passed)
        assert attempt.grade_revisions.count() == sat.revisions
        told = list(attempt.events.values_list("kind", flat=True))
        assert told.count(Kind.MORE_TIME) == sat.moves
        assert told.count(Kind.TIME_RESTORED) == sat.restorings

    @invariant()
    def the_result_is_the_one_that_stands(self) -> None:
        expected = self.exam.result()
        kept = list(AssessmentResult.objects.values_list("score", "passed", "decided_at"))
        enrolment = Enrolment.objects.get(pk=self.world.enrolment.pk)
        if expected is None:
            assert (kept, enrolment.completed_at) == ([], None)
        else:
            assert kept == [(expected.score, expected.passed, expected.decided_at)]
            assert bool(enrolment.completed_at) == expected.passed


@pytest.mark.django_db
@pytest.mark.parametrize("grade_method", Quiz.GradeMethod.values)
def test_an_exam_day_in_any_order_comes_to_what_it_should(grade_method: str) -> None:
    world = World.make()
    run_state_machine_as_test(
        lambda: ExamDay(world, grade_method),
        settings=settings(
            max_examples=DAYS,
            stateful_step_count=STEPS,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
