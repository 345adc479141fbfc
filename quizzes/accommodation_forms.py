"""Giving more time, attempts or a later closing: to whom and what."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateTimeInput

from agencies.models import Agency
from courses.models import CourseRun
from jobs.forms import offer
from jobs.staff_views import NARROW
from people.models import Person
from quizzes import accommodating
from quizzes.models import Quiz
from vietnamese.text import fold

MOST_NAMESAKES = 30
MOST_MINUTES = 600
MOST_ATTEMPTS = 10


class GiveForm(forms.Form):
    """What is given, and why; ``RecipientForm`` asks for whom too."""

    extra_minutes = forms.IntegerField(
        label=_("Extra minutes"), min_value=0, max_value=MOST_MINUTES, required=False
    )
    extra_attempts = forms.IntegerField(
        label=_("Extra attempts"), min_value=0, max_value=MOST_ATTEMPTS, required=False
    )
    closes_at = forms.DateTimeField(
        label=_("Open until"),
        required=False,
        widget=AdminDateTimeInput(),
        help_text=_("Matters only where the run's opening of the test has an end."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Such as: certified disability, power cut from 09:10 to 09:25."),
    )

    def clean_extra_minutes(self) -> int:
        return self.cleaned_data["extra_minutes"] or 0

    def clean_extra_attempts(self) -> int:
        return self.cleaned_data["extra_attempts"] or 0


class RecipientForm(GiveForm):
    """For a run, an agency or a person; a name that several people have is asked again."""

    run = forms.ModelChoiceField(
        label=_("For everybody in the run"),
        queryset=CourseRun.objects.none(),
        required=False,
        widget=NARROW,
    )
    agency = forms.ModelChoiceField(
        label=_("For everybody from the agency"),
        queryset=Agency.objects.none(),
        required=False,
        widget=NARROW,
    )
    name = forms.CharField(
        label=_("For one person: full name"), max_length=120, required=False, strip=True
    )
    person = forms.ModelChoiceField(
        label=_("Which of them"),
        queryset=Person.objects.none(),
        required=False,
        widget=forms.RadioSelect,
        empty_label=None,
    )
    field_order = ("run", "agency", "name", "person")

    def __init__(self, *args: Any, quiz: Quiz, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.learners = accommodating.learners_of(quiz)
        runs = CourseRun.objects.visible_to(user).exclude(state=CourseRun.State.DRAFT)
        offer(self, "run", runs.filter(pk__in=accommodating.runs_of(quiz)))
        agencies = Agency.objects.all()
        if not user.has_perm("courses.manage_all_runs"):
            agencies = agencies.filter(pk__in=self.learners.values("agency"))
        offer(self, "agency", agencies.order_by("search_text"))
        name = str(self.data.get("name", "")).strip() if self.is_bound else ""
        self.namesakes = self._named(name)
        if len(self.namesakes) > 1:
            people = Person.objects.filter(pk__in=self.namesakes)
            offer(self, "person", people)
            labels = self.namesakes
            chosen: Any = self.fields["person"]
            chosen.label_from_instance = lambda person: labels[person.pk]
        else:
            del self.fields["person"]

    def _named(self, name: str) -> dict[int, str]:
        """The learners whose name contains the words, with what tells them apart."""
        if not fold(name):
            return {}
        found = self.learners.filter(person__search_text__contains=fold(name))
        by_person = found.select_related("person", "agency").order_by("person__sort_name", "pk")
        labels = {}
        for one in by_person[: MOST_NAMESAKES * 2]:
            born = one.person.date_of_birth
            parts = [one.person.full_name, f"{born:%d/%m/%Y}" if born else "", one.agency]
            labels[one.person_id] = " · ".join(str(part) for part in parts if part)
        return labels

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        name = cleaned.pop("name", "")
        cleaned["person"] = self._person(name, cleaned.get("person"))
        return cleaned

    def _person(self, name: str, chosen: Person | None) -> Person | None:
        if not name or chosen:
            return chosen
        if len(self.namesakes) == 1:
            return Person.objects.get(pk=next(iter(self.namesakes)))
        if not self.namesakes:
            self.add_error("name", gettext("Nobody of this name learns in a run with this test."))
        elif len(self.namesakes) > MOST_NAMESAKES:
            self.add_error("name", gettext("Too many people have this name: write more of it."))
        else:
            self.add_error("person", gettext("Several people have this name: say which of them."))
        return None


class QuizChoiceForm(forms.Form):
    """Of which test, where a page does not say it yet."""

    quiz = forms.ModelChoiceField(label=_("Test"), queryset=Quiz.objects.none(), widget=NARROW)

    def __init__(self, *args: Any, quizzes: QuerySet[Quiz], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "quiz", quizzes)
