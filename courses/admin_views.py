"""Opening and closing a run: asked once more, then done by POST, or refused with every reason."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.log_actions import log

from courses import running
from courses.models import CourseRun, LessonPage

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class RunStep(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """A step of a run that one may manage; anybody else's run is 404."""

    model = CourseRun
    permission_required = "change"
    template_name = "courses/admin/run_step.html"
    header_icon = "group"
    take: Callable[..., CourseRun]
    possible_in: frozenset[CourseRun.State]
    success_message: "StrOrPromise"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        mine = CourseRun.objects.visible_to(request.user).select_related("course")
        self.object = get_object_or_404(mine, pk=kwargs["pk"])

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("runs:index"), "label": _("Course runs")},
            {"url": reverse("runs:inspect", args=[self.object.pk]), "label": str(self.object)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"object": self.object}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.state not in self.possible_in:
            return redirect("runs:inspect", self.object.pk)
        answer: HttpResponse = super().get(request, *args, **kwargs)
        return answer

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            run = self.take(run_id=self.object.pk, at=timezone.now())
        except running.RunRefused as refused:
            context = self.get_context_data(reasons=refused.reasons)
            return self.render_to_response(context, status=409)
        if run.state != self.object.state:
            log(instance=run, action="wagtail.edit", user=request.user)
            messages.success(request, self.success_message % {"run": run})
        return redirect("runs:inspect", run.pk)


class OpenRun(RunStep):
    page_title = _("Open for enrolment")
    success_message = _("“%(run)s” is open: people can enrol.")
    take = staticmethod(running.open_run)
    possible_in = frozenset({CourseRun.State.DRAFT})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        page = getattr(self.object.course, "page", None)
        lessons = LessonPage.objects.child_of(page).live().order_by("path") if page else []
        return context | {"opening": True, "lessons": lessons}


class CloseRun(RunStep):
    page_title = _("Close the run")
    success_message = _("“%(run)s” is closed.")
    take = staticmethod(running.close_run)
    possible_in = frozenset({CourseRun.State.OPEN, CourseRun.State.RUNNING})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        going = self.object.enrolments.filter(completed_at__isnull=True).count()
        return context | {"going": going}
