"""What the pages before and after a test show."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from courses import asking
from courses.models import Assessment, Enrolment
from quizzes import attempts, papers
from quizzes.models import Attempt, Quiz


def before(*, quiz: Quiz, enrolment: Enrolment, at: datetime) -> dict[str, Any]:
    """Context of the page before a test."""
    earlier = list(
        Attempt.objects.filter(quiz=quiz, enrolment=enrolment).defer("paper", "marks")
    )
    sums = quiz.sections.aggregate(questions=Sum("count"))
    return {
        "quiz": quiz,
        "enrolment": enrolment,
        "questions": sums["questions"] or 0,
        "earlier": earlier,
        "open": next((one for one in earlier if one.submitted_at is None), None),
        "passed": any(one.passed for one in earlier),
        "left": max(0, quiz.attempts_allowed - len(earlier)),
    }


def after(*, attempt: Attempt) -> dict[str, Any]:
    """Context of the result page."""
    enrolment = Enrolment.objects.select_related("run__course", "person").get(
        pk=attempt.enrolment_id
    )
    taken = Attempt.objects.filter(quiz=attempt.quiz_id, enrolment=enrolment).count()
    needed = attempt.max_score * attempt.quiz.pass_percent / Decimal(100)
    percent = int(attempt.score * 100 / attempt.max_score) if attempt.max_score else 0
    return {
        "attempt": attempt,
        "quiz": attempt.quiz,
        "enrolment": enrolment,
        "needed": needed.normalize(),
        "percent": percent,
        "left": max(0, attempt.quiz.attempts_allowed - taken),
        "reviewed": papers.review(attempt),
        "notices": asking.enrolment_notices(enrolment),
        "grace_seconds": int(attempts.GRACE.total_seconds()),
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
    detail = _("%(questions)s questions · %(minutes)s minutes · %(left)s attempts left") % {
        "questions": context["questions"],
        "minutes": quiz.minutes or "∞",
        "left": context["left"],
    }
    if context["open"]:
        return asking.Action(_("Go on with the test"), url=url, detail=detail)
    if not context["left"]:
        return asking.Action(_("No attempts left"), detail=detail)
    return asking.Action(_("Start the test"), url=url, detail=detail)
