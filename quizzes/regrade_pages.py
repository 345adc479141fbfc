"""The staff's pages of a regrade: what it would do, the doing, and what came of it."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages

from courses.models import EvidenceConflict
from jobs import private_files, progress
from jobs.forms import FormPage
from quizzes import correcting, drawn, regrade_preview, regrade_sheet, regrade_work
from quizzes.key_forms import ReasonForm
from quizzes.models import Attempt, Regrading
from quizzes.version_page import VersionPage

REFRESH_SECONDS = "2"
PER_PAGE = 100


class Regrade(VersionPage, FormPage):
    """GET shows what a regrade would do and writes nothing; POST begins it."""

    page_title = gettext_lazy("Regrade")
    header_icon = "rotate"
    template_name = "quizzes/admin/regrade.html"
    form_class = ReasonForm

    def get_initial(self) -> dict[str, Any]:
        latest = correcting.latest(self.version)
        return {"reason": latest.reason} if latest else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = regrade_preview.preview(version_id=self.version.pk, user=self.request.user)
        everywhere = drawn.counts([self.version.pk])[self.version.pk]
        return super().get_context_data(**kwargs) | {
            "preview": found,
            "elsewhere": everywhere.submitted - found.looked_at,
            "printed": everywhere.printed,
        }

    def form_valid(self, form: ReasonForm) -> HttpResponse:
        try:
            begun = regrade_work.begin_regrade(
                version_id=self.version.pk,
                reason=form.cleaned_data["reason"],
                by=self.request.user,
                at=timezone.now(),
            )
        except regrade_work.RegradeRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        return redirect("questions:regraded", self.version.pk, begun.pk)


class RegradeSheet(VersionPage, View):
    """Every attempt that a regrade would change, as XLSX."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(
            regrade_sheet.sheet(version=self.version, user=request.user),
            content_type=private_files.EXCEL.content_type,
            headers={
                "Content-Disposition": f'attachment; filename="regrade-{self.version.pk}.xlsx"'
            },
        )


class Regraded(VersionPage, TemplateView):
    """How far a regrade is, and what came of it. POST goes on with one that a problem stopped."""

    page_title = gettext_lazy("Regrade")
    header_icon = "rotate"
    template_name = "quizzes/admin/regraded.html"
    regrading: Regrading

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        done = self.version.regradings.select_related("work", "by__person")
        self.regrading = get_object_or_404(done, pk=kwargs["regrading_id"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().get(request, *args, **kwargs)
        if self.regrading.work.is_going:
            # The bar moves without JavaScript.
            answer["Refresh"] = REFRESH_SECONDS
        return answer

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        progress.try_again(progress_id=self.regrading.work_id, at=timezone.now())
        messages.success(request, _("The work goes on."))
        return redirect("questions:regraded", self.version.pk, self.regrading.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seen = Attempt.objects.visible_to(self.request.user)
        replaced = (
            regrade_work.revisions(self.regrading)
            .filter(attempt__in=seen)
            .select_related("attempt__enrolment__person", "attempt__enrolment__agency")
            .select_related("attempt__enrolment__run", "attempt__quiz__assessment")
            .order_by("pk")
        )
        conflicts = EvidenceConflict.objects.filter(
            found_at=self.regrading.at,
            enrolment__attempts__grade_revisions__in=regrade_work.revisions(self.regrading),
        )
        return super().get_context_data(**kwargs) | {
            "regrading": self.regrading,
            "work": self.regrading.work,
            "page": Paginator(replaced, PER_PAGE).get_page(self.request.GET.get("p")),
            "conflicts": conflicts.distinct().count(),
        }
