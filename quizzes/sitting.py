"""What the pages before and after a test show."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses import asking
from courses.models import Assessment, CourseRun, Enrolment
from quizzes import papers
from quizzes.models import Attempt, Quiz


def before(*, quiz: Quiz, enrolment: Enrolment, at: datetime) -> dict[str, Any]:
    """Context of the page before a test: ``terms`` in words, ``earlier`` attempts, and whether
    one is ``open``, one ``passed``, how many are ``left``, or the run is ``closed``."""
    earlier = list(Attempt.objects.filter(quiz=quiz, enrolment=enrolment).defer("paper", "marks"))
    questions = quiz.sections.aggregate(questions=Sum("count"))["questions"] or 0
    left = max(0, quiz.attempts_allowed - len(earlier))
    return {
        "quiz": quiz,
        "enrolment": enrolment,
        "questions": questions,
        "terms": _terms(quiz=quiz, questions=questions, left=left),
        "earlier": earlier,
        "open": next((one for one in earlier if one.submitted_at is None), None),
        "passed": any(one.passed for one in earlier),
        "left": left,
        "closed": enrolment.run.state == CourseRun.State.CLOSED,
    }


def _terms(*, quiz: Quiz, questions: int, left: int) -> list[str]:
    """How many questions, how much time, how many attempts."""
    counted = ngettext("%(count)s question", "%(count)s questions", questions)
    time = (
        ngettext("%(count)s minute", "%(count)s minutes", quiz.minutes) % {"count": quiz.minutes}
        if quiz.minutes
        else _("no time limit")
    )
    attempts = ngettext("%(count)s attempt left", "%(count)s attempts left", left)
    return [counted % {"count": questions}, time, attempts % {"count": left}]


def after(*, attempt: Attempt) -> dict[str, Any]:
    """Context of the result page; ``in_time`` is False where the end of the time submitted."""
    enrolment = Enrolment.objects.select_related("run__course", "person").get(
        pk=attempt.enrolment_id
    )
    taken = Attempt.objects.filter(quiz=attempt.quiz_id, enrolment=enrolment).count()
    score, possible = attempt.score or Decimal(0), attempt.max_score
    notices = asking.enrolment_notices(enrolment)
    return {
        "attempt": attempt,
        "quiz": attempt.quiz,
        "enrolment": enrolment,
        "needed": possible * attempt.quiz.pass_percent / 100,
        "percent": int(score * 100 / possible) if possible else 0,
        "left": max(0, attempt.quiz.attempts_allowed - taken),
        "closed": enrolment.run.state == CourseRun.State.CLOSED,
        "in_time": attempt.deadline is None or attempt.submitted_at != attempt.deadline,
        "reviewed": papers.review(attempt),
        "notices": notices,
        "live": asking.any_live(notices),
    }


def action(assessment: Assessment, enrolment: Enrolment) -> asking.Action | None:
    """How the learner goes on with an assessment that is a quiz (hook ``assessment_action``)."""
    quiz = Quiz.objects.filter(assessment=assessment).first()
    if quiz is None:
        return None
    context = before(quiz=quiz, enrolment=enrolment, at=enrolment.enrolled_at)
    url = reverse("quizzes:quiz", args=[enrolment.pk, quiz.pk])
    if context["passed"]:
        return asking.Action(_("Passed"), url=url, done=True)
    detail = " · ".join(context["terms"])
    if context["open"]:
        return asking.Action(_("Go on with the test"), url=url, detail=detail)
    if context["closed"]:
        return asking.Action(_("The run is closed"), url=url)
    if not context["left"]:
        return asking.Action(_("No attempts left"), url=url)
    return asking.Action(_("Start the test"), url=url, detail=detail)
