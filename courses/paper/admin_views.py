"""The staff's pages of paper tests: what was entered, the grid, the workbook, the scan."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View
from wagtail.admin import messages

from courses import asking
from courses.managed_run import ManagedRunPage
from courses.models import Assessment, AssessmentResult, ResultSheet
from courses.paper import correcting, entering, grid, workbook
from courses.paper.forms import CorrectionForm, SheetForm, WorkbookForm
from jobs import private_files
from jobs.forms import FormPage
from jobs.workbooks import WorkbookRefused

PER_PAGE = 300


class PaperTests(ManagedRunPage, TemplateView):
    """The tests of a run that can be held on paper, and the sheets entered so far."""

    page_title = gettext_lazy("Paper tests")
    template_name = "courses/paper/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = Q(results__enrolment__run=self.run, results__source="paper")
        tests = entering.tests_of(self.run).annotate(
            entered=Count("results", filter=own),
            passed=Count("results", filter=own & Q(results__passed=True)),
        )
        sheets = self.run.result_sheets.select_related("assessment", "entered_by")
        return super().get_context_data(**kwargs) | {
            "tests": tests,
            "learners": self.run.enrolments.active().count(),
            "sheets": sheets.annotate(marks=Count("results")),
        }


class TestPage(ManagedRunPage):
    """What is about one test of a run; a test of another course is 404."""

    assessment: Assessment

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        tests = entering.tests_of(self.run)
        self.assessment = get_object_or_404(tests, pk=kwargs["assessment_id"])


class Grid(TestPage, TemplateView):
    """Marks are typed here, or shown as a workbook would change them, and entered by POST."""

    page_title = gettext_lazy("Enter marks")
    template_name = "courses/paper/grid.html"

    def trail(self) -> list[tuple[str, str]]:
        return [(reverse("paper:index", args=[self.run.pk]), _("Paper tests"))]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(SheetForm(initial=self._last()), grid.rows(**self._about()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._preview() if "preview" in request.POST else self._enter()

    def _about(self) -> dict[str, Any]:
        return {"run": self.run, "assessment": self.assessment}

    def _last(self) -> dict[str, Any]:
        last = ResultSheet.objects.filter(**self._about()).first()
        highest = entering.in_words(last.max_score) if last else "10"
        return {"taken_on": timezone.localdate(last.decided_at) if last else None} | {
            "max_score": highest
        }

    def _preview(self) -> HttpResponse:
        form, rows = WorkbookForm(self.request.POST, self.request.FILES), grid.rows(**self._about())
        problems: list[workbook.Problem] = []
        if form.is_valid():
            try:
                problems = workbook.fill(rows, form.cleaned_data["workbook"], **self._about())
            except WorkbookRefused as refused:
                form.add_error("workbook", str(refused))
        if not form.is_valid():
            return self._show(SheetForm(initial=self._last()), rows, upload=form, status=422)
        changed = [row for row in rows if row.change or row.error]
        return self._show(
            SheetForm(initial=self._last()),
            rows if len(rows) <= PER_PAGE else changed[:PER_PAGE],
            whole=True,
            problems=problems,
            previewed=True,
            later=max(0, len(changed) - PER_PAGE),
        )

    def _enter(self) -> HttpResponse:
        form, rows = SheetForm(self.request.POST, self.request.FILES), grid.rows(**self._about())
        reasons: list[str] = []
        try:
            marks = grid.take(self.request.POST, rows)
            if form.is_valid():
                entered = entering.enter_marks(
                    run_id=self.run.pk,
                    assessment_id=self.assessment.pk,
                    marks=marks,
                    at=timezone.now(),
                    by=self.request.user,
                    **form.cleaned_data,
                )
                if marks or entered.sheet:
                    messages.success(self.request, said(entered))
                else:
                    messages.warning(self.request, _where_to_correct())
                return redirect("paper:index", self.run.pk)
        except entering.MarksRefused as refused:
            reasons = [str(reason) for reason in refused.reasons]
            for row in rows:
                row.error = refused.rows.get(row.enrolment.pk, "")
        typed = [row for row in rows if f"mark-{row.key}" in self.request.POST]
        wrong = any(row.error for row in typed)
        return self._show(
            form, typed, whole=True, reasons=reasons, refused=True, wrong=wrong, status=422
        )

    def _show(
        self,
        form: SheetForm,
        rows: list[grid.Row],
        *,
        upload: WorkbookForm | None = None,
        whole: bool = False,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        pages = Paginator(rows, max(1, len(rows)) if whole else PER_PAGE)
        page = pages.get_page(self.request.GET.get("p"))
        context = self.get_context_data(
            assessment=self.assessment,
            form=form,
            upload=upload or WorkbookForm(),
            page=page,
            pass_percent=asking.pass_percent(self.assessment),
            **more,
        )
        return self.render_to_response(context, status=status)


def _where_to_correct() -> str:
    return _(
        "Nothing was changed: no mark was typed anew. The day and the highest mark of a sheet that "
        "was entered are corrected below, beside it."
    )


def said(entered: entering.Entered) -> str:
    if entered.sheet is None:
        return _("Nothing was changed: these marks were entered before.")
    parts = []
    if entered.added:
        parts.append(
            ngettext("%(count)s mark entered", "%(count)s marks entered", entered.added)
            % {"count": entered.added}
        )
    if entered.corrected:
        parts.append(
            ngettext("%(count)s mark corrected", "%(count)s marks corrected", entered.corrected)
            % {"count": entered.corrected}
        )
    if not parts:
        parts.append(_("The scan is kept"))
    return " · ".join(parts)


@dataclass(frozen=True)
class Line:
    """A mark of a sheet, and why it cannot stand as corrected."""

    result: AssessmentResult
    error: str = ""


class CorrectSheet(ManagedRunPage, FormPage):
    """The day or the highest mark of a sheet that was entered, corrected for all its marks."""

    page_title = gettext_lazy("Correct day or highest mark")
    template_name = "courses/paper/correct.html"
    form_class = CorrectionForm
    sheet: ResultSheet

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        sheets = self.run.result_sheets.filter(assessment__in=entering.tests_of(self.run))
        self.sheet = get_object_or_404(
            sheets.select_related("assessment"), pk=kwargs["result_sheet_id"]
        )
        self.wrong: dict[int, str] = {}

    def trail(self) -> list[tuple[str, str]]:
        return [(reverse("paper:index", args=[self.run.pk]), _("Paper tests"))]

    def get_initial(self) -> dict[str, Any]:
        return {
            "taken_on": timezone.localdate(self.sheet.decided_at),
            "max_score": entering.in_words(self.sheet.max_score),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        results = list(correcting.correctable(self.sheet))
        return context | {
            "sheet": self.sheet,
            "rows": [Line(one, self.wrong.get(one.enrolment_id, "")) for one in results],
            "gone": self.sheet.results.count() - len(results),
            "consequences": asking.consequences([one.enrolment for one in results]),
            "pass_percent": asking.pass_percent(self.sheet.assessment),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            entered = correcting.correct_sheet(
                sheet_id=self.sheet.pk, at=timezone.now(), by=self.request.user, **form.cleaned_data
            )
        except entering.MarksRefused as refused:
            self.wrong = refused.rows
            for reason in refused.reasons or [_("Some marks cannot be entered so: see below.")]:
                form.add_error(None, str(reason))
            return self.form_invalid(form)
        messages.success(self.request, said(entered))
        return redirect("paper:index", self.run.pk)


class Template(TestPage, View):
    """The workbook with the run's learners."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        about: dict[str, Any] = {"run": self.run, "assessment": self.assessment}
        content = workbook.template(rows=grid.rows(**about), **about)
        name = private_files.plain_name(f"{self.run.name} {self.assessment.title}")
        return HttpResponse(
            content,
            content_type=private_files.EXCEL.content_type,
            headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"'},
        )


class Scan(ManagedRunPage, View):
    """The scan of a sheet, for those who manage its run."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        sheet = get_object_or_404(self.run.result_sheets, pk=kwargs["result_sheet_id"])
        if not sheet.scan:
            raise Http404
        return private_files.download(sheet.scan.name, as_name=f"paper-test-{sheet.pk}")
