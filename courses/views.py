"""The learner's pages of ``courses``; the catalogue, courses and lessons are Wagtail pages."""

import mimetypes

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from courses import learning, perms, streaming
from courses.enrolling import EnrolmentRefused
from courses.enrolling import enrol as enrol_person
from courses.models import CataloguePage, Clip, CourseRun, Enrolment, LessonPage
from people.sessions import person_id


@require_safe
@login_not_required
def catalogue(request: HttpRequest) -> HttpResponse:
    """A stable name for the catalogue, wherever the editors have put its page."""
    page = CataloguePage.objects.live().first()
    if page is None:
        raise Http404
    return redirect(page.url)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """*Khóa học của tôi*."""
    cards = learning.cards(person_id=person_id(request))
    return render(request, "courses/mine.html", {"cards": cards})


@require_POST
def enrol(request: HttpRequest, run_id: int) -> HttpResponse:
    """Enrol oneself. A double click ends on the same page as one click."""
    person = request.user.person if request.user.is_authenticated else None
    if person is None:
        raise PermissionDenied(_("This account belongs to no person who could be enrolled."))
    try:
        enrolled = enrol_person(person=person, run_id=run_id, at=timezone.now(), by=request.user)
    except CourseRun.DoesNotExist as missing:
        raise Http404 from missing
    except EnrolmentRefused as refused:
        run = CourseRun.objects.select_related("course__page").get(pk=run_id)
        messages.error(
            request, _("Not done: %(reason)s Nothing was changed.") % {"reason": refused}
        )
        return redirect(run.course.page.url)
    at = timezone.localtime(enrolled.enrolment.enrolled_at)
    messages.success(
        request,
        _("Enrolled at %(time)s on %(date)s")
        % {"time": at.strftime("%H:%M"), "date": at.strftime("%d/%m/%Y")},
    )
    return redirect("courses:enrolment", enrolled.enrolment.pk)


def _own(request: HttpRequest, enrolment_id: int) -> Enrolment:
    own = Enrolment.objects.of_person(person_id(request))
    return get_object_or_404(own.select_related("run__course__page"), pk=enrolment_id)


@require_safe
def enrolment(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """One enrolment: its lessons, tests, rules and what is still missing."""
    found = _own(request, enrolment_id)
    return render(request, "courses/enrolment.html", learning.overview(enrolment=found))


@require_safe
def next_step(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """Go to the next thing to do in this enrolment."""
    return redirect(learning.next_url(enrolment=_own(request, enrolment_id)))


@require_safe
def clip(request: HttpRequest, clip_id: int) -> HttpResponseBase:
    """A lesson's video, for those who may open a lesson that shows it."""
    found = get_object_or_404(Clip, pk=clip_id)
    if not _may_watch(request, found):
        raise Http404
    kind = mimetypes.guess_type(found.file.name)[0] or "application/octet-stream"
    try:
        return streaming.stream(
            request=request, storage=found.file.storage, name=found.file.name, content_type=kind
        )
    except FileNotFoundError as missing:
        raise Http404 from missing


def _may_watch(request: HttpRequest, found: Clip) -> bool:
    if request.user.has_perm("courses.change_clip"):
        return True
    shown_in = LessonPage.objects.filter(clip=found)
    return any(perms.may_open_lesson(user=request.user, lesson=lesson) for lesson in shown_in)


@require_safe
def captions(request: HttpRequest, page_id: int) -> HttpResponse:
    """The lesson's captions as WebVTT."""
    page = get_object_or_404(LessonPage, pk=page_id)
    if not perms.may_open_lesson(user=request.user, lesson=page):
        raise Http404
    return HttpResponse(page.captions, content_type="text/vtt; charset=utf-8")
