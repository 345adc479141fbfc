"""Class meetings as a calendar that phones and Outlook take over (iCalendar, RFC 5545)."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from courses.models import Enrolment, Session


def calendar(enrolments: Iterable[Enrolment]) -> bytes:
    """The meetings of the runs of these enrolments, those that were cancelled too.

    A meeting keeps its UID, and its SEQUENCE grows with every change: taken over again, the
    calendar moves what was moved and strikes out what was cancelled. Times are in UTC.
    """
    by_run = {enrolment.run_id: enrolment for enrolment in enrolments}
    written = Calendar()
    written.add("prodid", "-//ISO training//class meetings//VI")
    written.add("version", "2.0")
    written.add("method", "PUBLISH")
    written.add("x-wr-calname", _("Class meetings"))
    sessions = Session.objects.filter(run__in=by_run).select_related(
        "run__course", "trainer__person"
    )
    for session in sessions.order_by("starts_at", "pk"):
        written.add_component(_event(session, by_run[session.run_id]))
    content: bytes = written.to_ical()
    return content


def _event(session: Session, enrolment: Enrolment) -> Event:
    page = settings.PUBLIC_URL + reverse("courses:enrolment", args=[enrolment.pk])
    event = Event()
    event.add("uid", f"meeting-{session.pk}@{urlsplit(settings.PUBLIC_URL).hostname}")
    event.add("sequence", session.revision)
    event.add("dtstamp", session.revised_at)
    event.add("last-modified", session.revised_at)
    event.add("dtstart", session.starts_at)
    event.add("dtend", session.ends_at)
    event.add("summary", f"{session.title} – {session.run.course.title}")
    event.add("location", session.place)
    event.add("description", _description(session))
    event.add("url", page)
    event.add("status", "CANCELLED" if session.cancelled_at else "CONFIRMED")
    return event


def _description(session: Session) -> str:
    lines = [session.run.name]
    if session.trainer:
        lines.append(_("Trainer: %(name)s") % {"name": session.trainer})
    return "\n".join(lines)
