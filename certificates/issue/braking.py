"""The brake: what nobody expected is not numbered until an officer has looked at it.

It is looked for inside the numbering transaction, under the register's lock, and pulled and
released under the same lock: nothing slips through beside it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import Brake, Certificate, IssuingRule, RegisterEntry
from certificates.register import entering
from jobs.compiled import Compiled, Given
from jobs.hinting import hint

# What every paper of a rule says, whoever holds it; with its name for people.
PRINTED_FOR_ALL = {
    "language": gettext_lazy("language"),
    "template": gettext_lazy("template"),
    "parent_body": gettext_lazy("parent body"),
    "issuing_body": gettext_lazy("issuing body"),
    "title": gettext_lazy("title"),
    "course_title": gettext_lazy("course title as printed"),
    "course_code": gettext_lazy("course code"),
    "hours": gettext_lazy("hours"),
    "standard_edition": gettext_lazy("edition of the standard"),
    "result": gettext_lazy("result as printed"),
    "place": gettext_lazy("place of issue"),
    "signer_authority": gettext_lazy("authority line"),
    "signer_title": gettext_lazy("signer's title"),
    "signer_name": gettext_lazy("signer"),
}
REGISTER = gettext_lazy("register")
NUMBER_FORMAT = gettext_lazy("form of a number")


class NotReleased(Exception):
    """Carries the reason, in words for the officer."""


def printed_for_all(
    *, content: dict[str, Any], register_code: str, number_format: str
) -> dict[str, Any]:
    """What of a content does not depend on its holder, with register and form of number."""
    said = {name: content.get(name) for name in PRINTED_FOR_ALL}
    return said | {"register": register_code, "number_format": number_format}


def changes(brake: Brake) -> list[tuple[str, Any, Any]]:
    """What the rule prints otherwise than the entry before the brake: name, before, now."""
    if brake.after is None or not brake.printed:
        return []
    before = _printed_by(brake.after, brake.printed["number_format"])
    names = PRINTED_FOR_ALL | {"register": REGISTER, "number_format": NUMBER_FORMAT}
    return [
        (str(names[name]), before[name], now)
        for name, now in brake.printed.items()
        if before[name] != now
    ]


def _printed_by(entry: RegisterEntry, number_format: str) -> dict[str, Any]:
    """What an entry printed for all. Its form of number is known by the number that it gave."""
    made = number_format.format(sequence=entry.sequence, year=entry.year)
    return printed_for_all(
        content=entry.content,
        register_code=entry.register.code,
        number_format=number_format if made == entry.number else entry.number or "",
    )


def holds(*, certificate: Certificate, content: dict[str, Any], at: datetime) -> bool:
    """Whether the certificate must wait; pulls the brake where there is a cause.

    The caller holds the register's lock and is about to enter ``content``.
    """
    rule = certificate.issuing_rule
    if _OPEN.ask(rule=rule.pk):
        return True
    printed = printed_for_all(
        content=content,
        register_code=rule.register.code,
        number_format=rule.register.number_format,
    )
    last = _last_issued(rule)
    if last and not _is_accepted(rule=rule, printed=printed, last=last):
        Brake.objects.create(
            rule=rule, cause=Brake.Cause.CHANGED, pulled_at=at, printed=printed, after=last
        )
        return True
    if rule.expected_per_day is None or certificate.cleared_by_id:
        return False
    day = timezone.localdate(certificate.pending_since)
    counted = _asked_for_on(certificate)
    if counted <= rule.expected_per_day:
        return False
    Brake.objects.create(
        rule=rule,
        cause=Brake.Cause.TOO_MANY,
        pulled_at=at,
        printed=printed,
        after=last,
        day=day,
        counted=counted,
        expected=rule.expected_per_day,
    )
    return True


_OPEN = Compiled(lambda: Brake.objects.open().filter(rule=Given("rule")))


def _issued() -> QuerySet[RegisterEntry]:
    # Not a join: from the last entry backwards one is soon found, whatever the planner thinks.
    of_rule = Certificate.objects.filter(pk=OuterRef("certificate"), rule=Given("rule"))
    issued = RegisterEntry.objects.filter(Exists(of_rule), kind=RegisterEntry.Kind.ISSUE)
    return issued.select_related("register").order_by("-pk")[:1]


_ISSUED = Compiled(_issued)


def _last_issued(rule: IssuingRule) -> RegisterEntry | None:
    return _ISSUED.first(rule=rule.pk)


def _is_accepted(*, rule: IssuingRule, printed: dict[str, Any], last: RegisterEntry) -> bool:
    """Printed so by the last entry, or released so by an officer after it."""
    if printed == _printed_by(last, printed["number_format"]):
        return True
    released = Brake.objects.filter(rule=rule, after=last, released_at__isnull=False)
    return any(brake.printed == printed for brake in released)


def _asked_for_on(certificate: Certificate) -> int:
    """Certificates of the rule that are dated the same day and that no officer has let go."""
    begins = timezone.localtime(certificate.pending_since).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    that_day = Certificate.objects.filter(
        rule=certificate.issuing_rule,
        pending_since__gte=begins,
        pending_since__lt=begins + timedelta(days=1),
        cleared_by__isnull=True,
    )
    return that_day.exclude(state=Certificate.State.REFUSED).count()


def pull(*, rule_id: int, reason: str, by: Any, at: datetime) -> Brake:
    """Stop a rule by hand. The brake that is pulled already stays as it is."""
    rule = IssuingRule.objects.get(pk=rule_id)
    with transaction.atomic():
        entering.lock(rule.register_id)
        brake, _created = Brake.objects.get_or_create(
            rule=rule,
            released_at__isnull=True,
            defaults={
                "cause": Brake.Cause.BY_HAND,
                "pulled_at": at,
                "pulled_by": by,
                "reason": reason.strip(),
                "after": _last_issued(rule),
            },
        )
    return brake


def release(
    *,
    brake_id: int,
    reason: str,
    by: Any,
    at: datetime,
    seen_up_to: int,
    taken_out: Collection[int] = (),
) -> int:
    """Let those go who waited, but those who are taken out; returns how many go.

    ``seen_up_to`` is the highest key of a certificate that the officer has seen: who came later
    is counted anew. Raises NotReleased where it is released already, or where no reason is given.
    """
    from certificates.tasks import issue_certificate  # tasks import issuing, which imports this

    if not reason.strip():
        raise NotReleased(_("Say why."))
    with transaction.atomic():
        brake = Brake.objects.select_related("rule").get(pk=brake_id)
        entering.lock(brake.rule.register_id)
        released = Brake.objects.open().filter(pk=brake_id)
        if not released.update(released_at=at, released_by=by, release_reason=reason.strip()):
            raise NotReleased(_("Somebody has released this brake already."))
        waiting = Certificate.objects.waiting().filter(rule=brake.rule, pk__lte=seen_up_to)
        waiting.filter(pk__in=taken_out).update(
            state=Certificate.State.REFUSED, refusal=reason.strip(), refused_by=by, refused_at=at
        )
        go = list(waiting.order_by("pk").values_list("pk", flat=True))
        waiting.update(cleared_by=brake)
        for certificate_id in go:
            hint(issue_certificate, certificate_id)
    return len(go)


def take_back_in(*, certificate_id: int, at: datetime) -> bool:
    """Ask again for a certificate that was taken out; False where it was not."""
    refused = Certificate.objects.filter(pk=certificate_id, state=Certificate.State.REFUSED)
    return bool(
        refused.update(
            state=Certificate.State.PENDING,
            refusal="",
            refused_by=None,
            refused_at=None,
            cleared_by=None,
            pending_since=at,
        )
    )
