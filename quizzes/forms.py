"""Forms of the staff: a bank, an upload, a quiz with its sections."""

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from courses import authoring, perms
from courses.models import Assessment, Course
from quizzes import importing
from quizzes.models import Category, QuestionBank, Quiz, QuizSection
from quizzes.setting import open_bank


class BankForm(WagtailAdminModelForm):
    """A bank; who opens it is its first member."""

    instance: QuestionBank

    class Meta:
        model = QuestionBank
        fields = ("name",)

    def save(self, commit: bool = True) -> QuestionBank:
        if self.instance.pk is None:
            self.instance = open_bank(name=self.cleaned_data["name"], members=[self.for_user])
        else:
            super().save()
        return self.instance


class UploadForm(forms.Form):
    """A GIFT file; one that is too large is never read into memory."""

    file = forms.FileField(
        label=_("GIFT file"),
        help_text=_("A text file in UTF-8, as Moodle exports it: *.gift or *.txt, 2 MB at most."),
        widget=forms.FileInput(attrs={"accept": ".gift,.txt,text/plain"}),
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > importing.LARGEST_FILE:
            raise forms.ValidationError(
                _("The file has %(size)s MB; %(limit)s MB are possible. Nothing was changed.")
                % {
                    "size": -(-upload.size // 1024**2),
                    "limit": importing.LARGEST_FILE // 1024**2,
                }
            )
        return upload


class SectionForm(WagtailAdminModelForm):
    """A section; the categories are those of the banks that one may see."""

    class Meta:
        model = QuizSection
        fields = ("category", "count", "marks")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        banks = QuestionBank.objects.visible_to(self.for_user)
        found = Category.objects.filter(bank__in=banks).select_related("bank")
        self.fields["category"].queryset = found.order_by("bank__name", "path")
        self.fields["category"].label_from_instance = _named_with_bank


def _named_with_bank(category: Category) -> str:
    return f"{category.bank} · {category.path}"


class QuizForm(WagtailAdminModelForm):
    """A quiz together with the assessment of a course that it judges."""

    instance: Quiz
    course = forms.ModelChoiceField(label=_("Course"), queryset=Course.objects.none())
    title = forms.CharField(label=_("Title"), max_length=200)
    required = forms.BooleanField(
        label=_("Required for completing the course"), required=False, initial=True
    )

    class Meta:
        model = Quiz
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = perms.managed_courses(user=self.for_user)
        banks = QuestionBank.objects.visible_to(self.for_user)
        if self.instance.pk:
            assessment = self.instance.assessment
            self.fields["course"].disabled = True
            self.initial |= {
                "course": assessment.course_id,
                "title": assessment.title,
                "required": assessment.required,
            }
            banks = QuestionBank.objects.filter(Q(pk__in=banks) | Q(pk=self.instance.bank_id))
        self.fields["bank"].queryset = banks

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        sections = self.formsets["sections"]
        sections.is_valid()  # read first, because they are checked against the bank
        bank = cleaned.get("bank")
        for place, section in enumerate(sections.forms, start=1):
            section.instance.order = place
            category = getattr(section, "cleaned_data", {}).get("category")
            if bank and category and category.bank_id != bank.pk:
                section.add_error("category", _("This category belongs to another bank."))
        return cleaned

    def save(self, commit: bool = True) -> Quiz:
        said = {"title": self.cleaned_data["title"], "required": self.cleaned_data["required"]}
        with transaction.atomic():
            if self.instance.pk is None:
                course = self.cleaned_data["course"]
                self.instance.assessment = authoring.add_assessment(course=course, **said)
            else:
                Assessment.objects.filter(pk=self.instance.assessment_id).update(**said)
            quiz: Quiz = super().save(commit=commit)
        return quiz
