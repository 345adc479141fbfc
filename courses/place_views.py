"""The learner's way into a run and out of it: enrol, wait, take back, withdraw."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from courses import seating, waiting, withdrawing
from courses.enrolling import Asked, EnrolmentRefused, ask
from courses.models import CourseRun, Enrolment, EnrolmentRequest
from people.sessions import person_id


@require_POST
def enrol(request: HttpRequest, run_id: int) -> HttpResponse:
    """Enrol oneself, or ask for a place. A double click ends on the same page as one click."""
    person = request.user.person if request.user.is_authenticated else None
    if person is None:
        raise PermissionDenied(_("This account belongs to no person who could be enrolled."))
    try:
        answer = ask(person=person, run_id=run_id, at=timezone.now(), by=request.user)
    except CourseRun.DoesNotExist as missing:
        raise Http404 from missing
    except EnrolmentRefused as refused:
        run = CourseRun.objects.select_related("course__page").get(pk=run_id)
        _say_not_done(request, refused)
        return redirect(run.course.page.url)
    if isinstance(answer, Asked):
        messages.success(request, _received(answer.request))
        return redirect("courses:mine")
    at = timezone.localtime(answer.enrolment.enrolled_at)
    messages.success(
        request,
        _("Enrolled at %(time)s on %(date)s")
        % {"time": at.strftime("%H:%M"), "date": at.strftime("%d/%m/%Y")},
    )
    return redirect("courses:enrolment", answer.enrolment.pk)


@require_POST
def take_back(request: HttpRequest, request_id: int) -> HttpResponse:
    """Take back one's own request; one that is decided already stays as it is."""
    own = EnrolmentRequest.objects.of_person(person_id(request))
    found = get_object_or_404(own, pk=request_id)
    found = waiting.take_back(request_id=found.pk, at=timezone.now(), by=request.user)
    if found.state == EnrolmentRequest.State.CANCELLED:
        messages.success(request, _("The request was taken back."))
    else:
        messages.error(request, _("The request was decided meanwhile."))
    return redirect("courses:mine")


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """GET asks once more; POST ends the enrolment, and a second POST changes nothing."""
    own = Enrolment.objects.of_person(person_id(request)).select_related("run__course__page")
    enrolment = get_object_or_404(own, pk=enrolment_id)
    if request.method != "POST":
        if not withdrawing.may_leave_alone(enrolment):
            return redirect("courses:enrolment", enrolment.pk)
        return render(request, "courses/withdraw.html", {"enrolment": enrolment})
    try:
        withdrawing.withdraw(
            enrolment_id=enrolment.pk,
            at=timezone.now(),
            by=request.user,
            reason=_typed(request, "reason"),
        )
    except EnrolmentRefused as refused:
        _say_not_done(request, refused)
        return redirect("courses:enrolment", enrolment.pk)
    messages.success(request, _("You have withdrawn from “%(run)s”.") % {"run": enrolment.run})
    return redirect("courses:mine")


def _typed(request: HttpRequest, name: str) -> str:
    """Text of a field; PostgreSQL keeps no NUL."""
    return request.POST.get(name, "").replace("\x00", "")[:1000]


def _received(request: EnrolmentRequest) -> str:
    if place := seating.place_in_queue(request):
        return _("Place %(place)s on the waiting list") % {"place": place}
    return _("Asked for: the focal point of the agency decides.")


def _say_not_done(request: HttpRequest, refused: EnrolmentRefused) -> None:
    messages.error(request, _("Not done: %(reason)s Nothing was changed.") % {"reason": refused})
