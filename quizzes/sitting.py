"""What the pages before and after a test show."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses import asking
from courses.models import Assessment, CourseRun, Enrolment
from quizzes import attempts, markup, papers, seeing, standing, terms
from quizzes.models import Attempt, Quiz


def before(*, quiz: Quiz, enrolment: Enrolment, at: datetime) -> dict[str, Any]:
    """Context of the page before a test: ``terms`` in words, ``earlier`` attempts, the one that is
    ``open``, and else the ``refusal`` why none can start now. A test that is ``done`` is said to be
    ``passed`` only where the quiz shows the result."""
    taken = Attempt.objects.filter(quiz=quiz, enrolment=enrolment).order_by("number")
    earlier = list(taken)
    for one in earlier:
        if one.submitted_at is None and attempts.is_over(one, at):
            attempts.finish(attempt_id=one.pk, at=at, overdue_only=True)
            earlier = list(taken.all())
    open_now = next((one for one in earlier if one.submitted_at is None), None)
    agreed = terms.of(quiz, enrolment)
    questions = quiz.sections.aggregate(questions=Sum("count"))["questions"] or 0
    left = max(0, agreed.attempts - len(earlier))
    result = standing.standing(quiz, earlier)
    done = bool(result and result.passed)
    submitted = [(one, seeing.of(one, at)) for one in earlier if one.submitted_at]
    return {
        "quiz": quiz,
        "enrolment": enrolment,
        "questions": questions,
        "terms": _terms(minutes=agreed.minutes, questions=questions, left=left),
        "agreed": agreed,
        "earlier": submitted,
        "open": open_now,
        "done": done,
        "passed": done and any(seen.result for _one, seen in submitted),
        "refusal": ""
        if open_now
        else attempts.reason_against(
            quiz=quiz, enrolment=enrolment, agreed=agreed, earlier=earlier, at=at
        ),
        "left": left,
    }


def _terms(*, minutes: int | None, questions: int, left: int) -> list[str]:
    """How many questions, how much time, how many attempts."""
    counted = ngettext("%(count)s question", "%(count)s questions", questions)
    time = (
        ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
        if minutes
        else _("no time limit")
    )
    attempts = ngettext("%(count)s attempt left", "%(count)s attempts left", left)
    return [counted % {"count": questions}, time, attempts % {"count": left}]


def after(*, attempt: Attempt, at: datetime) -> dict[str, Any]:
    """Context of the result page; ``in_time`` is False where the end of the time submitted.

    The attempt comes with its quiz, bank, enrolment and run. ``seen`` says what may be shown.
    """
    enrolment = attempt.enrolment
    score, possible = attempt.score or Decimal(0), attempt.max_score
    notices = asking.enrolment_notices(enrolment)
    seen = seeing.of(attempt, at)
    waiting = attempt.score is None
    reviewed = papers.review(attempt) if seen.anything else []
    return {
        "attempt": attempt,
        "quiz": attempt.quiz,
        "enrolment": enrolment,
        "seen": seen,
        "waiting": waiting,
        "needed": possible * attempt.quiz.pass_percent / 100,
        "percent": int(score * 100 / possible) if possible else 0,
        "next": None if attempt.passed or waiting else _next(attempt, at),
        "in_time": attempt.deadline is None or attempt.submitted_at != attempt.deadline,
        "reviewed": reviewed,
        "parts": markup.review(reviewed, seen),
        "notices": notices,
        "live": asking.any_live(notices),
    }


@dataclass(frozen=True)
class Next:
    """Whether the learner can try again: how many are ``left``, from when, or why not."""

    left: int
    refusal: str


def _next(attempt: Attempt, at: datetime) -> Next:
    quiz, enrolment = attempt.quiz, attempt.enrolment
    agreed = terms.of(quiz, enrolment)
    earlier = list(Attempt.objects.filter(quiz=quiz, enrolment=enrolment))
    submitted = [one for one in earlier if one.submitted_at]
    return Next(
        left=max(0, agreed.attempts - len(earlier)),
        refusal=attempts.reason_against(
            quiz=quiz, enrolment=enrolment, agreed=agreed, earlier=submitted, at=at
        ),
    )


def pass_percent(assessment: Assessment) -> int | None:
    """The pass mark of an assessment that is a quiz, on paper too (hook ``pass_percent``)."""
    return Quiz.objects.filter(assessment=assessment).values_list("pass_percent", flat=True).first()


def begun(run: CourseRun) -> set[int]:
    """The assessments that somebody in the run has begun to sit (hook ``begun_assessments``)."""
    sat = Attempt.objects.filter(enrolment__run=run).order_by()
    return set(sat.values_list("quiz__assessment", flat=True).distinct())


def action(assessment: Assessment, enrolment: Enrolment) -> asking.Action | None:
    """How the learner goes on with an assessment that is a quiz (hook ``assessment_action``)."""
    asked = Quiz.objects.published_or_begun(enrolment).filter(assessment=assessment)
    quiz = asked.select_related("bank").first()
    if quiz is None:
        return None
    context = before(quiz=quiz, enrolment=enrolment, at=timezone.now())
    url = reverse("quizzes:quiz", args=[enrolment.pk, quiz.pk])
    if context["done"]:
        said = _("Passed") if context["passed"] else _("Taken")
        return asking.Action(said, url=url, done=True)
    detail = " · ".join(context["terms"])
    if context["open"]:
        return asking.Action(_("Go on with the test"), url=url, detail=detail)
    if context["refusal"]:
        return asking.Action(context["refusal"], url=url, link=_("To the test"))
    return asking.Action(_("Start the test"), url=url, detail=detail)
