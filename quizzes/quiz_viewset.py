"""The staff's listing of tests, the form of a test, and its page."""

from functools import cache
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button, HeaderButton

from courses.models import CoursePage, LessonPage
from jobs.staff_views import (
    NARROW,
    ScopedAdding,
    ScopedEditing,
    ScopedInspecting,
    ScopedListing,
    ScopedViewSet,
    fields,
)
from quizzes import filling, publishing, quiz_pages, quiz_showing
from quizzes.models import Quiz, QuizSection
from quizzes.previewing import may_preview
from quizzes.quiz_forms import QuizForm, SectionForm, suggested


class SectionsPanel(InlinePanel):
    """Wagtail's panel of rows, with a form that knows whose categories to offer."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name] |= {
            "form": SectionForm,
            "inherit_kwargs": ["for_user"],
        }
        return options


# Not in a panel of several fields: there a long title of a lesson makes its select too wide.
WHAT = fields("course", "lesson", "title", "required", course=NARROW, lesson=NARROW)
BANK = FieldPanel("bank", widget=NARROW)
SECTIONS = SectionsPanel(
    "sections",
    panels=[
        FieldRowPanel(fields("count", "marks")),
        FieldRowPanel(fields("category", "difficulty", category=NARROW, difficulty=NARROW)),
        FieldRowPanel(fields("clause", "tags")),
        FieldPanel("question"),
    ],
    heading=_("Sections"),
    label=_("Section"),
    help_text=_(
        "Each section draws questions at random that fit all of its rule, or asks one fixed "
        "question. No question comes twice in a paper, and in a further attempt those not seen "
        "yet come first."
    ),
    min_num=1,
)
TAKING = MultiFieldPanel(
    [
        FieldPanel("minutes", help_text=_("Empty: no time limit.")),
        FieldPanel("attempts_allowed"),
        FieldPanel("cool_down_minutes", help_text=_("0: the next attempt may start at once.")),
        FieldPanel(
            "at_closing",
            help_text=_("When the test opens and closes is set for each run, on the run's page."),
        ),
        *fields("shuffle", "one_page"),
    ],
    heading=_("Sitting"),
)
GRADING = MultiFieldPanel(
    [
        *fields("pass_percent", "grade_method"),
        FieldPanel(
            "second_marker",
            help_text=_("By two people who do not know each other's marks; a third one decides."),
        ),
    ],
    heading=_("Grading"),
)
REVIEW = MultiFieldPanel(
    fields("show_result", "show_marks", "show_answers", "show_feedback"),
    heading=_("What learners see afterwards"),
    help_text=_(
        "What is shown later than something else must not be readable from it: the result can be "
        "read from the marks, and the marks from the right answers."
    ),
)


@cache
def held_handler() -> Any:
    """The form of a test that somebody has begun: its sections cannot change."""
    panels = [*WHAT, BANK, TAKING, GRADING, REVIEW]
    return ObjectList(panels, base_form_class=QuizForm).bind_to_model(Quiz)


class QuizListing(ScopedListing):
    title_sort_key = "assessment__title"

    def get_base_queryset(self) -> QuerySet[Any]:
        sections = Prefetch("sections", QuizSection.objects.all())
        found: QuerySet[Any] = super().get_base_queryset().prefetch_related(sections)
        return found

    def get_list_more_buttons(self, instance: Quiz) -> list[Any]:
        buttons: list[Any] = super().get_list_more_buttons(instance)
        return [*buttons, *steps(instance, self.request.user)]

    def get_table(self, object_list: Any) -> Any:
        listed = list(object_list)
        lacking = filling.shortages(listed)
        places = _places(listed)
        for quiz in listed:
            quiz.asked = sum(section.count for section in quiz.sections.all())
            quiz.state = _t("Published") if quiz.published_at else _t("Not published")
            quiz.lacking = lacking.get(quiz.pk, "")
            quiz.place = places[quiz.pk]
        return super().get_table(listed)


def _places(quizzes: list[Quiz]) -> dict[int, str]:
    """The course of each quiz, and the lesson of a check. One statement for any number."""
    lessons = {quiz.pk: quiz.assessment.lesson for quiz in quizzes if quiz.assessment.lesson}
    above = {lesson.path[: -LessonPage.steplen] for lesson in lessons.values()}
    courses = {page.path: page.title for page in CoursePage.objects.filter(path__in=above)}
    return {
        quiz.pk: f"{courses[lesson.path[: -LessonPage.steplen]]} · {lesson.title}"
        if (lesson := lessons.get(quiz.pk))
        else str(quiz.assessment.course)
        for quiz in quizzes
    }


def steps(quiz: Quiz, user: Any) -> list[Button]:
    """What can be done with a quiz besides changing it."""
    offered: list[tuple[Any, str, str]] = []
    if may_preview(quiz, user):
        offered.append((_("Preview"), "preview", "view"))
    if user.has_perm("quizzes.change_quiz"):
        offered.append(
            (_("Withdraw the test"), "withdraw", "download")
            if quiz.published_at
            else (_("Publish"), "publish", "upload")
        )
    return [
        Button(
            label, url=reverse(f"tests:{view}", args=[quiz.pk]), icon_name=icon, priority=50 + place
        )
        for place, (label, view, icon) in enumerate(offered)
    ]


def about_takers(quiz: Quiz, user: Any) -> list[Button]:
    """Where the staff sees who took a quiz, and who got more time or attempts."""
    lists = [
        (_("Attempts"), "attempts", "view_attempt", "list-ul"),
        (_("Accommodations"), "accommodations", "view_accommodation", "time"),
    ]
    return [
        Button(label, url=f"{reverse(f'{room}:index')}?quiz={quiz.pk}", icon_name=icon)
        for label, room, permission, icon in lists
        if user.has_perm(f"quizzes.{permission}")
    ]


class WarnsOfShortage:
    """Saving is allowed while the bank is still being filled, but not without a word."""

    request: Any
    object: Quiz

    def form_valid(self, form: Any) -> HttpResponse:
        # The view beside it in the list of bases has it.
        answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        quiz = Quiz.objects.get(pk=self.object.pk)
        if quiz.published_at is None:
            for reason in publishing.reasons_against(quiz):
                text = _("This test cannot be taken yet: %(reason)s")
                messages.warning(self.request, text % {"reason": reason})
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        quiz = getattr(self, "object", None)
        return context | {"suggested": suggested(user=self.request.user, quiz=quiz)}


class QuizAdding(WarnsOfShortage, ScopedAdding):
    pass


class QuizEditing(WarnsOfShortage, ScopedEditing):
    def get_panel(self) -> Any:
        self.held = publishing.is_begun(Quiz(pk=self.object_pk))
        return held_handler() if self.held else super().get_panel()

    def get_form_class(self) -> Any:
        return self.panel.get_form_class()

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except publishing.QuizRefused as refused:
            for reason in refused.reasons:
                form.add_error(None, reason)
            self.produced_error_code = "validation_error"
            self.produced_error_message = self.get_error_message()
            answer: HttpResponse = self.form_invalid(form)
            return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        stored = Quiz.objects.select_related("bank", "assessment").get(pk=self.object.pk)
        return context | {
            "reasons": publishing.reasons_against(stored),
            "held": self.held,
            "published": stored.published_at,
            "sections": quiz_showing.sections(stored),
        }


class QuizInspecting(ScopedInspecting):
    @property
    def header_buttons(self) -> list[Any]:
        offered = [
            *steps(self.object, self.request.user),
            *about_takers(self.object, self.request.user),
        ]
        return [HeaderButton(one.label, url=one.url, icon_name=one.icon_name) for one in offered]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | quiz_showing.page(quiz=self.object, user=self.request.user)


class QuizViewSet(ScopedViewSet):
    model = Quiz
    name = "tests"
    icon = "form"
    index_view_class = QuizListing
    add_view_class = QuizAdding
    edit_view_class = QuizEditing
    inspect_view_class = QuizInspecting
    create_template_name = edit_template_name = "quizzes/admin/edit_quiz.html"
    inspect_template_name = "quizzes/admin/quiz.html"
    offers = frozenset({"add", "edit", "inspect", "history"})
    ordering = "assessment__title"
    list_related = ("assessment__course", "assessment__lesson", "bank")
    list_display = (
        "assessment",
        Column("place", label=_("Course")),
        "bank",
        Column("asked", label=_("Questions")),
        Column("state", label=_("State"), sort_key="published_at"),
        Column("lacking", label=_("Problem")),
    )
    inspect_view_fields = ("bank",)
    edit_handler = ObjectList(
        [*WHAT, BANK, SECTIONS, TAKING, GRADING, REVIEW], base_form_class=QuizForm
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("publish/<int:pk>/", quiz_pages.Publish.as_view(), name="publish"),
            path("withdraw/<int:pk>/", quiz_pages.Withdraw.as_view(), name="withdraw"),
            path("preview/<int:pk>/", quiz_pages.Preview.as_view(), name="preview"),
        ]
