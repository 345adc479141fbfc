"""Telling focal points, on the days of ``DIGEST_DAYS``, who of their agencies is late."""

from collections import defaultdict
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.correspondence.reminding import late
from courses.models import Enrolment
from jobs.letters import Letter
from jobs.mailing import Outgoing, queue_mails
from jobs.models import Mail
from people.addressing import of_user
from people.models import AgencyRole, User

LONGEST = 50
SWEEP_MOST = 100


def digest_due(at: datetime) -> int:
    """Sweep: one mail a day to each focal point whose agencies have somebody late."""
    today = timezone.localdate(at)
    if today.isoweekday() not in settings.DIGEST_DAYS:
        return 0
    agencies = late(on=today).filter(agency__isnull=False).order_by().values("agency").distinct()
    roles: dict[int, list[int]] = defaultdict(list)
    acting = AgencyRole.objects.filter(agency__in=agencies)
    for user_id, agency_id in acting.values_list("user", "agency"):
        roles[user_id].append(agency_id)
    keys = {f"digest-{user_id}-{today:%Y%m%d}": user_id for user_id in roles}
    told = {keys[key] for key in Mail.objects.filter(key__in=keys).values_list("key", flat=True)}
    users = User.objects.filter(pk__in=roles.keys() - told, is_active=True)
    mails = []
    for user in users.select_related("person").order_by("pk"):
        if of_user(user).email:
            key = f"digest-{user.pk}-{today:%Y%m%d}"
            people = late(on=today).filter(agency__in=roles[user.pk])
            mails.append(_mail(key, user, _lines(people), people.count()))
            if len(mails) == SWEEP_MOST:
                break
    queue_mails(mails=mails, at=at)
    return len(mails)


def _lines(people: QuerySet[Enrolment]) -> list[Enrolment]:
    ordered = people.select_related("person", "run", "agency")
    return list(ordered.order_by("person__sort_name", "pk")[:LONGEST])


def _mail(key: str, user: User, people: list[Enrolment], number: int) -> Outgoing:
    to = of_user(user)
    with translation.override(to.language):
        lines = [
            _("%(person)s (%(agency)s): %(run)s, last day %(date)s")
            % {
                "person": enrolment.person,
                "agency": enrolment.agency,
                "run": enrolment.run,
                "date": enrolment.run.ends_on.strftime("%d/%m/%Y"),
            }
            for enrolment in people
        ]
        if number > len(people):
            lines.append(_("and %(number)s more") % {"number": number - len(people)})
        letter = Letter(
            subject=ngettext(
                "%(number)s learner of your agencies is late",
                "%(number)s learners of your agencies are late",
                number,
            )
            % {"number": number},
            name=to.name,
            paragraphs=[_("Past the last day of the run, and the course is not completed:")],
            lines=lines,
            path=f"{reverse('enrolments:index')}?state=going",
            link=_("All learners of your agencies"),
        )
    return Outgoing(key, to.email, letter.render(language=to.language))
