"""The staff's pages to correct the key of a question and to void it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from jobs.forms import FormPage
from quizzes import correcting
from quizzes.key_forms import KEY_FORMS, KeyForm, VoidForm
from quizzes.question_pages import warn_of_shortages
from quizzes.version_page import VersionPage


class CorrectKey(VersionPage, FormPage):
    """The key as it counts now; saved, the regrade is shown next."""

    page_title = _("Correct the key")
    header_icon = "key"
    template_name = "quizzes/admin/correction.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if self.version.kind not in KEY_FORMS:
            raise Http404

    def get_form_class(self) -> type[KeyForm]:
        return KEY_FORMS[self.version.kind]

    def get_form_kwargs(self) -> dict[str, Any]:
        stands = correcting.standing_body(self.version) or self.version.body
        return super().get_form_kwargs() | {"version": self.version, "stands": stands}

    def form_valid(self, form: KeyForm) -> HttpResponse:
        try:
            correcting.correct(
                version_id=self.version.pk,
                body=form.body,
                reason=form.cleaned_data["reason"],
                by=self.request.user,
                at=timezone.now(),
            )
        except correcting.CorrectionRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(self.request, _("The key is corrected for all that is graded from now."))
        return redirect("questions:regrade", self.version.pk)


class VoidQuestion(VersionPage, FormPage):
    """Everybody gets the marks of this question; saved, the regrade is shown next."""

    page_title = _("Void the question")
    header_icon = "cross"
    template_name = "quizzes/admin/correction.html"
    form_class = VoidForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"voiding": True}

    def form_valid(self, form: VoidForm) -> HttpResponse:
        try:
            correcting.void(
                version_id=self.version.pk,
                reason=form.cleaned_data["reason"],
                retire=form.cleaned_data["retire"],
                by=self.request.user,
                at=timezone.now(),
            )
        except correcting.CorrectionRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(self.request, _("The question is voided for all that is graded from now."))
        warn_of_shortages(self.request, bank_id=self.version.question.bank_id)
        return redirect("questions:regrade", self.version.pk)
