"""The staff's listing of runs: how full, how far; and the pages of one run."""

from typing import Any

import django_filters
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import OuterRef, QuerySet
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button

from agencies.models import AdministrativeUnit, Phase
from courses import admin_views, perms, revising, run_page
from courses.models import Course, CourseRun, Enrolment
from courses.run_forms import RunForm
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
from jobs.subqueries import how_many

State = CourseRun.State


def courses_managed(request: Any) -> QuerySet[Course]:
    return perms.managed_courses(user=request.user)


class RunFilters(WagtailFilterSet):
    course = django_filters.ModelChoiceFilter(label=_("Course"), queryset=courses_managed)
    phase = django_filters.ModelChoiceFilter(
        label=_("Phase of a programme"), queryset=Phase.objects.select_related("programme")
    )
    territory = django_filters.ModelChoiceFilter(
        label=_("Territory"),
        queryset=AdministrativeUnit.objects.filter(courserun__isnull=False).distinct(),
    )
    starts_on = django_filters.DateFromToRangeFilter(
        label=_("First day"), widget=DateRangePickerWidget
    )

    class Meta:
        model = CourseRun
        fields = ("state", "mode", "supplementary")


def with_counts(runs: Any) -> Any:
    """Adds ``enrolled`` and ``withdrawn``, ``turns``, ``completed`` and who is ``late``."""
    enrolments = Enrolment.objects.filter(run=OuterRef("pk"))
    late = enrolments.active().filter(
        completed_at__isnull=True, run__ends_on__lt=timezone.localdate()
    )
    return runs.annotate(
        enrolled=how_many(enrolments.active(), per="run"),
        withdrawn=how_many(enrolments.filter(withdrawn_at__isnull=False), per="run"),
        late=how_many(late, per="run"),
        turns=how_many(enrolments.filter(participated_at__isnull=False), per="run"),
        completed=how_many(enrolments.filter(completed_at__isnull=False), per="run"),
    )


def days_in_words(run: CourseRun) -> str:
    first, last = (date_format(day, "SHORT_DATE_FORMAT") for day in (run.starts_on, run.ends_on))
    return f"{first} – {last}"


def seats_in_words(run: Any) -> str:
    """How many of the seats are taken."""
    taken = intcomma(run.enrolled)
    return f"{taken}/{intcomma(run.capacity)}" if run.capacity else taken


class ProgressColumn(Column):
    """A bar of who has completed, among those enrolled."""

    cell_template_name = "courses/admin/progress_cell.html"

    def get_value(self, instance: Any) -> Any:
        return {
            "done": min(instance.completed, instance.enrolled),
            "wanted": instance.enrolled,
            "percent": instance.completed * 100 // instance.enrolled if instance.enrolled else 0,
        }


def steps(run: CourseRun) -> list[Button]:
    """What can be done with a run in its state."""
    offered: list[tuple[Any, str, str]] = []
    if run.state == State.DRAFT:
        offered.append((_("Open for enrolment"), "open", "success"))
    if run.state == State.OPEN:
        offered.append((_("Say that it has begun"), "start", "arrow-right"))
    if run.is_going_on:
        offered.append((_("Amend"), "amend", "edit"))
        offered.append((_("Change the lessons"), "lessons", "list-ol"))
        offered.append((_("Close the run"), "close", "lock"))
    offered.append((_("Hold it once more"), "copy", "copy"))
    return [
        Button(
            label, url=reverse(f"runs:{view}", args=[run.pk]), icon_name=icon, priority=50 + place
        )
        for place, (label, view, icon) in enumerate(offered)
    ]


class RunListing(ScopedListing):
    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        context["media"] += Media(css={"all": ["staff/run.css"]})
        return context

    def get_base_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = with_counts(super().get_base_queryset())
        return found

    def get_edit_url(self, instance: CourseRun) -> str | None:
        draft = instance.state == State.DRAFT
        return super().get_edit_url(instance) if draft else None

    def get_delete_url(self, instance: CourseRun) -> str | None:
        draft = instance.state == State.DRAFT
        return super().get_delete_url(instance) if draft else None

    def get_list_more_buttons(self, instance: CourseRun) -> list[Any]:
        buttons: list[Any] = super().get_list_more_buttons(instance)
        return [*buttons, *steps(instance)] if self.user_has_permission("change") else buttons


