"""Taking a test in the browser, with or without JavaScript, through the same verbs."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from courses.models import Enrolment
from people.sessions import person_id
from quizzes import attempts, kinds, papers, sitting
from quizzes.api import own_attempt
from quizzes.models import Answer, Attempt, Quiz


def _own_enrolment(request: HttpRequest, enrolment_id: int) -> Enrolment:
    own = Enrolment.objects.of_person(person_id(request)).select_related("run__course", "person")
    return get_object_or_404(own, pk=enrolment_id)


@require_safe
def quiz(request: HttpRequest, enrolment_id: int, quiz_id: int) -> HttpResponse:
    """Before the test: questions, minutes, attempts left, earlier attempts."""
    enrolment = _own_enrolment(request, enrolment_id)
    found = get_object_or_404(Quiz.objects.select_related("assessment"), pk=quiz_id)
    context = sitting.before(quiz=found, enrolment=enrolment, at=timezone.now())
    return render(request, "quizzes/quiz.html", context)


@require_POST
def start(request: HttpRequest, enrolment_id: int, quiz_id: int) -> HttpResponse:
    """Start, or go back to the attempt that is open."""
    enrolment = _own_enrolment(request, enrolment_id)
    found = get_object_or_404(Quiz, pk=quiz_id)
    try:
        attempt = attempts.start(quiz=found, enrolment=enrolment, at=timezone.now())
    except attempts.AttemptRefused as refused:
        messages.error(
            request, _("Not done: %(reason)s Nothing was changed.") % {"reason": refused}
        )
        return redirect("quizzes:quiz", enrolment.pk, found.pk)
    return redirect("quizzes:attempt", attempt.pk)


@never_cache
def attempt(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """The paper. A plain POST saves, and submits if that button was pressed."""
    found = own_attempt(request, attempt_id)
    now = timezone.now()
    if found.submitted_at:
        return redirect("quizzes:result", found.pk)
    if found.deadline and now > found.deadline + attempts.GRACE:
        attempts.finish(attempt_id=found.pk, at=now)
        return redirect("quizzes:result", found.pk)
    problem = _post(request, found) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        if request.POST.get("action") == "submit":
            attempts.finish(attempt_id=found.pk, at=timezone.now())
            return redirect("quizzes:result", found.pk)
        messages.success(request, _("Your answers are saved."))
        return redirect("quizzes:attempt", found.pk)
    context = {
        "attempt": found,
        "quiz": found.quiz,
        "slots": papers.slots(found),
        "server_time": now,
        "problem": problem,
    }
    return render(request, "quizzes/attempt.html", context, status=400 if problem else 200)


def _post(request: HttpRequest, found: Attempt) -> str:
    """Save the form's answers; returns the reason in words where they cannot be used."""
    known = dict(Answer.objects.filter(attempt=found).values_list("slot", "seq"))
    try:
        changes = list(_changes(request.POST, found, known))
        attempts.save_answers(attempt=found, changes=changes, at=timezone.now())
    except (attempts.BadAnswer, attempts.UnknownSlot) as error:
        return str(error)
    except attempts.AttemptClosed:
        attempts.finish(attempt_id=found.pk, at=timezone.now())
    return ""


def _changes(data: Any, found: Attempt, known: dict[int, int]) -> Any:
    """The form holds the whole paper; each slot counts on from the number that is held."""
    versions = attempts.versions_of(found)
    for slot, entry in enumerate(found.paper, start=1):
        kind = kinds.get(versions[entry["version"]].kind)
        raw = kind.from_form(data, f"slot-{slot}")
        yield attempts.RawChange(slot, known.get(slot, 0) + 1, raw)


@require_safe
@never_cache
def result(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """Passed or not, the mark, what may be reviewed, and what comes next."""
    found = own_attempt(request, attempt_id)
    if found.submitted_at is None:
        return redirect("quizzes:attempt", found.pk)
    return render(request, "quizzes/result.html", sitting.after(attempt=found))
