"""The staff's listings of question banks, questions and tests."""

from typing import Any

import django_filters
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.admin.widgets.button import Button, HeaderButton

from jobs.staff_views import (
    NARROW,
    ScopedAdding,
    ScopedEditing,
    ScopedInspecting,
    ScopedListing,
    ScopedViewSet,
    fields,
)
from quizzes import filling, kinds, showing
from quizzes.admin_views import ImportPreview, ImportUpload
from quizzes.forms import BankForm, QuizForm, SectionForm
from quizzes.models import Category, Question, QuestionBank, Quiz, QuizSection


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

    class Meta:
        model = Question
        fields: tuple[str, ...] = ()


class QuestionInspecting(ScopedInspecting):
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
    inspect_view_fields = ("bank", "category", "identifier")


class SectionsPanel(InlinePanel):
    """Wagtail's panel of rows, with a form that knows whose categories to offer."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name] |= {
            "form": SectionForm,
            "inherit_kwargs": ["for_user"],
        }
        return options


class QuizListing(ScopedListing):
    title_sort_key = "assessment__title"

    def get_base_queryset(self) -> QuerySet[Any]:
        sections = Prefetch("sections", QuizSection.objects.all())
        found: QuerySet[Any] = super().get_base_queryset().prefetch_related(sections)
        return found

    def get_table(self, object_list: Any) -> Any:
        listed = list(object_list)
        lacking = filling.shortages(listed)
        for quiz in listed:
            quiz.asked = sum(section.count for section in quiz.sections.all())
            quiz.lacking = lacking.get(quiz.pk, "")
        return super().get_table(listed)


class WarnsOfShortage:
    """Saving is allowed while the bank is still being filled, but not without a word."""

    request: Any
    object: Quiz

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        for reason in filling.shortages([Quiz.objects.get(pk=self.object.pk)]).values():
            messages.warning(
                self.request, _("This test cannot be taken yet: %(reason)s") % {"reason": reason}
            )
        return answer


class QuizAdding(WarnsOfShortage, ScopedAdding):
    pass


class QuizEditing(WarnsOfShortage, ScopedEditing):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"lacking": filling.shortages([self.object]).get(self.object.pk)}


class QuizViewSet(ScopedViewSet):
    model = Quiz
    name = "tests"
    icon = "form"
    index_view_class = QuizListing
    add_view_class = QuizAdding
    edit_view_class = QuizEditing
    edit_template_name = "quizzes/admin/edit_quiz.html"
    offers = frozenset({"add", "edit", "history"})
    ordering = "assessment__title"
    list_related = ("assessment__course", "bank")
    list_display = (
        "assessment",
        Column("course", label=_("Course"), accessor="assessment.course"),
        "bank",
        Column("asked", label=_("Questions")),
        Column("lacking", label=_("Problem")),
    )
    edit_handler = ObjectList(
        [
            *fields("course", "title", "required", "bank", course=NARROW, bank=NARROW),
            SectionsPanel(
                "sections",
                panels=fields("category", "count", "marks", category=NARROW),
                heading=_("Sections"),
                label=_("Section"),
                min_num=1,
            ),
            MultiFieldPanel(
                fields(
                    "minutes",
                    "pass_percent",
                    "attempts_allowed",
                    "shuffle",
                    "one_page",
                    "show_answers",
                ),
                heading=_("Sitting"),
            ),
        ],
        base_form_class=QuizForm,
    )


class TestsGroup(ModelViewSetGroup):
    menu_label = _("Tests")
    menu_icon = "help"
    menu_order = 120
    items = (BankViewSet, QuestionViewSet, QuizViewSet)
