"""Reminding learners of the last day of their run: by itself, or at one press of a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.enrolment_viewset import with_progress
from courses.models import CourseRun, Enrolment, Reminder
from jobs.letters import Letter
from jobs.mailing import Outgoing, queue_mails
from people.addressing import of_person

BATCH = 200
SWEEP_MOST = 1000
# A reminder that could not be queued on its day is still of use on the next two.
OF_USE = timedelta(days=2)


@dataclass(frozen=True)
class Reminded:
    """How many were reminded, and why others were not."""

    queued: int = 0
    reminded_today: int = 0
    without_address: int = 0
    nothing_to_do: int = 0


def unfinished() -> QuerySet[Enrolment]:
    """Who can still complete a run and has not."""
    return Enrolment.objects.active().filter(
        completed_at__isnull=True, run__state__in=CourseRun.GOING_ON
    )


def late(*, on: date) -> QuerySet[Enrolment]:
    """Who is past the last day of a run that still goes on."""
    return unfinished().filter(run__ends_on__lt=on)


def remind(*, enrolment_ids: Iterable[int], by: Any, at: datetime) -> Reminded:
    """Remind these learners now, each at most once a day; of others than ``by`` sees, nobody."""
    today = timezone.localdate(at)
    asked = set(enrolment_ids)
    seen = Enrolment.objects.visible_to(by).filter(pk__in=asked)
    ids = set(seen.values_list("pk", flat=True))
    going = set(unfinished().filter(pk__in=ids).values_list("pk", flat=True))
    before = set(
        Reminder.objects.filter(enrolment__in=going, on=today).values_list("enrolment", flat=True)
    )
    reachable = set(
        _with_address(unfinished().filter(pk__in=going - before)).values_list("pk", flat=True)
    )
    queued = 0
    wanted = sorted(reachable)
    for start in range(0, len(wanted), BATCH):
        queued += _queue(wanted[start : start + BATCH], stages={}, by=by, at=at)
    return Reminded(
        queued=queued,
        # Who pressed at the same moment was first: those were reminded today too.
        reminded_today=len(before) + len(reachable) - queued,
        without_address=len(going - before - reachable),
        nothing_to_do=len(ids - going),
    )


def stages_by_deadline(*, on: date) -> dict[date, int]:
    """For each last day of a run on which somebody is to be reminded today, the stage reached."""
    days = [-day for day in settings.REMIND_DAYS_BEFORE] + list(settings.REMIND_DAYS_LATE)
    found: dict[date, int] = {}
    for stage in sorted(days):
        for delay in range(OF_USE.days + 1):
            deadline = on - timedelta(days=stage + delay)
            # Of two stages that are open for a deadline the later one counts.
            found[deadline] = max(stage, found.get(deadline, stage))
    return found


def remind_due(at: datetime) -> int:
    """Sweep: remind before the deadline and after it, once for each enrolment, deadline, stage."""
    today = timezone.localdate(at)
    left = SWEEP_MOST
    for deadline, stage in stages_by_deadline(on=today).items():
        # Who enrolled only after that day has just read the deadline.
        before = datetime.combine(
            deadline + timedelta(days=stage), datetime.min.time(), timezone.get_current_timezone()
        )
        known = Reminder.objects.filter(deadline=deadline, stage=stage)
        due = (
            _with_address(unfinished())
            .filter(run__ends_on=deadline, enrolled_at__lt=before)
            # One and the same reminder: two conditions on a relation would ask for any two.
            .exclude(pk__in=known.values("enrolment"))
            .exclude(reminders__on=today)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        while left > 0 and (ids := list(due[: min(BATCH, left)])):
            _queue(ids, stages={deadline: stage}, by=None, at=at)
            left -= len(ids)
    return SWEEP_MOST - left


def _with_address(enrolments: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    return enrolments.filter(~Q(person__email="") | Q(person__user__email__gt=""))


def _queue(ids: Sequence[int], *, stages: dict[date, int], by: Any, at: datetime) -> int:
    """Write reminders and mails for these enrolments; returns how many were new."""
    today = timezone.localdate(at)
    found = with_progress(
        Enrolment.objects.filter(pk__in=ids).select_related("person__user", "run__course")
    )
    rows, mails = [], []
    for enrolment in found:
        deadline = enrolment.run.ends_on
        rows.append(
            Reminder(
                enrolment=enrolment,
                on=today,
                at=at,
                deadline=deadline,
                stage=stages.get(deadline),
                by=by,
            )
        )
        mails.append(_mail(enrolment, on=today))
    with transaction.atomic():
        # Whoever comes second writes neither the row nor, by its key, the mail.
        known = set(
            Reminder.objects.select_for_update()
            .filter(enrolment__in=ids, on=today)
            .values_list("enrolment", flat=True)
        )
        Reminder.objects.bulk_create(rows, ignore_conflicts=True)
        queue_mails(mails=mails, at=at)
    return len(rows) - len(known)


def _mail(enrolment: Any, *, on: date) -> Outgoing:
    to = of_person(enrolment.person)
    with translation.override(to.language):
        letter = Letter(
            subject=_subject(enrolment, on=on),
            name=to.name,
            paragraphs=[
                _("The run “%(run)s” of the course “%(course)s” ends on %(date)s.")
                % {
                    "run": enrolment.run,
                    "course": enrolment.run.course,
                    "date": enrolment.run.ends_on.strftime("%d/%m/%Y"),
                },
                _("Lessons completed: %(done)s of %(wanted)s. The course is not completed yet.")
                % {"done": enrolment.done, "wanted": enrolment.wanted},
            ],
            path=reverse("courses:enrolment", args=[enrolment.pk]),
            link=_("Go on learning"),
        )
    key = f"reminder-{enrolment.pk}-{on:%Y%m%d}"
    return Outgoing(key, to.email, letter.render(language=to.language))


def _subject(enrolment: Enrolment, *, on: date) -> str:
    left = (enrolment.run.ends_on - on).days
    values = {"days": abs(left), "course": enrolment.run.course}
    if left > 0:
        return (
            ngettext("%(days)s day left: %(course)s", "%(days)s days left: %(course)s", left)
            % values
        )
    if left == 0:
        return _("Last day: %(course)s") % values
    return (
        ngettext("%(days)s day late: %(course)s", "%(days)s days late: %(course)s", -left) % values
    )
