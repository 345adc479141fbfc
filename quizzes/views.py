"""Taking a test in the browser, with or without JavaScript, through the same verbs."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.models import Enrolment
from people.sessions import person_id
from quizzes import attempts, kinds, papers, sitting
from quizzes.api import own_attempt
from quizzes.models import Answer, Attempt, Quiz


def _own_enrolment(request: HttpRequest, enrolment_id: int) -> Enrolment:
    own = Enrolment.objects.of_person(person_id(request)).select_related("run__course", "person")
    return get_object_or_404(own, pk=enrolment_id)


def _quiz_of(enrolment: Enrolment, quiz_id: int) -> Quiz:
    """A quiz of the enrolment's own run; any other is 404."""
    asked = Quiz.objects.filter(assessment__in=enrolment.run.rules["assessments"])
    return get_object_or_404(asked.select_related("assessment"), pk=quiz_id)


@require_safe
def quiz(request: HttpRequest, enrolment_id: int, quiz_id: int) -> HttpResponse:
    """Before the test: questions, minutes, attempts left, earlier attempts."""
    enrolment = _own_enrolment(request, enrolment_id)
    found = _quiz_of(enrolment, quiz_id)
    context = sitting.before(quiz=found, enrolment=enrolment, at=timezone.now())
    return render(request, "quizzes/quiz.html", context)


@require_POST
def start(request: HttpRequest, enrolment_id: int, quiz_id: int) -> HttpResponse:
    """Start, or go back to the attempt that is open."""
    enrolment = _own_enrolment(request, enrolment_id)
    found = _quiz_of(enrolment, quiz_id)
    try:
        attempt = attempts.start(quiz=found, enrolment=enrolment, at=timezone.now())
    except attempts.AttemptRefused as refused:
        messages.error(
            request, _("Not done: %(reason)s Nothing was changed.") % {"reason": refused}
        )
        return redirect("quizzes:quiz", enrolment.pk, found.pk)
    return redirect("quizzes:attempt", attempt.pk)


# A paper of thirty questions is 60 KB of markup, which is felt on a slow line; packed it is 9.
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@gzip_page
def attempt(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """The paper. A plain POST saves; the button ``submit`` asks once more if questions are empty,
    unless ``?confirmed`` says that this was done."""
    found = own_attempt(request, attempt_id)
    now = timezone.now()
    if found.submitted_at:
        return redirect("quizzes:result", found.pk)
    if found.deadline and now > found.deadline + attempts.GRACE:
        attempts.finish(attempt_id=found.pk, at=now)
        return redirect("quizzes:result", found.pk)
    if request.method != "POST":
        return _paper(request, found)
    try:
        refused = _save(request.POST, found)
    except attempts.AttemptClosed:
        attempts.finish(attempt_id=found.pk, at=timezone.now())
        return redirect("quizzes:result", found.pk)
    if refused:
        return _paper(request, found, refused=refused, status=400)
    if request.POST.get("action") != "submit":
        messages.success(request, _("Your answers are saved."))
        return redirect("quizzes:attempt", found.pk)
    if "confirmed" not in request.GET and (empty := _empty(found)):
        return _paper(request, found, empty=empty)
    attempts.finish(attempt_id=found.pk, at=timezone.now())
    return redirect("quizzes:result", found.pk)


def _paper(
    request: HttpRequest,
    found: Attempt,
    *,
    refused: Mapping[int, papers.Refused] | None = None,
    empty: Sequence[int] = (),
    status: int = 200,
) -> HttpResponse:
    """The paper as it stands; with ``empty`` slots it asks whether to submit all the same."""
    context = {
        "attempt": found,
        "quiz": found.quiz,
        "slots": papers.slots(found, refused=refused),
        "server_time": timezone.now(),
        "refused": refused,
        "empty": empty,
    }
    return render(request, "quizzes/attempt.html", context, status=status)


def _save(data: Any, found: Attempt) -> dict[int, papers.Refused]:
    """Keep what the form holds, the whole paper; the answers that cannot be kept are returned.

    Each slot counts on from the number that is held. Unlike a batch of the API one bad entry
    does not hold back the rest: without JavaScript the rest is nowhere else.
    """
    known = dict(Answer.objects.filter(attempt=found).values_list("slot", "seq"))
    versions = attempts.versions_of(found)
    good, refused = [], {}
    for slot, entry in enumerate(found.paper, start=1):
        version = versions[entry["version"]]
        kind = kinds.get(version.kind)
        raw = kind.from_form(data, f"slot-{slot}")
        try:
            kind.clean(version.body, raw)
        except kinds.InvalidResponse as error:
            refused[slot] = papers.Refused(typed=str(raw), reason=str(error))
        else:
            good.append(attempts.RawChange(slot, known.get(slot, 0) + 1, raw))
    attempts.save_answers(attempt=found, changes=good, at=timezone.now())
    return refused


def _empty(found: Attempt) -> list[int]:
    """The slots without an answer."""
    answers = dict(Answer.objects.filter(attempt=found).values_list("slot", "response"))
    return [slot for slot in range(1, len(found.paper) + 1) if answers.get(slot) is None]


@require_safe
@never_cache
@gzip_page
def result(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """Passed or not, the mark, what may be reviewed, and what comes next."""
    found = own_attempt(request, attempt_id)
    if found.submitted_at is None:
        return redirect("quizzes:attempt", found.pk)
    return render(request, "quizzes/result.html", sitting.after(attempt=found))
