"""The staff's listings of question banks, questions and tests."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.admin.widgets.button import Button, HeaderButton

from jobs.staff_views import (
    ScopedInspecting,
    ScopedListing,
    ScopedViewSet,
)
from quizzes import showing
from quizzes.accommodation_viewset import AccommodationViewSet
from quizzes.admin_views import ImportPreview, ImportUpload
from quizzes.attempt_viewset import AttemptViewSet
from quizzes.forms import BankForm
from quizzes.marking_viewset import LongAnswerViewSet
from quizzes.models import QuestionBank
from quizzes.question_viewset import QuestionViewSet
from quizzes.quiz_viewset import QuizViewSet


class BankListing(ScopedListing):
    def get_base_queryset(self) -> QuerySet[Any]:
        in_use = Q(questions__retired_at__isnull=True)
        found: QuerySet[Any] = (
            super().get_base_queryset().annotate(size=Count("questions", filter=in_use))
        )
        return found

    def get_list_more_buttons(self, instance: QuestionBank) -> list[Any]:
        buttons: list[Any] = super().get_list_more_buttons(instance)
        if self.request.user.has_perm("quizzes.add_question"):
            buttons.append(
                Button(
                    _("Import GIFT"),
                    url=reverse("banks:import", args=[instance.pk]),
                    icon_name="upload",
                    priority=30,
                )
            )
        return buttons


class BankInspecting(ScopedInspecting):
    @property
    def header_buttons(self) -> list[Any]:
        if not self.request.user.has_perm("quizzes.add_question"):
            return []
        address = reverse("banks:import", args=[self.object.pk])
        return [HeaderButton(_("Import GIFT"), url=address, icon_name="upload")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | showing.bank(bank=self.object)


class BankViewSet(ScopedViewSet):
    model = QuestionBank
    name = "banks"
    icon = "folder-inverse"
    index_view_class = BankListing
    inspect_view_class = BankInspecting
    inspect_template_name = "quizzes/admin/bank.html"
    offers = frozenset({"add", "edit", "inspect", "history"})
    plain_fields = ("name",)
    list_display = ("name", Column("size", label=_("Questions in use"), sort_key="size"))
    inspect_view_fields = ("name",)

    def get_form_class(self, for_update: bool = False) -> Any:
        return BankForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("import/<int:pk>/", ImportUpload.as_view(), name="import"),
            path("import/preview/<int:pk>/", ImportPreview.as_view(), name="import_preview"),
        ]


class TestsGroup(ModelViewSetGroup):
    menu_label = _("Tests")
    menu_icon = "help"
    menu_order = 120
    items = (
        BankViewSet,
        QuestionViewSet,
        QuizViewSet,
        AttemptViewSet,
        AccommodationViewSet,
        LongAnswerViewSet,
    )
