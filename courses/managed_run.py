"""Staff pages about one run: for its trainers and DOST officers; anybody else's run is 404."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from courses.models import CourseRun


class ManagedRunPage(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """A page about a run that was opened, which ``run_id`` in its address names.

    ``drafts_too`` admits a run that is still a draft;
    ``trail`` adds steps to the breadcrumbs between the run and the page.
    """

    model: type[Model] = CourseRun
    permission_required = "change"
    header_icon = "group"
    drafts_too = False
    run: CourseRun

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        mine = CourseRun.objects.visible_to(request.user)
        if not self.drafts_too:
            mine = mine.exclude(state=CourseRun.State.DRAFT)
        self.run = get_object_or_404(
            mine.select_related("course__page", "phase"), pk=kwargs["run_id"]
        )

    def trail(self) -> list[tuple[str, str]]:
        return []

    def get_page_subtitle(self) -> str:
        return str(self.run)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        between = [
            (reverse("runs:index"), _("Course runs")),
            (reverse("runs:inspect", args=[self.run.pk]), str(self.run)),
            *self.trail(),
            ("", self.get_page_title()),
        ]
        return [*self.breadcrumbs_items, *({"url": url, "label": name} for url, name in between)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"run": self.run}
