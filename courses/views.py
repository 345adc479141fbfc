"""The learner's pages of ``courses``; the catalogue, courses and lessons are Wagtail pages."""

import mimetypes

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from courses import learning, perms, streaming, waiting
from courses.models import CataloguePage, Clip, Enrolment, LessonPage
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
    person = person_id(request)
    cards = learning.cards(person_id=person)
    context = {
        "cards": [card for card in cards if card.step != "withdrawn"],
        "left": [card for card in cards if card.step == "withdrawn"],
        "requests": waiting.own_lines(person_id=person),
    }
    return render(request, "courses/mine.html", context)


def _own(request: HttpRequest, enrolment_id: int) -> Enrolment:
    own = Enrolment.objects.of_person(person_id(request))
    return get_object_or_404(
        own.select_related("run__course__page", "person__user"), pk=enrolment_id
    )


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
