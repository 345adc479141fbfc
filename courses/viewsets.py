"""The staff's listings of courses and runs."""

from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.admin.widgets.button import Button, HeaderButton

from agencies.models import Phase
from courses import perms, revising
from courses.admin_views import CloseRun, OpenRun
from courses.enrolment_viewset import EnrolmentViewSet
from courses.forms import CourseForm, RunForm
from courses.models import Course, CourseRun
from courses.running import RunRefused
from jobs.staff_views import (
    NARROW,
    TICKED,
    ScopedDeleting,
    ScopedEditing,
    ScopedInspecting,
    ScopedListing,
    ScopedViewSet,
    fields,
)


class CourseViewSet(ScopedViewSet):
    model = Course
    name = "courses_taught"
    url_prefix = "courses"
    icon = "doc-full"
    offers = frozenset({"add", "edit", "history"})
    list_related = ("edition",)
    plain_fields = ("code", "title")
    list_filter = ("kind", "edition")
    list_display = ("title", "code", "kind", "edition", "hours")
    edit_handler = ObjectList(
        fields(
            "code",
            "title",
            "kind",
            "edition",
            "hours",
            "prerequisites",
            "watched_percent",
            "turn_lessons",
            "complete_lessons",
            "complete_tests",
            "teachers",
            prerequisites=TICKED,
        ),
        base_form_class=CourseForm,
    )

    def rows(self, user: Any) -> QuerySet[Course]:
        return perms.managed_courses(user=user)


def courses_managed(request: Any) -> QuerySet[Course]:
    return perms.managed_courses(user=request.user)


class RunFilters(WagtailFilterSet):
    course = django_filters.ModelChoiceFilter(label=_("Course"), queryset=courses_managed)
    phase = django_filters.ModelChoiceFilter(
        label=_("Phase of a programme"), queryset=Phase.objects.select_related("programme")
    )

    class Meta:
        model = CourseRun
        fields = ("state", "mode")


class RunListing(ScopedListing):
    def get_base_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_base_queryset().annotate(enrolled=Count("enrolments"))
        return found

    def get_delete_url(self, instance: CourseRun) -> str | None:
        draft = instance.state == CourseRun.State.DRAFT
        return super().get_delete_url(instance) if draft else None

    def get_list_more_buttons(self, instance: CourseRun) -> list[Any]:
        buttons: list[Any] = super().get_list_more_buttons(instance)
        return [*buttons, *steps(instance)] if self.user_has_permission("change") else buttons


def steps(run: CourseRun, kind: type[Button] = Button) -> list[Button]:
    """What can be done with a run in its state."""
    if run.state == CourseRun.State.DRAFT:
        label, view, icon = _("Open for enrolment"), "runs:open", "success"
    elif run.state == CourseRun.State.CLOSED:
        return []
    else:
        label, view, icon = _("Close the run"), "runs:close", "lock"
    return [kind(label, url=reverse(view, args=[run.pk]), icon_name=icon, priority=50)]


class RunEditing(ScopedEditing):
    @property
    def can_delete(self) -> bool:
        return self.object.state == CourseRun.State.DRAFT and bool(super().can_delete)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except RunRefused as refused:
            messages.error(self.request, str(refused))
            return redirect("runs:edit", self.object.pk)
        return answer


class RunDeleting(ScopedDeleting):
    def delete_action(self) -> None:
        revising.discard_draft(run_id=self.object.pk)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except RunRefused as refused:
            messages.error(self.request, str(refused))
            return redirect("runs:inspect", self.object.pk)
        return answer


class RunInspecting(ScopedInspecting):
    @property
    def header_buttons(self) -> list[Any]:
        return steps(self.object, HeaderButton) if self.user_has_permission("change") else []

    def get_delete_url(self) -> str | None:
        draft = self.object.state == CourseRun.State.DRAFT
        return super().get_delete_url() if draft else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        enrolments = self.object.enrolments
        return context | {
            "lessons": self.object.lessons.select_related("page"),
            "counts": enrolments.aggregate(
                enrolled=Count("pk"),
                turns=Count("pk", filter=Q(participated_at__isnull=False)),
                completed=Count("pk", filter=Q(completed_at__isnull=False)),
            ),
        }


class RunViewSet(ScopedViewSet):
    model = CourseRun
    name = "runs"
    icon = "group"
    index_view_class = RunListing
    edit_view_class = RunEditing
    delete_view_class = RunDeleting
    inspect_view_class = RunInspecting
    inspect_template_name = "courses/admin/run.html"
    offers = frozenset({"add", "edit", "delete", "inspect", "history"})
    list_related = ("course", "phase", "phase__programme")
    plain_fields = ("name",)
    filterset_class = RunFilters
    list_display = (
        "name",
        "course",
        "state",
        "starts_on",
        "ends_on",
        "phase",
        Column("enrolled", label=_("Enrolled"), sort_key="enrolled"),
    )
    list_export = (
        "name",
        "course",
        "get_mode_display",
        "get_state_display",
        "starts_on",
        "ends_on",
        "phase",
        "provider",
        "capacity",
        "enrolled",
    )
    labels = {
        "get_mode_display": _("Mode"),
        "get_state_display": _("State"),
        "enrolled": _("Enrolled"),
    }
    export_filename = "course-runs"
    inspect_view_fields = (
        "course",
        "state",
        "mode",
        "starts_on",
        "ends_on",
        "territory",
        "phase",
        "supplementary",
        "provider",
        "capacity",
        "opened_at",
    )
    edit_handler = ObjectList(
        fields(
            "course",
            "name",
            "mode",
            "starts_on",
            "ends_on",
            "territory",
            "phase",
            "supplementary",
            "provider",
            "capacity",
            course=NARROW,
            phase=NARROW,
            territory=NARROW,
        ),
        base_form_class=RunForm,
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("open/<int:pk>/", OpenRun.as_view(), name="open"),
            path("close/<int:pk>/", CloseRun.as_view(), name="close"),
        ]


class TrainingGroup(ModelViewSetGroup):
    menu_label = _("Training")
    menu_icon = "openquote"
    menu_order = 110
    items = (CourseViewSet, RunViewSet, EnrolmentViewSet)
