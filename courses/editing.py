"""Who edits which page of the catalogue, and which page cannot go: asked by Wagtail's editor."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.models import Page, PagePermissionTester
from wagtailmedia.views import media

from courses import perms
from courses.models import Assessment, Clip, CoursePage, CourseRun, LessonPage, RunLesson


class TaughtPagePermissions(PagePermissionTester):
    """What the group may do in the catalogue, for the courses one teaches; nothing for others."""

    def __init__(self, user: Any, page: Any) -> None:
        super().__init__(user, page)
        unlimited = user.is_superuser or perms.may_edit_page(user=user, page=page)
        if user.is_active and not unlimited:
            self.permissions: set[str] = set()

    def can_copy(self) -> bool:
        """A course has one page, so that page cannot be copied."""
        return not isinstance(self.page, CoursePage) and bool(super().can_copy())


def kept_under(pages: list[Any]) -> list[Any]:
    """The pages, among these and all beneath them, that runs or evidence of learning rest on."""
    beneath = Q(pk__in=[])
    for page in pages:
        beneath |= Q(path__startswith=page.path)
    lessons = LessonPage.objects.filter(
        Exists(RunLesson.objects.filter(page=OuterRef("pk")))
        | Exists(Assessment.objects.filter(lesson=OuterRef("pk")))
    )
    courses = CoursePage.objects.filter(Exists(CourseRun.objects.filter(course=OuterRef("course"))))
    kept = Q(pk__in=lessons.values("pk")) | Q(pk__in=courses.values("pk"))
    return list(Page.objects.filter(beneath & kept).order_by("path"))


def keep_page(request: HttpRequest, page: Any) -> HttpResponse | None:
    """Wagtail's ``before_delete_page``: refuse what is kept, and offer to unpublish."""
    kept = kept_under([page])
    if not kept:
        return None
    offer = reverse("wagtailadmin_pages:unpublish", args=[page.pk]) if page.live else ""
    _refuse(request, kept, offer)
    return redirect("wagtailadmin_explore", page.get_parent().pk)


def keep_pages(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> HttpResponse | None:
    """Wagtail's ``before_bulk_action``: the same for several pages at once; none is deleted."""
    if action_type != "delete" or not all(isinstance(one, Page) for one in objects):
        return None
    kept = kept_under(objects)
    if not kept:
        return None
    live = [("id", page.pk) for page in objects if page.live]
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])
    offer = f"{address}?{urlencode([*live, ('next', action.next_url)])}" if live else ""
    _refuse(request, kept, offer)
    return redirect(action.next_url)


def _refuse(request: HttpRequest, kept: list[Any], offer: str) -> None:
    titles = "; ".join(page.title for page in kept[:5]) + ("…" if len(kept) > 5 else "")
    reason = _(
        "Not deleted: course runs and evidence of learning rest on %(pages)s. Nothing was changed."
    ) % {"pages": titles}
    if offer:
        reason = _("%(reason)s You can unpublish instead: the evidence stays.") % {"reason": reason}
    buttons = [messages.button(offer, _("Unpublish instead"))] if offer else []
    messages.error(request, reason, buttons=buttons)


def delete_clip(request: HttpRequest, media_id: int) -> HttpResponse:
    """Before wagtailmedia's own view: a clip that a lesson shows stays; which lesson is said."""
    clip = get_object_or_404(Clip, pk=media_id)
    policy = media.permission_checker.policy
    if not policy.user_has_permission_for_instance(request.user, "delete", clip):
        raise PermissionDenied
    lessons = LessonPage.objects.filter(clip=clip).order_by("path")
    if not lessons:
        answer: HttpResponse = media.delete(request, media_id)
        return answer
    reason = _("Not deleted: the clip is shown in %(lessons)s. Nothing was changed.") % {
        "lessons": "; ".join(lesson.title for lesson in lessons)
    }
    buttons = [
        messages.button(reverse("wagtailadmin_pages:edit", args=[lesson.pk]), lesson.title)
        for lesson in lessons[:3]
        if lesson.permissions_for_user(request.user).can_edit()
    ]
    messages.error(request, reason, buttons=buttons)
    return redirect("wagtailmedia:edit", media_id)
