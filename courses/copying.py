"""Holding a run once more: a new draft, everything as many days later."""

from datetime import date, datetime

from django.db import transaction

from courses import authoring
from courses.attendance import holding
from courses.models import CourseRun


def copy_run(*, run_id: int, name: str, starts_on: date, at: datetime) -> CourseRun:
    """A draft with the run's trainers, audience and class meetings, beginning on ``starts_on``.

    Rules and lessons are the course's when the copy is opened. Those invited and enrolled are not
    taken over, nor cancelled meetings. Raises CourseRun.DoesNotExist.
    """
    with transaction.atomic():
        source = CourseRun.objects.select_related("course").get(pk=run_id)
        later = starts_on - source.starts_on
        copy = authoring.draft_run(
            course=source.course,
            name=name,
            starts_on=starts_on,
            ends_on=source.ends_on + later,
            enrol_until=source.enrol_until + later if source.enrol_until else None,
            mode=CourseRun.Mode(source.mode),
            phase=source.phase,
            territory=source.territory,
            supplementary=source.supplementary,
            provider=source.provider,
            capacity=source.capacity,
            trainers=source.trainers.all(),
            open_to=CourseRun.OpenTo(source.open_to),
            agencies=source.agencies.all(),
            levels=source.levels,
            needs_approval=source.needs_approval,
        )
        for meeting in source.sessions.held().select_related("trainer"):
            holding.hold(
                run_id=copy.pk,
                title=meeting.title,
                starts_at=meeting.starts_at + later,
                ends_at=meeting.ends_at + later,
                place=meeting.place,
                trainer=meeting.trainer,
                at=at,
            )
    return copy
