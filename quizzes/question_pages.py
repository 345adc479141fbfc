"""The staff's pages to edit a question and to retire it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from jobs.forms import FormPage
from quizzes import correcting, editing, filling
from quizzes.models import Question, QuestionVersion, Quiz
from quizzes.question_forms import QUESTION_FORMS, QuestionForm


def warn_of_shortages(request: HttpRequest, *, bank_id: int) -> None:
    """Name the published tests that the bank cannot fill any more."""
    published = list(Quiz.objects.published().filter(bank=bank_id).select_related("assessment"))
    lacking = filling.shortages(published)
    for quiz in published:
        if quiz.pk in lacking:
            words = _("“%(quiz)s” cannot be taken any more: %(reason)s")
            messages.warning(request, words % {"quiz": quiz, "reason": lacking[quiz.pk]})


class QuestionPage(PermissionCheckedMixin):
    """About one question of a bank that one may see; any other is 404."""

    model = Question
    permission_required = "change"
    question: Question

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        mine = Question.objects.visible_to(request.user).filter(current__isnull=False)
        self.question = get_object_or_404(mine.select_related("current"), pk=kwargs["pk"])


class EditQuestion(QuestionPage, WagtailAdminTemplateMixin, FormPage):
    """The current version as it counts now; saved, what is new becomes a new version."""

    page_title = gettext_lazy("Edit the question")
    header_icon = "edit"
    template_name = "quizzes/admin/question_form.html"

    @property
    def version(self) -> QuestionVersion:
        assert self.question.current
        return self.question.current

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = reverse("questions:inspect", args=[self.question.pk])
        return [
            *self.breadcrumbs_items,
            {"url": reverse("questions:index"), "label": _("Questions")},
            {"url": here, "label": str(self.question)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_page_subtitle(self) -> str:
        return str(self.question)

    def get_form_class(self) -> type[QuestionForm]:
        return QUESTION_FORMS[self.version.kind]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "question": self.question,
            "version": self.version,
            "stands": correcting.standing_body(self.version) or self.version.body,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"question": self.question, "version": self.version}

    def form_valid(self, form: QuestionForm) -> HttpResponse:
        before = self.version
        try:
            after = editing.edit_question(
                question_id=self.question.pk,
                name=form.cleaned_data["name"],
                category=form.cleaned_data["category"],
                wording=form.wording,
                by=self.request.user,
                at=timezone.now(),
            )
        except editing.EditRefused as refused:
            for reason in refused.reasons:
                form.add_error(None, reason)
            return self.form_invalid(form)
        if after == before:
            messages.success(self.request, _("Saved. What the question says is as it was."))
        else:
            words = _("Saved as version %(number)s; it is drawn from now on.")
            messages.success(self.request, words % {"number": after.number})
        warn_of_shortages(self.request, bank_id=self.question.bank_id)
        return redirect("questions:inspect", self.question.pk)


class RetireQuestion(QuestionPage, View):
    """POST has the question drawn no more, or again."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("do") == "take_up":
            editing.take_up_again(question_id=self.question.pk)
            messages.success(request, _("The question is drawn again from now on."))
        else:
            editing.retire(question_id=self.question.pk, at=timezone.now())
            messages.success(request, _("The question is drawn no more."))
            warn_of_shortages(request, bank_id=self.question.bank_id)
        return redirect("questions:inspect", self.question.pk)
