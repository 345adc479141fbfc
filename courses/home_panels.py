"""What the staff's home page says about courses."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from wagtail.admin.ui.components import Component

from courses.models import CourseRun, Enrolment, EvidenceConflict


class RunsPanel(Component):
    """The runs that one manages and that are not closed."""

    name = "runs"
    order = 110
    template_name = "courses/admin/home_runs.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        mine = CourseRun.objects.visible_to(parent_context["request"].user)
        return {
            "today": timezone.localdate(),
            "runs": mine.exclude(state=CourseRun.State.CLOSED)
            .select_related("course")
            .annotate(
                enrolled=Count("enrolments", filter=Q(enrolments__withdrawn_at__isnull=True)),
                completed=Count("enrolments", filter=Q(enrolments__completed_at__isnull=False)),
            )[:10],
        }


class LearnersPanel(Component):
    """For a focal point: how far the people of the own agencies are."""

    name = "learners"
    order = 120
    template_name = "courses/admin/home_learners.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        seen = Enrolment.objects.visible_to(parent_context["request"].user).order_by()
        going = Q(completed_at__isnull=True) & ~Q(run__state=CourseRun.State.CLOSED)
        counts = seen.aggregate(
            going=Count("pk", filter=going, distinct=True),
            late=Count(
                "pk", filter=going & Q(run__ends_on__lt=timezone.localdate()), distinct=True
            ),
            completed=Count("pk", filter=Q(completed_at__isnull=False), distinct=True),
        )
        return {"counts": counts}


class ConflictsPanel(Component):
    """For a DOST officer: what the evidence no longer supports."""

    name = "conflicts"
    order = 105
    template_name = "courses/admin/home_conflicts.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        related = undecided().select_related("enrolment__person", "enrolment__run")
        return {"conflicts": related[:5], "number": undecided().count()}


def undecided() -> QuerySet[EvidenceConflict]:
    return EvidenceConflict.objects.filter(resolved_at__isnull=True)


def add_panels(request: Any, panels: list[Any]) -> None:
    """Wagtail's ``construct_homepage_panels``: each role sees what is its own."""
    if request.user.has_perm("courses.change_evidenceconflict") and undecided().exists():
        panels.append(ConflictsPanel())
    if request.user.has_perm("courses.view_courserun"):
        panels.append(RunsPanel())
    elif request.user.has_perm("courses.view_enrolment"):
        panels.append(LearnersPanel())
