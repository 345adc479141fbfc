"""The staff's pages of printed tests, beneath a run in the admin."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View
from wagtail.admin import messages

from courses import asking
from courses.managed_run import ManagedRunPage
from courses.models import ResultSheet
from courses.paper.admin_views import PER_PAGE, said
from courses.paper.entering import MarksRefused
from courses.paper.forms import WorkbookForm
from courses.paper.workbook import Problem
from jobs import private_files
from jobs.forms import FormPage
from jobs.paper import PaperError
from jobs.workbooks import WorkbookRefused
from quizzes.models import PrintedTest, PrintedVariant, QuestionBank
from quizzes.printed import entering, grid, printing, regrading, variants, workbook
from quizzes.printed.forms import AnswersForm, DrawForm, ReasonForm
from quizzes.printed.variants import PrintingRefused


class PrintedTests(ManagedRunPage, FormPage):
    """The printed tests of a run, and drawing another one."""

    page_title = _("Printed tests")
    template_name = "quizzes/admin/printed_tests.html"
    header_icon = "doc-full"
    form_class = DrawForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"run": self.run}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        tests = self.run.printed_tests.select_related("quiz__assessment", "drawn_by__person")
        return context | {
            "tests": tests.prefetch_related("variants")
            .annotate(entered=Count("responses"))
            .order_by("-drawn_at", "-pk"),
            "learners": self.run.enrolments.active().count(),
            "banks": set(
                QuestionBank.objects.visible_to(self.request.user).values_list("pk", flat=True)
            ),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            variants.draw_variants(
                quiz_id=form.cleaned_data["quiz"].pk,
                run_id=self.run.pk,
                count=form.cleaned_data["count"],
                at=timezone.now(),
                by=self.request.user,
            )
        except PrintingRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        count = form.cleaned_data["count"]
        messages.success(
            self.request,
            ngettext("%(count)s variant drawn", "%(count)s variants drawn", count)
            % {"count": count},
        )
        return redirect("printed:index", self.run.pk)


class PrintedTestPage(ManagedRunPage):
    """A page of one printed test; one of another run is not there."""

    test: PrintedTest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        own = self.run.printed_tests.select_related("quiz__assessment", "quiz__bank")
        self.test = get_object_or_404(own, pk=kwargs["printed_test_id"])
        self.test.run = self.run

    def trail(self) -> list[tuple[str, Any]]:
        return [(reverse("printed:index", args=[self.run.pk]), _("Printed tests"))]

    def pdf(self, draw: Any, drawn: list[PrintedVariant], name: str) -> HttpResponse:
        try:
            content = draw(self.test, drawn)
        except PaperError as error:
            messages.error(self.request, str(error))
            return redirect("printed:index", self.run.pk)
        codes = drawn[0].code if len(drawn) == 1 else f"{drawn[0].code}-{drawn[-1].code}"
        return HttpResponse(
            content,
            content_type="application/pdf",
            headers={
                "Content-Disposition": f'attachment; filename="{name}-{codes}.pdf"',
                "Cache-Control": "private, no-store",
            },
        )


class Papers(PrintedTestPage, View):
    """The papers with their answer sheets, all variants or one, as a PDF."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        drawn = list(self.test.variants.order_by("code"))
        if "printed_variant_id" in kwargs:
            wanted = kwargs["printed_variant_id"]
            drawn = [get_object_or_404(self.test.variants.all(), pk=wanted)]
        return self.pdf(printing.print_papers, drawn, "de-kiem-tra")


