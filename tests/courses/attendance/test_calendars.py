import re
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.attendance import calendars, holding
from courses.models import Enrolment, Session
from tests import factories
from tests.staff import at_work

pytestmark = pytest.mark.django_db

TITLE = "Đánh giá nội bộ; điều khoản 9.2, phần 1\\2 " + "rất dài " * 15


def unfolded(content: bytes) -> list[tuple[str, str]]:
    """A reader of our own: content lines as RFC 5545 says, one pair each."""
    assert content.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    lines = re.sub(rb"\r\n[ \t]", b"", content).decode().split("\r\n")[:-1]
    return [(line.partition(":")[0], line.partition(":")[2]) for line in lines]


def events(content: bytes) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for name, value in unfolded(content):
        if (name, value) == ("BEGIN", "VEVENT"):
            found.append({})
        elif found:
            found[-1][name] = value
    return found


def plain(text: str) -> str:
    return re.sub(r"\\([\\;,nN])", lambda hit: "\n" if hit[1] in "nN" else hit[1], text)


def learning(**values: Any) -> tuple[Enrolment, Session]:
    enrolment = factories.EnrolmentFactory(**values)
    return enrolment, factories.meeting(enrolment.run, starts_in=60)


def test_a_meeting_is_an_event_with_its_time_place_and_title() -> None:
    enrolment, session = learning()
    Session.objects.filter(pk=session.pk).update(title=TITLE.strip()[:200], place="Phòng 1, tầng 2")
    content = calendars.calendar([enrolment])
    assert ("VERSION", "2.0") in unfolded(content)
    (event,) = events(content)
    assert plain(event["SUMMARY"]).startswith(TITLE.strip()[:200])
    assert plain(event["LOCATION"]) == "Phòng 1, tầng 2"
    begins = session.starts_at.astimezone(UTC)
    assert event["DTSTART"] == begins.strftime("%Y%m%dT%H%M%SZ")
    assert event["DTEND"] == (begins + timedelta(hours=3)).strftime("%Y%m%dT%H%M%SZ")
    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", "0")
    assert re.fullmatch(r"\d{8}T\d{6}Z", event["DTSTAMP"])
    assert event["URL"].endswith(f"/hoc-tap/{enrolment.pk}/")


def test_a_change_keeps_the_uid_and_raises_the_sequence() -> None:
    enrolment, session = learning()
    now = timezone.now()
    (before,) = events(calendars.calendar([enrolment]))
    assert calendars.calendar([enrolment]) == calendars.calendar([enrolment])
    what = {"session_id": session.pk, "by": None, "reason": "Bão.", "at": now}
    holding.change(changes={"place": "Nơi khác"}, **what)
    (moved,) = events(calendars.calendar([enrolment]))
    holding.cancel(**what)
    (cancelled,) = events(calendars.calendar([enrolment]))
    assert before["UID"] == moved["UID"] == cancelled["UID"]
    assert [one["SEQUENCE"] for one in (before, moved, cancelled)] == ["0", "1", "2"]
    assert [one["STATUS"] for one in (moved, cancelled)] == ["CONFIRMED", "CANCELLED"]


def test_one_takes_over_the_meetings_of_one_run_or_of_all() -> None:
    learner = factories.UserFactory()
    first, _session = learning(person=learner.person)
    learning(person=learner.person)
    client = at_work(learner)
    one = client.get(reverse("courses:calendar", args=[first.pk]))
    every = client.get(reverse("courses:calendar_of_all"))
    assert one.headers["Content-Type"].startswith("text/calendar")
    assert (len(events(one.content)), len(events(every.content))) == (1, 2)


def test_a_calendar_is_ones_own_and_ends_with_withdrawing() -> None:
    learner = factories.UserFactory()
    foreign, _session = learning()
    own, _session = learning(person=learner.person)
    client = at_work(learner)
    assert client.get(reverse("courses:calendar", args=[foreign.pk])).status_code == 404
    Enrolment.objects.filter(pk=own.pk).update(withdrawn_at=timezone.now())
    assert client.get(reverse("courses:calendar", args=[own.pk])).status_code == 404
    assert events(client.get(reverse("courses:calendar_of_all")).content) == []


def test_no_meetings_make_an_empty_calendar() -> None:
    assert ("END", "VCALENDAR") in unfolded(calendars.calendar([]))
