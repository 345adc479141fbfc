"""The staff's listings of assignments, and of what was handed in: the marking queue."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import InlinePanel, ObjectList
from wagtail.admin.ui.tables import Column, TitleColumn

from courses.assignments.forms import AssignmentForm
from courses.models import Assignment, CourseRun, Submission
from jobs.staff_views import NARROW, ScopedListing, ScopedViewSet, fields


class AssignmentViewSet(ScopedViewSet):
    model = Assignment
    name = "assignments_set"
    url_prefix = "assignments-set"
    icon = "edit"
    offers = frozenset({"add", "edit", "history"})
    ordering = "assessment__title"
    list_related = ("assessment__course",)
    plain_fields = ("assessment__title",)
    list_display = (
        "assessment",
        Column("course", label=_("Course"), accessor="assessment.course"),
    )
    edit_handler = ObjectList(
        [
            *fields("course", "title", "required", "pass_percent", "instructions", course=NARROW),
            InlinePanel(
                "criteria",
                panels=fields("title", "description", "marks"),
                heading=_("Rubric"),
                label=_("Criterion"),
                min_num=1,
            ),
        ],
        base_form_class=AssignmentForm,
    )


def runs_seen(request: Any) -> QuerySet[CourseRun]:
    seen = Submission.objects.visible_to(request.user)
    return CourseRun.objects.filter(pk__in=seen.values("enrolment__run"))


class SubmissionFilters(WagtailFilterSet):
    run = django_filters.ModelChoiceFilter(
        label=_("Course run"), field_name="enrolment__run", queryset=runs_seen
    )

    class Meta:
        model = Submission
        fields = ("state",)


class Queue(ScopedListing):
    """Opened without a filter it shows what waits, longest first."""

    title_sort_key = "enrolment__person__sort_name"

    def get_inspect_url(self, instance: Submission) -> str:
        return reverse("assignments:mark", args=[instance.enrolment.run_id, instance.pk])

    def get_base_queryset(self) -> QuerySet[Any]:
        found: Any = super().get_base_queryset()
        shown: QuerySet[Any] = found if self.request.GET.get("state") else found.waiting()
        return shown


class QueueViewSet(ScopedViewSet):
    model = Submission
    name = "marking"
    icon = "tasks"
    menu_label = _("Marking")
    index_view_class = Queue
    ordering = ("handed_in_at", "pk")
    list_related = ("enrolment__person", "enrolment__run", "assignment__assessment", "marked_by")
    folded_fields = ("enrolment__person__search_text",)
    filterset_class = SubmissionFilters
    list_display = (
        TitleColumn("person", label=_("Full name"), accessor="enrolment.person"),
        "assignment",
        Column("run", label=_("Course run"), accessor="enrolment.run"),
        "handed_in_at",
        "state",
    )

    def rows(self, user: Any) -> QuerySet[Submission]:
        return Submission.objects.visible_to(user).exclude(state=Submission.State.DRAFT)