class Keys(PrintedTestPage, View):
    """The keys, for those who may see the bank; for anybody else they are not there."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        get_object_or_404(QuestionBank.objects.visible_to(request.user), pk=self.test.quiz.bank_id)
        drawn = list(self.test.variants.order_by("code"))
        return self.pdf(printing.print_keys, drawn, "dap-an")


class Answers(PrintedTestPage, TemplateView):
    """Answers are typed here, or shown as a workbook would change them, and entered by POST."""

    page_title = _("Enter answers")
    template_name = "quizzes/admin/printed_answers.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(AnswersForm(initial=self._last()), self._rows())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._preview() if "preview" in request.POST else self._enter()

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.by_code = entering.papers(self.test)

    def _rows(self) -> list[grid.Row]:
        return grid.rows(self.test, self.by_code)

    def _last(self) -> dict[str, Any]:
        sheets = ResultSheet.objects.filter(run=self.run, assessment=self.test.quiz.assessment)
        last = sheets.filter(entered_at__gte=self.test.drawn_at).first()
        return {"taken_on": timezone.localdate(last.decided_at) if last else None}

    def _preview(self) -> HttpResponse:
        form, rows = WorkbookForm(self.request.POST, self.request.FILES), self._rows()
        problems: list[Problem] = []
        if form.is_valid():
            try:
                problems = workbook.fill(rows, form.cleaned_data["workbook"], test=self.test)
            except WorkbookRefused as refused:
                form.add_error("workbook", str(refused))
        if not form.is_valid():
            return self._show(AnswersForm(initial=self._last()), rows, upload=form, status=422)
        for row in rows:
            if row.change:
                row.error = grid.wrong_with(row, self.by_code)
        changed = [row for row in rows if row.change]
        return self._show(
            AnswersForm(initial=self._last()),
            rows if len(rows) <= PER_PAGE else changed[:PER_PAGE],
            whole=True,
            problems=problems,
            previewed=True,
            later=max(0, len(changed) - PER_PAGE),
        )

    def _enter(self) -> HttpResponse:
        form, rows = AnswersForm(self.request.POST, self.request.FILES), self._rows()
        reasons: list[str] = []
        try:
            handed_in = grid.take(self.request.POST, rows, self.by_code)
            if form.is_valid():
                kept = entering.enter_answers(
                    test_id=self.test.pk,
                    handed_in=handed_in,
                    at=timezone.now(),
                    by=self.request.user,
                    **form.cleaned_data,
                )
                messages.success(self.request, _said(kept))
                return redirect("printed:index", self.run.pk)
        except MarksRefused as refused:
            reasons = [str(reason) for reason in refused.reasons]
            for row in rows:
                row.error = refused.rows.get(row.enrolment.pk, "")
        typed = [row for row in rows if f"line-{row.key}" in self.request.POST]
        wrong = any(row.error for row in typed)
        return self._show(
            form, typed, whole=True, reasons=reasons, refused=True, wrong=wrong, status=422
        )

    def _show(
        self,
        form: AnswersForm,
        rows: list[grid.Row],
        *,
        upload: WorkbookForm | None = None,
        whole: bool = False,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        pages = Paginator(rows, max(1, len(rows)) if whole else PER_PAGE)
        context = self.get_context_data(
            test=self.test,
            codes=list(self.by_code),
            outdated=len(regrading.outdated(self.test)),
            questions=len(next(iter(self.by_code.values())).questions),
            form=form,
            upload=upload or WorkbookForm(),
            page=pages.get_page(self.request.GET.get("p")),
            **more,
        )
        return self.render_to_response(context, status=status)


class GradeAgain(PrintedTestPage, FormPage):
    """Which marks a corrected key changes and what rests on them; entered with a reason."""

    page_title = _("Marks by the corrected key")
    template_name = "quizzes/admin/printed_again.html"
    form_class = ReasonForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        outdated = regrading.outdated(self.test)
        return context | {
            "test": self.test,
            "outdated": outdated,
            "consequences": asking.consequences([one.enrolment for one in outdated]),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            changed = regrading.grade_again(
                test_id=self.test.pk,
                reason=form.cleaned_data["reason"],
                by=self.request.user,
                at=timezone.now(),
            )
        except MarksRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(
            self.request,
            ngettext("%(count)s mark corrected", "%(count)s marks corrected", changed)
            % {"count": changed},
        )
        return redirect("printed:answers", self.run.pk, self.test.pk)


def _said(kept: entering.Kept) -> str:
    if kept.papers and kept.marks.sheet is None:
        return gettext("The answers are changed; the marks stay the same.")
    return said(kept.marks)


class Template(PrintedTestPage, View):
    """The workbook with the run's learners."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = grid.rows(self.test, entering.papers(self.test))
        name = private_files.plain_name(f"{self.run.name} {self.test.quiz.assessment.title}")
        return HttpResponse(
            workbook.template(self.test, rows),
            content_type=private_files.EXCEL.content_type,
            headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"'},
        )
