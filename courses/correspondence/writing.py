"""A message to a whole run: written once, mailed to each active learner in batches."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from courses.models import CourseRun, Enrolment, RunMessage
from jobs import progress
from jobs.hinting import hint
from jobs.letters import Letter, Rendered
from jobs.mailing import Outgoing, queue_mails
from jobs.models import Progress
from jobs.tasks import send_all
from people.addressing import of_person

KIND = "courses.run_message"
BATCH = 250


class MessageRefused(Exception):
    """Carries the reason, in words for the person who wrote."""


def write_to_run(
    *, run_id: int, form: UUID, subject: str, text: str, by: Any, at: datetime
) -> RunMessage:
    """Keep the message and begin to mail it; the same form again is the same message.

    Raises MessageRefused for a draft, and CourseRun.DoesNotExist.
    """
    with transaction.atomic():
        run = CourseRun.objects.select_for_update().get(pk=run_id)
        if known := RunMessage.objects.filter(form=form).first():
            if known.run_id != run_id:
                raise MessageRefused(_("This form has been used for another run."))
            return known
        if run.state == CourseRun.State.DRAFT:
            raise MessageRefused(_("Nobody is enrolled in a draft."))
        learners = Enrolment.objects.active().filter(run=run).count()
        return RunMessage.objects.create(
            run=run,
            form=form,
            subject=subject,
            text=text,
            sent_by=by,
            sent_at=at,
            progress=progress.begin(kind=KIND, total=learners, at=at, by=by),
        )


def queue_batch(work: Progress, at: datetime) -> int:
    """Queue the mails to the next learners; a batch for ``jobs.progress``.

    Everybody gets the same words, so that a letter is made once for each language.
    """
    message = RunMessage.objects.select_related("run__course").get(progress=work)
    following = Enrolment.objects.active().filter(run=message.run_id, pk__gt=message.reached)
    enrolments = list(following.select_related("person__user").order_by("pk")[:BATCH])
    if not enrolments:
        hint(send_all)
        return 0
    letters: dict[str, Rendered] = {}
    mails = []
    for enrolment in enrolments:
        to = of_person(enrolment.person)
        if to.email:
            letter = letters.get(to.language) or _letter(message, to.language)
            letters[to.language] = letter
            mails.append(Outgoing(f"message-{message.pk}-{enrolment.pk}", to.email, letter))
    queue_mails(mails=mails, at=at)
    message.reached = enrolments[-1].pk
    message.mails += len(mails)
    message.save(update_fields=["reached", "mails"])
    return len(enrolments)


def _letter(message: RunMessage, language: str) -> Rendered:
    with translation.override(language):
        heading = _("To the learners of the run “%(run)s”, course “%(course)s”:") % {
            "run": message.run,
            "course": message.run.course,
        }
        letter = Letter(
            subject=message.subject,
            paragraphs=[heading, message.text],
            path=reverse("courses:mine"),
            link=_("My courses"),
        )
    return letter.render(language=language)
