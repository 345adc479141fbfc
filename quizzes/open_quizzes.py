"""The tests of a person's runs that go on: which can be taken now, and why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum

from courses.models import CourseRun, Enrolment
from courses.running import offered
from quizzes import attempts, seeing, standing, terms
from quizzes.models import Accommodation, Attempt, Opening, Quiz


@dataclass(frozen=True)
class OpenQuiz:
    """A test under one enrolment. ``refusal`` says in words why no new attempt can start;
    ``passed`` is told only where the quiz shows the result."""

    quiz: Quiz
    enrolment: Enrolment
    agreed: terms.Terms
    questions: int
    left: int
    passed: bool
    running: Attempt | None
    refusal: str

    @property
    def can_start(self) -> bool:
        return self.running is None and not self.refusal


def of_person(*, person_id: int | None, at: datetime) -> list[OpenQuiz]:
    """By run and test. Five statements, however many there are."""
    enrolments = list(
        Enrolment.objects.of_person(person_id)
        .active()
        .filter(run__state__in=CourseRun.GOING_ON)
        .select_related("run__course")
        .order_by("pk")
    )
    return list(_of_enrolments(enrolments, at)) if enrolments else []


def _of_enrolments(enrolments: list[Enrolment], at: datetime) -> Iterator[OpenQuiz]:
    asked = {assessment for one in enrolments for assessment in offered(one.run)}
    taken = list(Attempt.objects.filter(enrolment__in=enrolments).order_by("number"))
    # Of a test that is withdrawn, who has begun finishes.
    begun = {(one.enrolment_id, one.quiz_id) for one in taken}
    quizzes = list(
        Quiz.objects.filter(assessment__in=asked)
        .filter(
            Q(published_at__isnull=False) | Q(pk__in={quiz_id for _enrolment, quiz_id in begun})
        )
        .select_related("assessment", "bank")
        .annotate(questions=Sum("sections__count"))
        .order_by("pk")
    )
    runs = {one.run_id for one in enrolments}
    openings = {
        (one.quiz_id, one.run_id): one
        for one in Opening.objects.filter(quiz__in=quizzes, run__in=runs)
    }
    wanted = Q(pk__in=[])
    for enrolment in enrolments:
        wanted |= terms.fits(enrolment)
    given = list(Accommodation.objects.standing().filter(wanted, quiz__in=quizzes))
    for enrolment in enrolments:
        for quiz in quizzes:
            shown = quiz.published_at or (enrolment.pk, quiz.pk) in begun
            if shown and quiz.assessment_id in offered(enrolment.run):
                agreed = terms.combine(
                    quiz,
                    opening=openings.get((quiz.pk, enrolment.run_id)),
                    given=[one for one in given if _is_for(one, quiz, enrolment)],
                )
                yield _open_quiz(quiz, enrolment, agreed, taken, at)


def _is_for(given: Accommodation, quiz: Quiz, enrolment: Enrolment) -> bool:
    """As ``terms.fits``, of rows at hand."""
    return given.quiz_id == quiz.pk and (
        given.person_id == enrolment.person_id
        or given.run_id == enrolment.run_id
        or (given.agency_id is not None and given.agency_id == enrolment.agency_id)
    )


def _is_told(submitted: Attempt, quiz: Quiz, enrolment: Enrolment, at: datetime) -> bool:
    """Whether the learner may know the result; asks only where that waits for the closing."""
    submitted.quiz, submitted.enrolment = quiz, enrolment
    return seeing.of(submitted, at).result


def _open_quiz(
    quiz: Quiz, enrolment: Enrolment, agreed: terms.Terms, taken: list[Attempt], at: datetime
) -> OpenQuiz:
    mine = [one for one in taken if (one.enrolment_id, one.quiz_id) == (enrolment.pk, quiz.pk)]
    # One whose time is over is graded by the next sweep, or by the next start.
    running = next(
        (o for o in mine if o.submitted_at is None and not attempts.is_over(o, at)), None
    )
    submitted = [one for one in mine if one.submitted_at]
    result = standing.standing(quiz, submitted)
    return OpenQuiz(
        quiz=quiz,
        enrolment=enrolment,
        agreed=agreed,
        # By the annotation above.
        questions=getattr(quiz, "questions", None) or 0,
        left=max(0, agreed.attempts - len(mine)),
        passed=bool(result and result.passed) and _is_told(submitted[-1], quiz, enrolment, at),
        running=running,
        refusal=attempts.reason_against(
            quiz=quiz, enrolment=enrolment, agreed=agreed, earlier=submitted, at=at
        ),
    )
