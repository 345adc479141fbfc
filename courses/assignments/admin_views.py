"""The staff's pages of assignments in a run: due dates, what was handed in, marking."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages

from courses import asking, running
from courses.assignments import marking, setting, showing
from courses.assignments.forms import DueForm, MarkingForm
from courses.managed_run import ManagedRunPage
from courses.models import Assignment, AssignmentDue, Submission, SubmissionFile
from jobs import private_files

State = Submission.State


class RunAssignments(ManagedRunPage, TemplateView):
    """The assignments of a run, until when, and who has handed in what."""

    page_title = gettext_lazy("Assignments")
    template_name = "courses/assignments/admin/run.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        of_run = AssignmentDue.objects.filter(run=self.run)
        handed_in = (
            Submission.objects.filter(enrolment__run=self.run)
            .exclude(state=State.DRAFT)
            .select_related("enrolment__person", "enrolment__agency", "marked_by")
            .order_by("enrolment__person__sort_name", "pk")
        )
        assignments = (
            Assignment.objects.filter(assessment__course=self.run.course_id)
            .select_related("assessment")
            .prefetch_related(
                Prefetch("dues", of_run, to_attr="due"),
                Prefetch("submissions", handed_in, to_attr="handed_in"),
            )
            .order_by("pk")
        )
        offered = running.offered(self.run)
        blocks = []
        for one in assignments:
            due_at = one.due[0].due_at if one.due else None
            blocks.append(
                {
                    "assignment": one,
                    "offered": one.assessment_id in offered,
                    "due_at": due_at,
                    "form": DueForm(initial={"due_at": due_at}, prefix=f"due-{one.pk}"),
                    "submissions": one.handed_in,
                }
            )
        return super().get_context_data(**kwargs) | {
            "blocks": blocks,
            "learners": self.run.enrolments.active().count(),
            "media": DueForm().media,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Set or lift the due date of one assignment."""
        wanted = request.POST.get("assignment", "")
        of_course = Assignment.objects.filter(assessment__course=self.run.course_id)
        key = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else 0
        assignment = get_object_or_404(of_course.select_related("assessment"), pk=key)
        form = DueForm(request.POST, prefix=f"due-{assignment.pk}")
        if not form.is_valid():
            messages.error(request, _("This is no date. Nothing was changed."))
            return redirect("assignments:run", self.run.pk)
        try:
            setting.set_due(run=self.run, assignment=assignment, due_at=form.cleaned_data["due_at"])
        except setting.SettingRefused as refused:
            messages.error(
                request, _("Not done: %(reason)s Nothing was changed.") % {"reason": refused}
            )
        else:
            messages.success(request, _("The date is kept."))
        return redirect("assignments:run", self.run.pk)


class Marking(ManagedRunPage, TemplateView):
    """One submission: read, marked, returned, or its mark corrected."""

    page_title = gettext_lazy("Mark an assignment")
    template_name = "courses/assignments/admin/mark.html"
    submission: Submission

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        handed_in = Submission.objects.filter(enrolment__run=self.run).exclude(state=State.DRAFT)
        self.submission = get_object_or_404(
            handed_in.select_related(
                "enrolment__person",
                "enrolment__agency",
                "enrolment__run",
                "assignment__assessment",
                "marked_by",
            ),
            pk=kwargs["submission_id"],
        )

    def trail(self) -> list[tuple[str, str]]:
        return [(reverse("assignments:run", args=[self.run.pk]), _("Assignments"))]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        marked = self.submission.state == State.MARKED
        initial = {
            "version": self.submission.version,
            "feedback": self.submission.feedback if marked else "",
        }
        return self._show(MarkingForm(initial=initial, submission=self.submission))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = MarkingForm(request.POST, submission=self.submission)
        if not form.is_valid():
            return self._show(form, status=422)
        about = {
            "submission_id": self.submission.pk,
            "version": form.cleaned_data["version"],
            "feedback": form.cleaned_data["feedback"],
            "at": timezone.now(),
            "by": request.user,
        }
        try:
            if "return" in request.POST:
                marking.return_for_revision(**about)
                said = _("Returned to %(name)s for revision.")
            elif "reason" in form.fields:
                reason = form.cleaned_data["reason"]
                marking.correct(given=form.given(), reason=reason, **about)
                said = _("The mark of %(name)s is corrected.")
            else:
                marking.mark(given=form.given(), **about)
                said = _("The work of %(name)s is marked.")
        except marking.MarkingRefused as refused:
            form.say_wrong(refused.wrong)
            return self._show(form, refused=str(refused), status=409)
        messages.success(request, said % {"name": self.submission.enrolment.person})
        return redirect(self._next())

    def _next(self) -> str:
        """The work that has waited longest in this run, else the run's assignments."""
        waiting = Submission.objects.filter(enrolment__run=self.run).waiting()
        following = waiting.order_by("handed_in_at", "pk").first()
        if following:
            return reverse("assignments:mark", args=[self.run.pk, following.pk])
        return reverse("assignments:run", args=[self.run.pk])

    def _show(self, form: MarkingForm, *, status: int = 200, **more: Any) -> HttpResponse:
        submission = self.submission
        context = self.get_context_data(
            form=form,
            submission=submission,
            files=submission.files.filter(handed_in_at__isnull=False),
            steps=submission.steps.select_related("by"),
            late=showing.is_late(submission),
            pass_percent=asking.pass_percent(submission.assignment.assessment),
            highest=setting.highest(submission.assignment),
            may_return=submission.state == State.HANDED_IN and not submission.returned_at,
            text=submission.handed_in_text(),
            media=form.media,
            **showing.marked(submission),
            **more,
        )
        return self.render_to_response(context, status=status)


class HandedInFile(ManagedRunPage, View):
    """A file that was handed in, for those who manage the run."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        handed_in = SubmissionFile.objects.filter(
            submission__enrolment__run=self.run, handed_in_at__isnull=False
        )
        found = get_object_or_404(handed_in, pk=kwargs["file_id"])
        return private_files.download(found.file.name, as_name=found.name)
