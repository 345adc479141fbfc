"""The form of a quiz with its sections; what somebody has begun is shown and held."""

import re
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from courses import authoring, perms
from courses.models import Assessment, Course, CoursePage, LessonPage
from jobs.forms import offer
from quizzes import publishing
from quizzes.models import Category, Question, QuestionBank, Quiz, QuizSection

SUGGESTIONS = "questions"  # the id of the page's list of questions
MOST_SUGGESTED = 2000


def suggested(*, user: Any, quiz: Quiz | None = None) -> list[str]:
    """The questions in use that can be fixed ones, as they are typed; of one bank for a quiz."""
    found = Question.objects.in_use().visible_to(user).filter(current__isnull=False)
    if quiz is not None:
        found = found.filter(bank=quiz.bank_id)
    return [typed(question) for question in found.select_related("current")[:MOST_SUGGESTED]]


def typed(question: Question) -> str:
    """A question in one line: its number says which, the rest is for people."""
    text = " ".join(question.current.text.split())[:80] if question.current else ""
    return " · ".join(part for part in (f"#{question.pk}", question.name, text) if part)


class SectionForm(WagtailAdminModelForm):
    """A section; the categories and questions are those of the banks that one may see.

    The fixed question is typed with suggestions: a select would repeat 500 of them in each section.
    """

    question = forms.CharField(
        label=_("Fixed question"),
        required=False,
        help_text=_(
            "Type a part of it and choose. Then this one is asked, and the rule above stays empty. "
            "Empty: questions are drawn by the rule."
        ),
        widget=forms.TextInput(attrs={"list": SUGGESTIONS, "autocomplete": "off"}),
    )

    class Meta:
        model = QuizSection
        fields = ("count", "marks", "category", "difficulty", "clause", "tags", "question")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Q(bank__in=QuestionBank.objects.visible_to(self.for_user))
        if self.instance.category_id:
            own |= Q(pk=self.instance.category_id)
        found = Category.objects.filter(own).select_related("bank")
        self.fields["category"].queryset = found.order_by("bank__name", "path")
        self.fields["category"].label_from_instance = _named_with_bank
        if self.instance.question_id:
            self.initial["question"] = typed(self.instance.question)

    def clean_question(self) -> Question | None:
        said: str = self.cleaned_data["question"].strip()
        if not said:
            return None
        number = re.match(r"#(\d{1,18})\b", said)
        wanted = Q(pk=int(number[1])) if number else Q(identifier=said)
        seen = Question.objects.in_use().visible_to(self.for_user).filter(wanted)
        found: list[Question] = list(seen.distinct()[:2])
        if not found and number and int(number[1]) == self.instance.question_id:
            found = [self.instance.question]
        if len(found) != 1:
            raise forms.ValidationError(_("Choose one of the suggested questions."))
        return found[0]


def _named_with_bank(category: Category) -> str:
    return f"{category.bank} · {category.path}"


class QuizForm(WagtailAdminModelForm):
    """A quiz together with the assessment that it judges: of a course, or of one of its lessons."""

    instance: Quiz
    course = forms.ModelChoiceField(label=_("Course"), queryset=Course.objects.none())
    lesson = forms.ModelChoiceField(
        label=_("Lesson"),
        queryset=LessonPage.objects.none(),
        required=False,
        help_text=_("Empty: the final test of the course. Chosen: a check of this lesson."),
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    required = forms.BooleanField(
        label=_("Required for completing the course"),
        required=False,
        initial=True,
        help_text=_("For runs that are opened from now on. Otherwise the test is voluntary."),
    )

    class Meta:
        model = Quiz
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        courses = perms.managed_courses(user=self.for_user)
        lessons = perms.managed_lessons(user=self.for_user)
        banks = QuestionBank.objects.visible_to(self.for_user)
        self.places = {page.path: page for page in CoursePage.objects.select_related("course")}
        self.fields["lesson"].label_from_instance = self._named_with_course
        if self.instance.pk:
            assessment = self.instance.assessment
            lesson = assessment.lesson
            course_id = self._course_of(lesson).pk if lesson else assessment.course_id
            courses, lessons = Course.objects.all(), LessonPage.objects.all()
            self.initial |= {
                "course": course_id,
                "lesson": assessment.lesson_id,
                "title": assessment.title,
                "required": assessment.required,
            }
            for name in ("course", "lesson"):
                self.fields[name].disabled = True
            courses = courses.filter(pk=course_id)
            lessons = lessons.filter(pk=assessment.lesson_id)
            banks = QuestionBank.objects.filter(Q(pk__in=banks) | Q(pk=self.instance.bank_id))
            if publishing.is_begun(self.instance):
                for name in publishing.HELD:
                    self.fields[name].disabled = True
        offer(self, "course", courses)
        offer(self, "lesson", lessons)
        offer(self, "bank", banks)

    def _course_of(self, lesson: LessonPage) -> Course:
        course: Course = self.places[lesson.path[: -LessonPage.steplen]].course
        return course

    def _named_with_course(self, lesson: LessonPage) -> str:
        return f"{self._course_of(lesson)} · {lesson.title}"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        course, lesson = cleaned.get("course"), cleaned.get("lesson")
        if course and lesson and self._course_of(lesson) != course:
            self.add_error("lesson", _("This lesson belongs to another course."))
        if "sections" in self.formsets:
            self._check_sections(cleaned.get("bank"))
        return cleaned

    def _check_sections(self, bank: QuestionBank | None) -> None:
        sections = self.formsets["sections"]
        sections.is_valid()  # read first, because they are checked against the bank
        for place, section in enumerate(sections.forms, start=1):
            section.instance.order = place
            said = getattr(section, "cleaned_data", {})
            category, question = said.get("category"), said.get("question")
            if bank and category and category.bank_id != bank.pk:
                section.add_error("category", _("This category belongs to another bank."))
            if bank and question and question.bank_id != bank.pk:
                section.add_error("question", _("This question belongs to another bank."))

    def save(self, commit: bool = True) -> Quiz:
        """Raises publishing.QuizRefused where it cannot be changed so."""
        if self.instance.pk:
            with publishing.changing(self.instance.pk):
                Assessment.objects.filter(pk=self.instance.assessment_id).update(**self._said())
                quiz: Quiz = super().save(commit=commit)
            return quiz
        with transaction.atomic():
            self.instance.assessment = authoring.add_assessment(**self._about(), **self._said())
            return super().save(commit=commit)  # type: ignore[no-any-return]  # Wagtail's is untyped

    def _said(self) -> dict[str, Any]:
        return {"title": self.cleaned_data["title"], "required": self.cleaned_data["required"]}

    def _about(self) -> dict[str, Any]:
        lesson = self.cleaned_data["lesson"]
        return {"lesson": lesson} if lesson else {"course": self.cleaned_data["course"]}
