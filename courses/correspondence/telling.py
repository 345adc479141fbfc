"""Telling who asked for a place what became of it: a seat, at last or at once, or none."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from courses.models import EnrolmentRequest
from jobs.letters import Letter
from jobs.mailing import Outgoing, queue_mails
from people.addressing import Addressee, of_person

BATCH = 200
State = EnrolmentRequest.State


def tell_decided(at: datetime) -> int:
    """Sweep: queue a mail for each request that was decided and not told of yet, once."""
    told = 0
    while requests := list(
        EnrolmentRequest.objects.filter(
            state__in=[State.ENROLLED, State.REFUSED], told_at__isnull=True
        )
        .select_related("person__user", "run__course__page")
        .order_by("pk")[:BATCH]
    ):
        mails = [_mail(one) for one in requests if of_person(one.person).email]
        with transaction.atomic():
            queue_mails(mails=mails, at=at)
            EnrolmentRequest.objects.filter(pk__in=[one.pk for one in requests]).update(told_at=at)
        told += len(requests)
    return told


def _mail(request: EnrolmentRequest) -> Outgoing:
    to = of_person(request.person)
    with translation.override(to.language):
        letter = _seated(request, to) if request.state == State.ENROLLED else _refused(request, to)
    key = f"request-{request.pk}-{request.state}"
    return Outgoing(key, to.email, letter.render(language=to.language))


def _seated(request: EnrolmentRequest, to: Addressee) -> Letter:
    values = {"run": request.run, "course": request.run.course}
    return Letter(
        subject=_("Enrolled: %(course)s") % values,
        name=to.name,
        paragraphs=[
            _("The place in the run “%(run)s” of the course “%(course)s” is given.") % values,
            _("The last day of the run is %(date)s.")
            % {"date": request.run.ends_on.strftime("%d/%m/%Y")},
        ],
        path=reverse("courses:mine"),
        link=_("Begin to learn"),
    )


def _refused(request: EnrolmentRequest, to: Addressee) -> Letter:
    values = {"run": request.run, "course": request.run.course}
    said = [_("Reason: %(reason)s") % {"reason": request.reason}] if request.reason else []
    return Letter(
        subject=_("Not enrolled: %(course)s") % values,
        name=to.name,
        paragraphs=[
            _("The request for the run “%(run)s” of the course “%(course)s” was refused.") % values,
            *said,
        ],
        path=reverse("courses:catalogue"),
        link=_("See the courses"),
    )
