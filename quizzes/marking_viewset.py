"""The queue of long answers: what waits, test by test, and what one has marked oneself."""

from fractions import Fraction
from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn

from jobs.staff_views import ScopedListing, ScopedViewSet
from quizzes import marking_progress
from quizzes.marking_pages import MarkPage, TakeNext
from quizzes.models import MarkingTask
from vietnamese.numbers import format_percent


class Queue(ScopedListing):
    """Above, what waits; below, what one has marked."""

    def get_inspect_url(self, instance: MarkingTask) -> str:
        return reverse("long_answers:mark", args=[instance.pk])

    def get_edit_url(self, instance: MarkingTask) -> None:
        return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        tests = marking_progress.of_tests(self.request.user, at=timezone.now())
        return context | {"tests": tests}


class LongAnswerViewSet(ScopedViewSet):
    model = MarkingTask
    name = "long_answers"
    url_prefix = "long-answers"
    icon = "edit"
    menu_label = _("Long answers")
    index_view_class = Queue
    index_template_name = "quizzes/admin/marking.html"
    ordering = ("-marked_at", "-pk")
    list_related = ("attempt__quiz__assessment",)
    list_display = (
        TitleColumn("number", label=_("Answer"), accessor=str),
        Column("quiz", label=_("Test"), accessor="attempt.quiz"),
        Column(
            "given",
            label=_("Given"),
            accessor=lambda task: format_percent(Fraction(task.share), places=0),
        ),
        DateColumn("marked_at", label=_("Marked at"), sort_key="marked_at"),
    )

    def rows(self, user: Any) -> QuerySet[MarkingTask]:
        seen = MarkingTask.objects.visible_to(user)
        return seen.filter(marker=user, marked_at__isnull=False)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("next/<int:quiz_id>/", TakeNext.as_view(), name="next"),
            path("<int:pk>/", MarkPage.as_view(), name="mark"),
        ]
