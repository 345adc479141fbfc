"""The staff's listing of questions, and the page of one with its versions and corrections."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import HeaderButton

from jobs.staff_views import ScopedInspecting, ScopedViewSet
from quizzes import kinds, showing
from quizzes.correction_pages import CorrectKey, VoidQuestion
from quizzes.models import Category, Question, QuestionBank
from quizzes.question_pages import EditQuestion, RetireQuestion
from quizzes.regrade_pages import Regrade, Regraded, RegradeSheet


def banks_seen(request: Any) -> QuerySet[QuestionBank]:
    return QuestionBank.objects.visible_to(request.user)


def categories_seen(request: Any) -> QuerySet[Category]:
    return Category.objects.filter(bank__in=banks_seen(request)).order_by("bank__name", "path")


class QuestionFilters(WagtailFilterSet):
    bank = django_filters.ModelChoiceFilter(label=_("Question bank"), queryset=banks_seen)
    category = django_filters.ModelChoiceFilter(label=_("Category"), queryset=categories_seen)
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind"), field_name="current__kind", choices=kinds.CHOICES
    )

    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("in_use", _("In use")), ("retired", _("Retired"))],
        method="in_state",
    )

    class Meta:
        model = Question
        fields: tuple[str, ...] = ()

    def in_state(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(retired_at__isnull=value == "in_use")


class QuestionInspecting(ScopedInspecting):
    @property
    def header_buttons(self) -> list[Any]:
        if not (self.object.current_id and self.user_has_permission("change")):
            return []
        address = reverse("questions:edit", args=[self.object.pk])
        return [HeaderButton(_("Edit"), url=address, icon_name="edit")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        wanted = self.request.GET.get("version", "")
        number = int(wanted) if wanted.isascii() and wanted.isdigit() else None
        return context | showing.question(question=self.object, number=number)


class QuestionViewSet(ScopedViewSet):
    model = Question
    name = "questions"
    icon = "help"
    inspect_view_class = QuestionInspecting
    inspect_template_name = "quizzes/admin/question.html"
    offers = frozenset({"inspect"})
    list_related = ("bank", "category", "current")
    plain_fields = ("identifier", "name", "current__text")
    filterset_class = QuestionFilters
    list_display = (
        "name",
        Column("kind", label=_("Kind"), accessor="current.get_kind_display"),
        "category",
        "bank",
    )
    inspect_view_fields = ("bank", "category", "identifier", "retired_at")

    def get_urlpatterns(self) -> list[URLPattern]:
        about, regrade = "version/<int:version_id>/", "version/<int:version_id>/regrade/"
        return [
            *super().get_urlpatterns(),
            path("edit/<int:pk>/", EditQuestion.as_view(), name="edit"),
            path("retire/<int:pk>/", RetireQuestion.as_view(), name="retire"),
            path(f"{about}correct/", CorrectKey.as_view(), name="correct"),
            path(f"{about}void/", VoidQuestion.as_view(), name="void"),
            path(regrade, Regrade.as_view(), name="regrade"),
            path(f"{regrade}list/", RegradeSheet.as_view(), name="regrade_sheet"),
            path(f"{regrade}<int:regrading_id>/", Regraded.as_view(), name="regraded"),
        ]
