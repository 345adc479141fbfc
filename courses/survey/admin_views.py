"""The staff's side of the survey: its results as bars with a table, and its statements."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.log_actions import log

from courses.asking import RunLink
from courses.managed_run import ManagedRunPage
from courses.models import CourseRun
from courses.survey import answering, counting
from courses.survey.answering import RATINGS
from courses.survey.counting import Results
from courses.survey.forms import StatementsForm
from jobs import workbooks
from jobs.forms import FormPage
from jobs.pictures import Bar, Picture, PictureLine

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_LABEL = 44


class SurveyResults(ManagedRunPage, TemplateView):
    """What the learners of a run say, from five sheets on."""

    page_title = gettext_lazy("Survey")
    header_icon = "form"
    template_name = "courses/survey/admin/results.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = counting.results(self.run)
        return super().get_context_data(**kwargs) | {
            "results": found,
            "fewest": counting.FEWEST,
            "ratings": list(RATINGS),
            "lines": [
                {
                    "count": count,
                    "mean": in_words(count.mean),
                    "times": list(count.ratings.values()),
                }
                for count in found.statements
            ],
            "picture": picture(found),
            "statements": answering.statements_of(self.run.course),
        }


def in_words(mean: float | None) -> str:
    return "–" if mean is None else formats.number_format(mean, decimal_pos=1)


def picture(found: Results) -> Picture:
    """The mean of each statement, on the whole scale up to 5."""
    return Picture(
        name="survey",
        title=_("Bars of the mean rating of each statement. The table has the same figures."),
        headings=[_("Mean rating, of 5")],
        lines=[
            PictureLine(
                label=f"{place}. {_shortened(count.text)}",
                bars=[Bar(round(100 * (count.mean or 0)), 100 * RATINGS[-1], in_words(count.mean))],
            )
            for place, count in enumerate(found.statements, start=1)
        ],
    )


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


class SurveyWorkbook(ManagedRunPage, TemplateView):
    """The same as XLSX; below five sheets there is nothing in it but their number."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = counting.results(self.run)
        workbook, sheet = workbooks.blank(_("Survey"))
        heading = [_("Statement"), *map(str, RATINGS), _("Ratings"), _("Mean")]
        workbooks.write_row(sheet, 1, [str(self.run)])
        workbooks.write_row(sheet, 2, [_("Sheets handed in"), found.sheets])
        workbooks.write_row(sheet, 3, [_("Learners who took part"), found.asked])
        workbooks.write_row(sheet, 5, heading)
        for row, count in enumerate(found.statements, start=6):
            mean = None if count.mean is None else round(count.mean, 2)
            values = [count.text, *count.ratings.values(), count.number, mean]
            workbooks.write_row(sheet, row, values)
        workbooks.widths(sheet, [60, 8, 8, 8, 8, 8, 10, 10])
        comments = workbook.create_sheet(_("Comments"))
        for row, comment in enumerate(found.comments, start=1):
            workbooks.write_row(comments, row, [comment])
        workbooks.widths(comments, [100])
        response = HttpResponse(workbooks.to_bytes(workbook), content_type=WORKBOOK)
        name = f'attachment; filename="survey-{self.run.pk}.xlsx"'
        response.headers["Content-Disposition"] = name
        return response


class Statements(ManagedRunPage, FormPage):
    """The statements of the run's course; they hold for all its runs."""

    page_title = gettext_lazy("Statements of the survey")
    header_icon = "form"
    template_name = "courses/survey/admin/statements.html"
    form_class = StatementsForm

    def trail(self) -> list[tuple[str, str]]:
        return [(reverse("survey:results", args=[self.run.pk]), _("Survey"))]

    def get_initial(self) -> dict[str, Any]:
        own = self.run.course.survey_statements.order_by("order")
        return {"statements": "\n".join(one.text for one in own)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        usual = [str(text) for text in answering.USUAL_STATEMENTS]
        return super().get_context_data(**kwargs) | {"usual": usual}

    def form_valid(self, form: StatementsForm) -> HttpResponse:
        course = self.run.course
        answering.set_statements(course=course, texts=form.cleaned_data["statements"])
        log(instance=course, action="wagtail.edit", user=self.request.user)
        messages.success(self.request, _("The statements have been saved."))
        return redirect("survey:results", self.run.pk)


def addresses() -> list[Any]:
    """Wagtail's ``register_admin_urls``."""
    pages = [
        path("", SurveyResults.as_view(), name="results"),
        path("workbook/", SurveyWorkbook.as_view(), name="workbook"),
        path("statements/", Statements.as_view(), name="statements"),
    ]
    return [path("runs/<int:run_id>/survey/", include((pages, "survey")))]


def links(run: CourseRun, user: Any) -> list[RunLink]:
    """The hook ``run_links``."""
    if run.state == CourseRun.State.DRAFT or not user.has_perm("courses.change_courserun"):
        return []
    return [RunLink(_("Survey"), reverse("survey:results", args=[run.pk]), "form")]
