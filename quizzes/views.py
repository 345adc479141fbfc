"""Taking a test in the browser, with or without JavaScript, through the same verbs."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.models import Enrolment
from courses.running import offered
from jobs.compiled import Compiled, Given
from people.sessions import by_session, person_id
from quizzes import attempts, kinds, markup, papers, saving, sitting
from quizzes.api import own_attempt
from quizzes.models import Attempt, Quiz


def _own_enrolment(request: HttpRequest, enrolment_id: int) -> Enrolment:
    own = Enrolment.objects.of_person(person_id(request)).select_related("run__course", "person")
    return get_object_or_404(own, pk=enrolment_id)


def _quiz_of(enrolment: Enrolment, quiz_id: int) -> Quiz:
    """A quiz of the enrolment's own run, published or begun; any other is 404."""
    asked = Quiz.objects.published_or_begun(enrolment).filter(assessment__in=offered(enrolment.run))
    return get_object_or_404(asked.select_related("assessment", "bank"), pk=quiz_id)


@by_session
@require_safe
def quiz(request: HttpRequest, enrolment_id: int, quiz_id: int) -> HttpResponse:
    """Before the test: questions, minutes, attempts left, earlier attempts."""
    enrolment = _own_enrolment(request, enrolment_id)
    found = _quiz_of(enrolment, quiz_id)
    context = sitting.before(quiz=found, enrolment=enrolment, at=timezone.now())
    return render(request, "quizzes/quiz.html", context)


_STARTABLE = Compiled(
    lambda: (
        Quiz.objects.published_or_begun(Given("enrolment"))
        .filter(pk=Given("quiz"))
        .select_related("bank")
    )
)


@by_session
@require_POST
def start(request: HttpRequest, enrolment_id: int, quiz_id: int) -> HttpResponse:
    """Start, or go back to the attempt that is open."""
    found = _STARTABLE.first(quiz=quiz_id, enrolment=enrolment_id)
    if found is None:
        raise Http404
    try:
        attempt = attempts.start(
            quiz=found,
            enrolment=Enrolment(pk=enrolment_id),
            person_id=person_id(request) or 0,
            at=timezone.now(),
            class_code=request.POST.get("class_code", ""),
        )
    except (Enrolment.DoesNotExist, attempts.NotOffered) as error:
        raise Http404 from error
    except attempts.AttemptRefused as refused:
        messages.error(
            request, _("Not done: %(reason)s Nothing was changed.") % {"reason": refused}
        )
        return redirect("quizzes:quiz", enrolment_id, found.pk)
    return redirect("quizzes:attempt", attempt.pk)


# A paper of thirty questions is 60 KB of markup, which is felt on a slow line; packed it is 9.
@by_session
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@gzip_page
def attempt(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """The paper. A plain POST saves; the button ``submit`` asks once more if questions are empty,
    unless ``?confirmed`` says that this was done."""
    found = own_attempt(request, attempt_id)
    ended = found.submitted_at is not None or attempts.is_over(found, timezone.now())
    if request.method != "POST":
        return _ended(found) if ended else _paper(request, found)
    saved, refused, elsewhere = _save(request, found)
    if saved.late:
        messages.warning(request, _("Received after the deadline: kept as evidence, not graded."))
    if ended or saved.late:
        return _ended(found)
    if refused or elsewhere:
        status = 400 if refused else 409
        return _paper(request, found, refused=refused, elsewhere=elsewhere, status=status)
    if request.POST.get("action") != "submit":
        messages.success(request, _("Your answers are saved."))
        return redirect("quizzes:attempt", found.pk)
    if "confirmed" not in request.GET and (empty := _empty(found)):
        return _paper(request, found, empty=empty)
    attempts.finish(attempt_id=found.pk, at=timezone.now())
    return redirect("quizzes:result", found.pk)


def _ended(found: Attempt) -> HttpResponse:
    """To the result; where the end of the time submits, that is done now."""
    if found.submitted_at is None:
        attempts.finish(attempt_id=found.pk, at=timezone.now(), overdue_only=True)
    return redirect("quizzes:result", found.pk)


def _paper(
    request: HttpRequest,
    found: Attempt,
    *,
    refused: Mapping[int, papers.Refused] | None = None,
    elsewhere: Sequence[int] = (),
    empty: Sequence[int] = (),
    status: int = 200,
) -> HttpResponse:
    """The paper as it stands; with ``empty`` slots it asks whether to submit all the same."""
    context = {
        "attempt": found,
        "quiz": found.quiz,
        "questions": markup.questions(papers.slots(found, refused=refused)),
        "server_time": timezone.now(),
        "refused": refused,
        "elsewhere": elsewhere,
        "empty": empty,
    }
    return render(request, "quizzes/attempt.html", context, status=status)


def _save(
    request: HttpRequest, found: Attempt
) -> tuple[saving.Saved, dict[int, papers.Refused], list[int]]:
    """Keep what the form holds, the whole paper. Returned are the answers that cannot be kept, and
    the slots answered elsewhere after the form was written: a form left open, which shows an older
    answer or none, says nothing against a newer one.

    Each slot that changed counts on from the number that is held, and like a device by the clock,
    so that what is newer wins. Unlike a batch of the API one bad entry does not hold back the
    rest: without JavaScript the rest is nowhere else.
    """
    now = timezone.now()
    milliseconds = int(now.timestamp() * 1000)
    held = papers.held(found)
    versions = attempts.versions_of(found.paper)
    good, refused, elsewhere = [], {}, []
    for slot, entry in enumerate(found.paper, start=1):
        version = versions[entry.version]
        kind = kinds.get(version.kind)
        raw = kind.from_form(request.POST, f"slot-{slot}")
        known = held.get(slot, papers.NOT_ANSWERED)
        try:
            response = kind.clean(version.body, raw)
        except kinds.InvalidResponse as error:
            refused[slot] = papers.Refused(typed=str(raw), reason=str(error))
        else:
            if response == known.response:
                continue
            if request.POST.get(f"slot-{slot}-seq", str(known.seq)) != str(known.seq):
                elsewhere.append(slot)
            else:
                seq = max(known.seq + 1, milliseconds)
                good.append(attempts.RawChange(slot, seq, response))
    saved = attempts.save_answers(
        attempt_id=found.pk,
        person_id=person_id(request) or 0,
        changes=good,
        at=now,
    )
    return saved, refused, elsewhere


def _empty(found: Attempt) -> list[int]:
    """The slots without an answer."""
    answers = papers.held(found)
    everything = range(1, len(found.paper) + 1)
    return [slot for slot in everything if answers.get(slot, papers.NOT_ANSWERED).response is None]


_REVIEWED = Compiled(
    lambda: Attempt.objects.filter(
        pk=Given("attempt"), enrolment__person=Given("person")
    ).select_related(
        "quiz__assessment", "quiz__bank", "enrolment__run__course", "enrolment__person"
    )
)


@by_session
@require_safe
@never_cache
@gzip_page
def result(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """Passed or not, the mark, what may be reviewed, and what comes next."""
    found = _REVIEWED.first(attempt=attempt_id, person=person_id(request) or 0)
    if found is None:
        raise Http404
    if found.submitted_at is None:
        return redirect("quizzes:attempt", found.pk)
    return render(request, "quizzes/result.html", sitting.after(attempt=found, at=timezone.now()))
