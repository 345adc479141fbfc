"""Whether a certificate is in force on a date: one question, one answer.

A certificate is in force from the day of a numbered entry whose paper is there, as long as that
entry is valid and until the certificate is revoked (from the date of that decision) or declared
void (then it never was). A later number takes over when its own paper is there, not before: at no
moment do two numbers of one certificate count, and none is missing between them.

``judge`` answers for one entry, ``in_force`` for a certificate, ``Certificate.objects.in_force``
for lists.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import StandardEdition

if TYPE_CHECKING:
    from certificates.models import Certificate, IssuingRule, RegisterEntry


class Status(TextChoices):
    """What may be said of a numbered entry on a date."""

    VALID = "valid", _("Valid")
    BEING_ISSUED = "being_issued", _("Being issued")
    EXPIRED = "expired", _("Expired")
    SUPERSEDED = "superseded", _("Superseded")
    REVOKED = "revoked", _("Revoked")
    VOIDED = "voided", _("Void")


@dataclass(frozen=True)
class Judgement:
    """``by`` is the entry that ended or superseded it, or that will when its paper is there;
    ``until`` its last valid day, where there is one."""

    status: Status
    by: "RegisterEntry | None" = None
    until: date | None = None


# --- What is frozen -------------------------------------------------------------------------------


def terms(*, rule: "IssuingRule", issued_on: date) -> dict[str, Any]:
    """How long it will be valid, for the content: ``valid_until`` (the last day, ISO) or
    ``transition_months`` (after its ``standard_edition`` is superseded); both None for ever."""
    until = months = None
    if rule.validity == rule.Validity.YEARS and rule.valid_years:
        until = add_months(issued_on, 12 * rule.valid_years).isoformat()
    if rule.validity == rule.Validity.EDITION:
        months = rule.transition_months or 0
    return {"valid_until": until, "transition_months": months}


def set_columns(entry: "RegisterEntry") -> None:
    """Copy what the content of a numbered entry says of validity into its columns."""
    for name, value in columns(entry.content).items():
        setattr(entry, name, value)
    if entry.transition_months is not None:
        kept = entry.of.valid_edition if entry.of else None
        named = StandardEdition.objects.filter(name=entry.content["standard_edition"])
        entry.valid_edition = kept or named.first()


def columns(content: dict[str, Any]) -> dict[str, Any]:
    """The columns of paper and validity but the edition, as the content says."""
    until = content.get("valid_until")
    return {
        "on_paper": bool(content.get("legacy")),
        "in_force_from": date.fromisoformat(content["issued_on"]),
        "valid_until": date.fromisoformat(until) if until else None,
        "transition_months": content.get("transition_months"),
    }


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last day: 31/1 and one month is 28/2."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


# --- One certificate ------------------------------------------------------------------------------


def first_day(entry: "RegisterEntry") -> date:
    """The day from which a numbered entry counts: its date of issue."""
    return entry.in_force_from or timezone.localdate(entry.at)


def last_day(entry: "RegisterEntry") -> date | None:
    """The last day on which a numbered entry is valid, as is known now; None without end."""
    days = [entry.valid_until] if entry.valid_until else []
    edition = entry.valid_edition
    if edition and edition.superseded_on and entry.transition_months is not None:
        days.append(add_months(edition.superseded_on, entry.transition_months) - timedelta(days=1))
    return min(days, default=None)


def papered(entry: "RegisterEntry", history: Iterable["RegisterEntry"]) -> bool:
    """Whether the paper of a numbered entry is there."""
    filed = (one.of_id for one in history if one.kind == one.Kind.FILED)
    return entry.on_paper or entry.pk in filed


def ended_by(history: Iterable["RegisterEntry"], *, on: date) -> "RegisterEntry | None":
    """The entry by which the certificate was void or, on that day, revoked."""
    for one in history:
        if one.kind == one.Kind.VOID:
            return one
        if one.kind == one.Kind.REVOKE and one.decision_date and one.decision_date <= on:
            return one
    return None


def judge(entry: "RegisterEntry", *, history: Sequence["RegisterEntry"], on: date) -> Judgement:
    """What a numbered entry is on a date. ``history``: all entries of its certificate."""
    if ended := ended_by(history, on=on):
        void = ended.kind == ended.Kind.VOID
        return Judgement(Status.VOIDED if void else Status.REVOKED, by=ended)
    later = [
        one
        for one in history
        if one.kind in one.NUMBERED and one.position > entry.position and first_day(one) <= on
    ]
    there = [one for one in later if papered(one, history)]
    if there:
        return Judgement(Status.SUPERSEDED, by=max(there, key=lambda one: one.position))
    coming = max(later, key=lambda one: one.position, default=None)
    if not papered(entry, history) or first_day(entry) > on:
        return Judgement(Status.BEING_ISSUED, by=coming)
    until = last_day(entry)
    over = until is not None and until < on
    return Judgement(Status.EXPIRED if over else Status.VALID, by=coming, until=until)


def in_force(certificate: "Certificate", *, on: date) -> bool:
    """Whether any number of the certificate is valid on that day."""
    history = list(certificate.entries.select_related("valid_edition"))
    return any(
        judge(one, history=history, on=on).status == Status.VALID
        for one in history
        if one.kind in one.NUMBERED
    )


# --- Lists ----------------------------------------------------------------------------------------


def begun(*, on: date) -> Q:
    """The numbered entries that count from that day or an earlier one."""
    midnight = timezone.make_aware(datetime.combine(on + timedelta(days=1), time()))
    return Q(in_force_from__lte=on) | Q(in_force_from__isnull=True, at__lt=midnight)


def expired(*, on: date) -> Q:
    """The numbered entries whose last day was before that day. One small statement."""
    over = Q(valid_until__lt=on)
    for edition in StandardEdition.objects.filter(superseded_on__lte=on):
        since = edition.superseded_on
        assert since
        # So many months of transition, or fewer, are over.
        months = (on.year - since.year) * 12 + on.month - since.month
        if add_months(since, months) > on:
            months -= 1
        over |= Q(valid_edition=edition, transition_months__lte=months)
    return over
