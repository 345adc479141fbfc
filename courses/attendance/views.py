"""The learner's side of class meetings: checking in, and the calendar."""

import re

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.attendance import calendars, checking_in, lines, presenting
from courses.attendance.refusing import AttendanceRefused
from courses.attendance.throttling import too_many
from courses.models import Enrolment, Session
from people.sessions import person_id

_CODE = re.compile(r"[0-9]{6}")


@require_safe
@never_cache
def now(request: HttpRequest) -> HttpResponse:
    """The short address to type: leads to the one meeting that is open, or lists them."""
    found = lines.open_now(person_id=person_id(request), at=timezone.now())
    if len(found) == 1:
        return redirect("courses:check_in", found[0].session.pk)
    return render(request, "courses/attendance/now.html", {"lines": found})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def check_in(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """The page with the field for the six digits; a POST checks in."""
    found = _own(request, meeting_id)
    if found is None:
        return _not_yours(request)
    if request.method != "POST":
        return _page(request, *found)
    return _post(request, *found)


@require_safe
@never_cache
@login_not_required
def open_code(request: HttpRequest, meeting_id: int, code: str) -> HttpResponseBase:
    """What the QR on the screen opens: one thing to press. Nothing is entered by opening it."""
    response: HttpResponseBase
    if not request.user.is_authenticated:
        response = redirect_to_login(request.get_full_path())
    elif (found := _own(request, meeting_id)) is None:
        return _not_yours(request)
    else:
        response = _page(request, *found, code=code)
    presenting.remember(request, response, session_id=int(meeting_id), code=code, at=timezone.now())
    return response


def _own(request: HttpRequest, meeting_id: int) -> tuple[Session, Enrolment] | None:
    session = Session.objects.select_related("run__course").filter(pk=meeting_id).first()
    own = Enrolment.objects.of_person(person_id(request)).active().select_related("run")
    enrolment = own.filter(run=session.run_id).first() if session else None
    return (session, enrolment) if session and enrolment else None


def _not_yours(request: HttpRequest) -> HttpResponse:
    found = lines.open_now(person_id=person_id(request), at=timezone.now())
    context = {"lines": found, "not_yours": True}
    return render(request, "courses/attendance/now.html", context, status=404)


def _page(
    request: HttpRequest,
    session: Session,
    enrolment: Enrolment,
    *,
    code: str = "",
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    context = {
        "line": lines.of_meeting(session, enrolment, at=at),
        "session": session,
        "enrolment": enrolment,
        "code": code,
        "problem": problem,
    }
    return render(request, "courses/attendance/check_in.html", context, status=status)


def _post(request: HttpRequest, session: Session, enrolment: Enrolment) -> HttpResponse:
    code = "".join(request.POST.get("code", "")[:20].split())
    if not _CODE.fullmatch(code):
        problem = _("The code is the six digits on the screen.")
        return _page(request, session, enrolment, problem=problem, status=400)
    if too_many(request):
        problem = _("Tried too often. Please speak to the trainer.")
        return _page(request, session, enrolment, problem=problem, status=429)
    at = timezone.now()
    try:
        checking_in.check_in(
            enrolment_id=enrolment.pk,
            session_id=session.pk,
            code=code,
            code_at=presenting.presented_at(request, session_id=session.pk, code=code, at=at),
            at=at,
        )
    except AttendanceRefused as refused:
        return _page(request, session, enrolment, problem=str(refused), status=409)
    return redirect("courses:check_in", session.pk)


@require_safe
def calendar(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """The meetings of one run, for the learner's own calendar."""
    own = Enrolment.objects.of_person(person_id(request)).active()
    found = list(own.filter(pk=enrolment_id))
    if not found:
        raise Http404
    return _ics(found)


@require_safe
def calendar_of_all(request: HttpRequest) -> HttpResponse:
    """The meetings of all runs in which one is enrolled."""
    return _ics(list(Enrolment.objects.of_person(person_id(request)).active()))


def _ics(enrolments: list[Enrolment]) -> HttpResponse:
    response = HttpResponse(
        calendars.calendar(enrolments), content_type="text/calendar; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="lich-hoc.ics"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
