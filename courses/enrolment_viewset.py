"""The staff's listing of enrolments: who learns in which run, from which agency, how far."""

from typing import Any

import django_filters
from django import forms
from django.db.models import OuterRef, QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import HeaderButton

from agencies.models import Agency
from courses import admitting
from courses.enrolment_steps import Transfer, Withdraw
from courses.models import CourseRun, Enrolment, LessonProgress, RunLesson
from jobs.staff_views import ScopedInspecting, ScopedListing, ScopedViewSet
from jobs.subqueries import how_many


def runs_seen(request: Any) -> QuerySet[CourseRun]:
    """The runs in which the user sees an enrolment."""
    seen = Enrolment.objects.visible_to(request.user)
    return CourseRun.objects.filter(pk__in=seen.values("run"))


def agencies_seen(request: Any) -> QuerySet[Agency]:
    seen = Enrolment.objects.visible_to(request.user)
    return Agency.objects.filter(pk__in=seen.values("agency"))


class EnrolmentFilters(WagtailFilterSet):
    run = django_filters.ModelChoiceFilter(label=_("Course run"), queryset=runs_seen)
    agency = django_filters.ModelChoiceFilter(label=_("Agency"), queryset=agencies_seen)
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[
            ("going", _("Not completed")),
            ("turn", _("Took part (a turn)")),
            ("completed", _("Completed")),
            ("withdrawn", _("Withdrawn")),
        ],
        method="in_state",
        widget=forms.RadioSelect,
        empty_label=_("All"),
    )

    class Meta:
        model = Enrolment
        fields: tuple[str, ...] = ()

    def in_state(self, queryset: Any, name: str, value: str) -> Any:
        if value == "turn":
            return queryset.filter(participated_at__isnull=False)
        if value == "withdrawn":
            return queryset.filter(withdrawn_at__isnull=False)
        if value == "completed":
            return queryset.filter(completed_at__isnull=False)
        return queryset.filter(completed_at__isnull=True, withdrawn_at__isnull=True)


def with_progress(enrolments: Any) -> Any:
    """Adds ``done`` and ``wanted``: lessons watched in full, and lessons of the run."""
    done = LessonProgress.objects.filter(enrolment=OuterRef("pk"), completed_at__isnull=False)
    return enrolments.annotate(
        done=how_many(done, per="enrolment"),
        wanted=how_many(RunLesson.objects.filter(run=OuterRef("run")), per="run"),
    )


def progress_in_words(enrolment: Any) -> str:
    return gettext("%(done)s of %(wanted)s lessons") % {
        "done": enrolment.done,
        "wanted": enrolment.wanted,
    }


class EnrolmentListing(ScopedListing):
    title_sort_key = "person__sort_name"

    def get_base_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = with_progress(super().get_base_queryset())
        return found


class EnrolmentInspecting(ScopedInspecting):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        progress = {row.lesson_id: row for row in self.object.progress.all()}
        lessons = RunLesson.objects.filter(run=self.object.run_id).select_related("page")
        return context | {
            "lines": [
                {"lesson": lesson, "progress": progress.get(lesson.pk)} for lesson in lessons
            ],
            "results": self.object.results.select_related("assessment"),
            "events": self.object.events.select_related("by__person", "other__run"),
        }

    @property
    def header_buttons(self) -> list[Any]:
        """What whoever looks after the person can do, as long as the run goes on."""
        found = self.object
        open_ = found.goes_on and not found.completed_at
        if not open_ or not admitting.staff_scope(self.request.user)(found.agency):
            return []
        return [
            HeaderButton(
                _("Transfer to another run"),
                url=reverse("enrolments:transfer", args=[found.pk]),
                icon_name="arrow-right",
            ),
            HeaderButton(
                _("Withdraw"),
                url=reverse("enrolments:withdraw", args=[found.pk]),
                icon_name="cross",
            ),
        ]


class EnrolmentViewSet(ScopedViewSet):
    model = Enrolment
    name = "enrolments"
    icon = "list-ul"
    index_view_class = EnrolmentListing
    inspect_view_class = EnrolmentInspecting
    inspect_template_name = "courses/admin/enrolment.html"
    offers = frozenset({"inspect"})
    ordering = "-enrolled_at"
    list_related = ("person", "run", "run__course", "agency")
    folded_fields = ("person__search_text",)
    filterset_class = EnrolmentFilters
    list_display = (
        "person",
        "run",
        "agency",
        Column("progress", label=_("Progress"), accessor=progress_in_words),
        "enrolled_at",
        "participated_at",
        "completed_at",
    )
    inspect_view_fields = (
        "person",
        "agency",
        "run",
        "enrolled_at",
        "participated_at",
        "completed_at",
        "withdrawn_at",
    )
    list_export = (
        "person",
        "agency",
        "run.course",
        "run",
        "done",
        "wanted",
        "enrolled_at",
        "participated_at",
        "completed_at",
    )
    labels = {
        "person": _("Full name"),
        "agency": _("Agency"),
        "run.course": _("Course"),
        "run": _("Course run"),
        "done": _("Lessons completed"),
        "wanted": _("Lessons of the run"),
    }
    export_filename = "enrolments"

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("withdraw/<int:pk>/", Withdraw.as_view(), name="withdraw"),
            path("transfer/<int:pk>/", Transfer.as_view(), name="transfer"),
        ]
