from datetime import timedelta

import pytest
from django.utils import timezone

from courses.attendance.holding import cancel, hold
from courses.copying import copy_run
from courses.models import CourseRun, Session
from courses.running import open_run
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def meeting(run: CourseRun, title: str, *, day: int) -> Session:
    begins = timezone.localtime(NOW).replace(hour=8, minute=0) + timedelta(days=day)
    return hold(
        run_id=run.pk,
        title=title,
        starts_at=begins,
        ends_at=begins + timedelta(hours=3),
        place="Hội trường Sở",
        at=NOW,
    )


def test_a_copy_is_a_draft_with_everything_as_many_days_later() -> None:
    trainer = factories.UserFactory(trainer=True)
    agency = factories.AgencyFactory()
    run = factories.RunFactory(
        mode=CourseRun.Mode.BLENDED,
        capacity=30,
        provider="Viện Năng suất Việt Nam",
        trainers=[trainer],
        open_to=CourseRun.OpenTo.AGENCIES,
        agencies=[agency],
        needs_approval=True,
        enrol_until=timezone.localdate() + timedelta(days=3),
    )
    kept, gone = meeting(run, "Buổi 1", day=1), meeting(run, "Buổi 2", day=2)
    cancel(session_id=gone.pk, by=None, reason="Trùng lịch", at=NOW)
    factories.EnrolmentFactory(
        run=run,
        person=factories.PersonFactory(agency=agency),
        by=factories.UserFactory(officer=True),
    )
    copy = copy_run(
        run_id=run.pk, name="Đợt sau", starts_on=run.starts_on + timedelta(days=35), at=NOW
    )
    assert (copy.state, copy.name, copy.frozen_rules) == ("draft", "Đợt sau", None)
    later = timedelta(days=35)
    assert (copy.ends_on, copy.enrol_until) == (run.ends_on + later, run.enrol_until + later)
    for name in ("course", "mode", "capacity", "provider", "open_to", "needs_approval"):
        assert getattr(copy, name) == getattr(run, name)
    assert list(copy.trainers.all()) == [trainer]
    assert list(copy.agencies.all()) == [agency]
    session = copy.sessions.get()
    assert (session.title, session.place) == ("Buổi 1", "Hội trường Sở")
    assert (session.starts_at, session.ends_at) == (kept.starts_at + later, kept.ends_at + later)
    assert session.secret != kept.secret
    assert not copy.enrolments.exists()
    assert not copy.amendments.exists()


def test_a_copy_takes_the_rules_of_the_course_when_it_is_opened() -> None:
    run = factories.RunFactory()
    run.course.participation_rule = {"lessons": 10}
    run.course.save()
    copy = copy_run(run_id=run.pk, name="Đợt sau", starts_on=run.starts_on, at=NOW)
    opened = open_run(run_id=copy.pk, at=NOW)
    assert opened.rules["participation"] == {"lessons": 10}
    assert run.rules["participation"] != {"lessons": 10}