class RunEditing(ScopedEditing):
    """A draft is edited; an opened run is amended, a closed one only looked at."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._elsewhere() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._elsewhere() or super().post(request, *args, **kwargs)

    def _elsewhere(self) -> HttpResponse | None:
        self.object = self.get_object()
        if self.object.state == State.DRAFT:
            return None
        view = "amend" if self.object.is_going_on else "inspect"
        return redirect(f"runs:{view}", self.object.pk)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except RunRefused as refused:
            messages.error(self.request, str(refused))
            return redirect("runs:inspect", self.object.pk)
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
    def get_object(self, queryset: Any = None) -> Any:
        assert self.rows
        related = self.rows(self.request.user).select_related(
            "course__edition", "territory", "phase__programme"
        )
        return get_object_or_404(with_counts(related), pk=self.pk)

    def get_edit_url(self) -> str | None:
        draft = self.object.state == State.DRAFT
        return super().get_edit_url() if draft else None

    def get_delete_url(self) -> str | None:
        draft = self.object.state == State.DRAFT
        return super().get_delete_url() if draft else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        offered = steps(self.object) if self.user_has_permission("change") else []
        return context | run_page.view(self.object, request=self.request) | {"steps": offered}


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
    list_related = ("course", "phase", "phase__programme", "territory")
    plain_fields = ("name",)
    filterset_class = RunFilters
    list_display = (
        "name",
        "course",
        "state",
        Column("days", label=_("From – to"), accessor=days_in_words, sort_key="starts_on"),
        Column("seats", label=_("Enrolled/seats"), accessor=seats_in_words, sort_key="enrolled"),
        Column("turns", label=_("Turns"), sort_key="turns"),
        Column("completed", label=_("Completed"), sort_key="completed"),
        ProgressColumn("progress", label=_("Progress")),
    )
    list_export = (
        "name",
        "course",
        "get_mode_display",
        "get_state_display",
        "starts_on",
        "ends_on",
        "territory",
        "phase",
        "supplementary",
        "provider",
        "enrolled",
        "capacity",
        "turns",
        "completed",
    )
    labels = {
        "get_mode_display": _("Mode"),
        "get_state_display": _("State"),
        "enrolled": _("Enrolled"),
        "turns": _("Turns"),
        "completed": _("Completed"),
    }
    export_filename = "course-runs"
    inspect_view_fields = (
        "course",
        "state",
        "mode",
        "starts_on",
        "ends_on",
        "enrol_until",
        "territory",
        "phase",
        "supplementary",
        "provider",
        "capacity",
        "opened_at",
        "closed_at",
    )
    edit_handler = ObjectList(
        [
            *fields(
                "course",
                "name",
                "mode",
                "starts_on",
                "ends_on",
                "territory",
                "phase",
                "supplementary",
                "provider",
                "trainers",
                course=NARROW,
                phase=NARROW,
                territory=NARROW,
                trainers=TICKED,
            ),
            MultiFieldPanel(
                fields("open_to", "levels", "needs_approval", "capacity", "enrol_until"),
                heading=_("Who can enrol"),
            ),
            MultiFieldPanel(
                [FieldPanel("agencies", widget=TICKED)],
                heading=_("Agencies to which it is open"),
                classname="collapsed",
            ),
        ],
        base_form_class=RunForm,
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("open/<int:run_id>/", admin_views.OpenRun.as_view(), name="open"),
            path("start/<int:run_id>/", admin_views.StartRun.as_view(), name="start"),
            path("close/<int:run_id>/", admin_views.CloseRun.as_view(), name="close"),
            path("amend/<int:run_id>/", admin_views.AmendRun.as_view(), name="amend"),
            path("lessons/<int:run_id>/", admin_views.ChangeLessons.as_view(), name="lessons"),
            path("copy/<int:run_id>/", admin_views.CopyRun.as_view(), name="copy"),
        ]
