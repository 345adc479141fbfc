"""Importing questions: a file is uploaded, looked at, and its good questions are taken over."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from jobs.forms import FormPage
from quizzes import importing, kinds
from quizzes.forms import UploadForm
from quizzes.models import Question, QuestionBank, QuestionImport

MOST_SHOWN = 500


class ImportPage(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """What both steps share: only banks that one may see, and the right to add questions."""

    model = Question
    permission_required = "add"
    page_title = _("Import GIFT")
    header_icon = "upload"
    bank: QuestionBank

    def get_page_subtitle(self) -> str:
        return str(self.bank)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("banks:index"), "label": _("Question banks")},
            {"url": reverse("banks:inspect", args=[self.bank.pk]), "label": str(self.bank)},
            {"url": "", "label": self.get_page_title()},
        ]


class ImportUpload(ImportPage, FormPage):
    template_name = "quizzes/admin/import.html"
    form_class = UploadForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.bank = get_object_or_404(
            QuestionBank.objects.visible_to(request.user), pk=kwargs["pk"]
        )

    def form_valid(self, form: Any) -> HttpResponse:
        file = form.cleaned_data["file"]
        try:
            upload = importing.receive(
                bank=self.bank,
                file_name=file.name,
                content=file.read(importing.LARGEST_FILE + 1),
                by=self.request.user,
                at=timezone.now(),
            )
        except importing.FileRefused as refused:
            form.add_error("file", str(refused))
            answer: HttpResponse = self.form_invalid(form)
            return answer
        return redirect("banks:import_preview", upload.pk)


class ImportPreview(ImportPage, TemplateView):
    """GET shows what was found; POST takes it over, and a second POST changes nothing."""

    template_name = "quizzes/admin/import_preview.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        mine = QuestionImport.objects.visible_to(request.user).select_related("bank")
        self.upload = get_object_or_404(mine, pk=kwargs["pk"])
        self.bank = self.upload.bank

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        parsed = importing.read(self.upload)
        shown = [
            {
                "number": number,
                "line": question.line,
                "kind": kinds.get(question.kind).label,
                "name": question.identifier or question.title,
                "text": question.text,
                "category": " / ".join(question.category),
            }
            for number, question in enumerate(parsed.questions[:MOST_SHOWN], start=1)
        ]
        return context | {
            "upload": self.upload,
            "bank": self.bank,
            "questions": shown,
            "found": len(parsed.questions),
            "problems": parsed.problems,
            "hidden": max(0, len(parsed.questions) - MOST_SHOWN),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        taken = importing.take_over(upload=self.upload, at=timezone.now(), by=request.user)
        messages.success(request, _said(taken))
        return redirect("banks:inspect", self.bank.pk)


def _said(taken: importing.Taken) -> str:
    parts = [
        ngettext("%(count)s question added", "%(count)s questions added", taken.added)
        % {"count": taken.added}
    ]
    if taken.renewed:
        parts.append(
            ngettext(
                "%(count)s question has a new version",
                "%(count)s questions have a new version",
                taken.renewed,
            )
            % {"count": taken.renewed}
        )
    if taken.unchanged:
        parts.append(
            ngettext(
                "%(count)s question was there already",
                "%(count)s questions were there already",
                taken.unchanged,
            )
            % {"count": taken.unchanged}
        )
    return " · ".join(parts)
