"""Downloading a list for a decision: what is to be filled in is asked first."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.widgets import AdminDateInput

from courses.decisions import listing, printing, sheet, word
from courses.decisions.listing import Decision, DecisionList, Which
from courses.managed_run import ManagedRunPage
from courses.models import CourseRun
from jobs import private_files
from jobs.paper import PaperError


class ListForm(forms.Form):
    """Which list, for which decision, as which kind of file."""

    which = forms.ChoiceField(
        label=gettext_lazy("List"),
        choices=[
            (Which.OPENING.value, gettext_lazy("Learners of the run, for its opening")),
            (Which.CLOSING.value, gettext_lazy("Those who have completed it, for its closing")),
        ],
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of file"),
        choices=[("docx", "Word (DOCX)"), ("pdf", "PDF"), ("xlsx", "Excel (XLSX)")],
        widget=forms.RadioSelect,
    )
    parent_body = forms.CharField(label=gettext_lazy("Parent body"), max_length=200, required=False)
    issuing_body = forms.CharField(
        label=gettext_lazy("Issuing body"), max_length=200, required=False
    )
    number = forms.CharField(
        label=gettext_lazy("Number of the decision"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("As in 125/QD-SKHCN. Empty: dots to fill in by hand."),
    )
    signed_on = forms.DateField(
        label=gettext_lazy("Date of the decision"), required=False, widget=AdminDateInput
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in ("parent_body", "issuing_body", "number"):
            cleaned[name] = " ".join(
                "".join(one for one in cleaned.get(name, "") if one.isprintable()).split()
            )
        return cleaned


class Lists(ManagedRunPage, TemplateView):
    page_title = gettext_lazy("Lists for decisions")
    template_name = "courses/decisions/lists.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "which" not in request.GET:
            return self._show(ListForm(initial=self._usual()))
        form = ListForm(request.GET)
        if not form.is_valid():
            return self._show(form, status=422)
        said = form.cleaned_data
        which, kind = Which(said.pop("which")), said.pop("kind")
        made = listing.make(run=self.run, which=which, decision=Decision(**said))
        try:
            content = WRITERS[kind](made)
        except PaperError as error:
            messages.error(request, _("Not done: %(reason)s") % {"reason": error})
            return self._show(form, status=422)
        return HttpResponse(
            content,
            content_type=_CONTENT_TYPES[kind],
            headers={
                "Content-Disposition": f'attachment; filename="{_name(self.run, which)}.{kind}"',
                "Cache-Control": "private, no-store",
            },
        )

    def _usual(self) -> dict[str, Any]:
        closed = self.run.state == CourseRun.State.CLOSED
        return {
            "which": (Which.CLOSING if closed else Which.OPENING).value,
            "kind": "docx",
            "issuing_body": self.run.provider,
        }

    def _show(self, form: ListForm, *, status: int = 200) -> HttpResponse:
        context = self.get_context_data(
            form=form,
            media=form.media,
            learners=self.run.enrolments.active().count(),
            completed=self.run.enrolments.filter(completed_at__isnull=False).count(),
        )
        return self.render_to_response(context, status=status)


def _pdf(made: DecisionList) -> bytes:
    return printing.write(made, on=timezone.localdate())


WRITERS: dict[str, Callable[[DecisionList], bytes]] = {
    "docx": word.write,
    "pdf": _pdf,
    "xlsx": sheet.write,
}
_CONTENT_TYPES = {
    "docx": private_files.WORD.content_type,
    "pdf": private_files.PDF.content_type,
    "xlsx": private_files.EXCEL.content_type,
}


def _name(run: CourseRun, which: Which) -> str:
    kind = "hoan thanh" if which == Which.CLOSING else "hoc vien"
    return private_files.plain_name(f"danh sach {kind} {run.name}")
