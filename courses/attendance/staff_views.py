"""The staff's pages of class meetings, beneath a run in the admin."""

from abc import ABC, abstractmethod
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from courses.attendance import holding, printing, roster, sheets
from courses.attendance.forms import CancelForm, MeetingForm, RosterForm
from courses.attendance.refusing import AttendanceRefused
from courses.managed_run import ManagedRunPage
from courses.models import (
    AttendanceChange,
    AttendanceSheet,
    CourseRun,
    Session,
)
from jobs import private_files
from jobs.forms import FormPage
from jobs.paper import PaperError


class MeetingsPage(ManagedRunPage):
    """A page of the meetings of a run; they are planned while it is a draft."""

    drafts_too = True
    header_icon = "date"

    def trail(self) -> list[tuple[str, Any]]:
        return [(reverse("meetings:index", args=[self.run.pk]), _("Class meetings"))]

    def back(self) -> HttpResponse:
        return redirect("meetings:index", self.run.pk)


class MeetingPage(MeetingsPage):
    """A page of one meeting; one of another run is not there."""

    meeting: Session

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        own = self.run.sessions.select_related("trainer__person")
        self.meeting = get_object_or_404(own, pk=kwargs["meeting_id"])
        self.meeting.run = self.run

    def get_page_subtitle(self) -> str:
        return str(self.meeting)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"meeting": self.meeting, "now": timezone.now()}


class Meetings(MeetingsPage, TemplateView):
    page_title = _("Class meetings")
    template_name = "courses/admin/meetings.html"

    def trail(self) -> list[tuple[str, Any]]:
        return []

    @property
    def header_buttons(self) -> list[Any]:
        if self.run.state == CourseRun.State.CLOSED:
            return []
        address = reverse("meetings:add", args=[self.run.pk])
        return [HeaderButton(_("Add a class meeting"), url=address, icon_name="plus")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        counted = Q(attendance__enrolment__withdrawn_at__isnull=True)
        meetings = self.run.sessions.select_related("trainer__person").annotate(
            present=Count("attendance", filter=counted & Q(attendance__present=True)),
            entered=Count("attendance", filter=counted),
        )
        return context | {
            "meetings": meetings.order_by("starts_at", "pk"),
            "expected": self.run.enrolments.active().count(),
            "closed": self.run.state == CourseRun.State.CLOSED,
        }


class MeetingForms(MeetingsPage, FormPage, ABC):
    """A page with a form about a meeting, whose verb may refuse."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"run": self.run}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            meeting = self.take(form)
        except AttendanceRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(self.request, gettext("“%(meeting)s” is saved.") % {"meeting": meeting})
        return self.back()

    @abstractmethod
    def take(self, form: Any) -> Session:
        """Call the verb; AttendanceRefused is shown above the form."""


class AddMeeting(MeetingForms):
    page_title = _("Add a class meeting")
    template_name = "courses/admin/meeting_form.html"
    form_class = MeetingForm

    def take(self, form: Any) -> Session:
        return holding.hold(run_id=self.run.pk, at=timezone.now(), **form.cleaned_data)


class EditMeeting(MeetingPage, MeetingForms):
    page_title = _("Change the class meeting")
    template_name = "courses/admin/meeting_form.html"
    form_class = MeetingForm

    def get_form_kwargs(self) -> dict[str, Any]:
        # The form writes into what it is given, and the title of the page is that of the row.
        own = Session.objects.get(pk=self.meeting.pk)
        return super().get_form_kwargs() | {"instance": own}

    def take(self, form: Any) -> Session:
        changes = dict(form.cleaned_data)
        return holding.change(
            session_id=self.meeting.pk,
            reason=changes.pop("reason", ""),
            changes=changes,
            by=self.request.user,
            at=timezone.now(),
        )


class CancelMeeting(MeetingPage, MeetingForms):
    page_title = _("Cancel the class meeting")
    template_name = "courses/admin/meeting_cancel.html"
    form_class = CancelForm

    def take(self, form: Any) -> Session:
        return holding.cancel(
            session_id=self.meeting.pk,
            reason=form.cleaned_data.get("reason", ""),
            by=self.request.user,
            at=timezone.now(),
        )


class Roster(MeetingPage, FormPage):
    """Who was there: ticked from the list as called, or from the signed sheet with its scan."""

    page_title = _("Attendance")
    template_name = "courses/admin/roster.html"
    form_class = RosterForm
    header_icon = "tick-inverse"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        lines = roster.lines(self.meeting)
        form = context["form"]
        ticked = set(form.data.getlist("present")) if form.is_bound else None
        changes = AttendanceChange.objects.filter(attendance__session=self.meeting)
        by_entry: dict[int, list[AttendanceChange]] = {}
        for change in changes.select_related("by__person").order_by("at", "pk"):
            by_entry.setdefault(change.attendance_id, []).append(change)
        return context | {
            "rows": [
                {
                    "line": line,
                    "ticked": str(line.enrolment.pk) in ticked
                    if ticked is not None
                    else bool(line.attendance and line.attendance.present),
                    "changes": by_entry.get(line.attendance.pk, []) if line.attendance else [],
                }
                for line in lines
            ],
            "listed": RosterForm.listing(lines),
            "present": sum(bool(line.attendance and line.attendance.present) for line in lines),
            "sheets": self.meeting.sheets.select_related("kept_by__person"),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        what = {
            "session_id": self.meeting.pk,
            "marks": form.marks(),
            "shown": form.shown(),
            "reason": form.cleaned_data["reason"],
            "by": self.request.user,
            "at": timezone.now(),
        }
        scan = form.cleaned_data["scan"]
        try:
            taken = sheets.enter(upload=scan, **what) if scan else roster.enter(**what)
        except AttendanceRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(self.request, said(taken))
        if taken.overtaken:
            messages.warning(self.request, said_of_overtaken(taken))
        return redirect("meetings:roster", self.run.pk, self.meeting.pk)


def said(taken: roster.Taken) -> str:
    """What was done; what was not is not counted."""
    parts = []
    if taken.entered or not taken.changed:
        parts.append(
            ngettext("%(count)s person entered", "%(count)s people entered", taken.entered)
            % {"count": taken.entered}
        )
    if taken.changed:
        parts.append(
            ngettext("%(count)s entry changed", "%(count)s entries changed", taken.changed)
            % {"count": taken.changed}
        )
    return " · ".join(parts)


def said_of_overtaken(taken: roster.Taken) -> str:
    return ngettext(
        "%(count)s entry stays as somebody else entered it meanwhile.",
        "%(count)s entries stay as somebody else entered them meanwhile.",
        taken.overtaken,
    ) % {"count": taken.overtaken}


class PrintSheet(MeetingPage, View):
    """The list to sign, as a PDF."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            pdf = printing.print_sheet(self.meeting)
        except PaperError as error:
            messages.error(request, str(error))
            return self.back()
        response = HttpResponse(pdf, content_type="application/pdf")
        response.headers["Content-Disposition"] = (
            f'attachment; filename="diem-danh-{self.meeting.pk}.pdf"'
        )
        response.headers["Cache-Control"] = "private, no-store"
        return response


class Scan(MeetingPage, View):
    """The scan of a signed sheet."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        own = AttendanceSheet.objects.filter(session=self.meeting)
        kept = get_object_or_404(own, pk=kwargs["sheet_id"])
        return private_files.download(kept.scan.name, as_name=f"diem-danh-{self.meeting.pk}")
