"""The staff's listing of questions: what is not answered comes first; answered where it is read."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from courses.correspondence import questioning
from courses.correspondence.forms import AnswerForm
from courses.models import CourseRun, RunQuestion
from jobs.staff_views import ScopedInspecting, ScopedViewSet, YesNoColumn


def runs_taught(request: Any) -> QuerySet[CourseRun]:
    return CourseRun.objects.visible_to(request.user).exclude(state=CourseRun.State.DRAFT)


class QuestionFilters(WagtailFilterSet):
    run = django_filters.ModelChoiceFilter(label=_("Course run"), queryset=runs_taught)
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("open", _("Not answered")), ("answered", _("Answered"))],
        method="in_state",
        widget=forms.RadioSelect,
        empty_label=_("All"),
    )

    class Meta:
        model = RunQuestion
        fields: tuple[str, ...] = ()

    def in_state(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(answered_at__isnull=value == "open")


class QuestionInspecting(ScopedInspecting):
    form: AnswerForm | None = None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        form = None
        if not self.object.answered_at and self.user_has_permission("change"):
            form = self.form or AnswerForm()
        return context | {"form": form, "may_change": self.user_has_permission("change")}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.user_has_permission("change"):
            raise PermissionDenied
        if "shown" in request.POST:
            shown = request.POST["shown"] == "yes"
            questioning.show_to_run(question_id=self.object.pk, shown=shown)
            return redirect("run_questions:inspect", self.object.pk)
        self.form = AnswerForm(request.POST)
        if not self.form.is_valid():
            answer: HttpResponse = self.get(request, *args, **kwargs)
            return answer
        answered = questioning.answer(
            question_id=self.object.pk,
            by=request.user,
            at=timezone.now(),
            **self.form.cleaned_data,
        )
        if answered:
            messages.success(request, _("The answer has been sent."))
        else:
            messages.error(request, _("The question was answered before. Nothing was changed."))
        return redirect("run_questions:inspect", self.object.pk)


class QuestionViewSet(ScopedViewSet):
    model = RunQuestion
    name = "run_questions"
    url_prefix = "questions-of-learners"
    icon = "help"
    inspect_view_class = QuestionInspecting
    inspect_template_name = "courses/correspondence/admin/question.html"
    offers = frozenset({"inspect"})
    list_related = ("run", "enrolment__person", "answered_by__person")
    plain_fields = ("text", "answer")
    folded_fields = ("enrolment__person__search_text",)
    filterset_class = QuestionFilters
    list_display = (
        "__str__",
        Column("learner", label=_("Learner"), accessor="enrolment.person"),
        "run",
        "asked_at",
        "answered_at",
        YesNoColumn("shown_to_run", label=_("Shown to the run")),
    )
    list_export = (
        "text",
        "enrolment.person",
        "run",
        "asked_at",
        "answer",
        "answered_at",
        "answered_by",
        "shown_to_run",
    )
    labels = {
        "__str__": _("Question"),
        "enrolment.person": _("Learner"),
        "shown_to_run": _("Shown to the run"),
    }
    export_filename = "questions-of-learners"
    inspect_view_fields = ("run", "asked_at", "answered_at", "answered_by", "shown_to_run")
