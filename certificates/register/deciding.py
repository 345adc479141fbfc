"""Later decisions on what was issued: correct, reissue, renew, revoke, void.

Each is a new entry with the decision's number, date, reason and person; nothing that was entered
before changes, and every paper is kept. It concerns the numbered entry that stands: whoever looked
at another one is told, so that of two decisions at the same moment one is entered. Correct,
reissue and renew take new numbers, and the old number is superseded when the new paper is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.issue import freezing, telling
from certificates.models import Certificate, Register, RegisterEntry
from certificates.paper import designing, previewing, trying
from certificates.paper.rendering import RenderingError
from certificates.register import entering, validity
from jobs.hinting import hint
from jobs.mailing import Outgoing
from vietnamese.text import nfc

Kind = RegisterEntry.Kind
# What a correction may change; the rest of the content comes from the course.
CORRECTABLE = ("full_name", "date_of_birth", "workplace", "course_title")


class CannotDecide(Exception):
    """Carries the reason, in words for the DOST officer."""


@dataclass(frozen=True)
class Decision:
    """On what it rests."""

    number: str
    day: date
    reason: str


def correct(
    *, entry_id: int, decision: Decision, changes: Mapping[str, Any], by: Any, at: datetime
) -> RegisterEntry:
    """A new number with other words: ``changes`` by name of CORRECTABLE, dates in ISO form."""
    return _decide(Kind.CORRECT, entry_id, decision, by, at, changes=changes)


def reissue(*, entry_id: int, decision: Decision, by: Any, at: datetime) -> RegisterEntry:
    """A new number with the same words."""
    return _decide(Kind.REISSUE, entry_id, decision, by, at)


def renew(
    *, entry_id: int, decision: Decision, valid_until: date, by: Any, at: datetime
) -> RegisterEntry:
    """A new number with the same words, valid for longer."""
    changes = {"valid_until": valid_until.isoformat()}
    return _decide(Kind.RENEW, entry_id, decision, by, at, changes=changes)


def revoke(*, entry_id: int, decision: Decision, by: Any, at: datetime) -> RegisterEntry:
    """The certificate is in force no more from the date of the decision."""
    return _decide(Kind.REVOKE, entry_id, decision, by, at)


def void(*, entry_id: int, decision: Decision, by: Any, at: datetime) -> RegisterEntry:
    """The certificate should not have been issued and never was in force."""
    return _decide(Kind.VOID, entry_id, decision, by, at)


def standing(certificate: Certificate) -> RegisterEntry | None:
    """The entry that a decision would concern: the latest number."""
    return (
        certificate.entries.numbered()
        .select_related("register", "certificate", "valid_edition")
        .order_by("-position")
        .first()
    )


def check(*, kind: str, entry: RegisterEntry, at: datetime) -> None:
    """Raise CannotDecide where a decision of this kind makes no sense now."""
    history = list(entry.certificate.entries.order_by("position"))
    refuse_unless_standing(entry, history)
    if kind in RegisterEntry.NUMBERED and entry.on_paper:
        raise CannotDecide(
            _("It is a paper certificate of earlier years: here it can only be taken back.")
        )
    if kind in (Kind.REISSUE, Kind.RENEW) and not validity.papered(entry, history):
        if entry.certificate.state == Certificate.State.UNSIGNED:
            raise CannotDecide(_("It waits for its signature. Bring the signed file back first."))
        raise CannotDecide(_("Its file is still being made. Wait until it is there."))
    if kind == Kind.RENEW and entry.valid_until is None:
        raise CannotDecide(_("It has no date until which it is valid: there is nothing to renew."))


def refuse_unless_standing(entry: RegisterEntry, history: Sequence[RegisterEntry]) -> None:
    """Raise CannotDecide where a numbered entry was taken back or replaced. ``history``: all
    entries of its certificate, in the order of the chain."""
    for one in history:
        if one.kind in RegisterEntry.ENDING:
            raise CannotDecide(
                _("It was taken back already, by decision %(number)s of %(day)s.")
                % {"number": one.decision_number, "day": f"{one.decision_date:%d/%m/%Y}"}
            )
    numbered = [one for one in history if one.kind in RegisterEntry.NUMBERED]
    if numbered[-1].pk != entry.pk:
        raise CannotDecide(
            _("Meanwhile it was replaced by no. %(number)s. Look at that one.")
            % {"number": numbered[-1].number}
        )


def proposed(
    *,
    kind: str,
    entry: RegisterEntry,
    changes: Mapping[str, Any],
    at: datetime,
    register: Register | None = None,
    numbers: entering.Numbers = freezing.UNNUMBERED,
) -> dict[str, Any]:
    """What the new paper would say. Raises CannotDecide and CannotIssue."""
    changes = {name: _tidy(value) for name, value in changes.items()}
    if kind == Kind.CORRECT:
        _check_correction(entry, changes, at)
    if kind == Kind.RENEW:
        _check_renewal(entry, changes, at)
    return freezing.anew(
        content=entry.content,
        register=register or entry.register,
        numbers=numbers,
        at=at,
        changes=changes,
    )


def try_out(
    *, kind: str, entry: RegisterEntry, changes: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    """What the new paper would say, if it can be drawn at all: a number is not given back.

    Raises CannotDecide, with the names of the fields whose text does not fit, and CannotIssue.
    """
    check(kind=kind, entry=entry, at=at)
    content = proposed(kind=kind, entry=entry, changes=changes, at=at)
    try:
        trying.refuse_too_long(content=content, design=designing.design_of(content))
    except RenderingError as reason:
        raise CannotDecide(str(reason)) from reason
    return content


def preview(*, kind: str, entry: RegisterEntry, changes: Mapping[str, Any], at: datetime) -> bytes:
    """The new paper with a watermark and without number. Nothing is written.

    Raises CannotDecide, CannotIssue and RenderingError.
    """
    check(kind=kind, entry=entry, at=at)
    return previewing.preview(proposed(kind=kind, entry=entry, changes=changes, at=at))


def _decide(
    kind: Kind,
    entry_id: int,
    decision: Decision,
    by: Any,
    at: datetime,
    *,
    changes: Mapping[str, Any] | None = None,
) -> RegisterEntry:
    from certificates.tasks import issue_certificate  # tasks import what issues

    entries = RegisterEntry.objects.select_related("certificate__person__user", "register")
    entry = entries.get(pk=entry_id)
    numbered = kind in RegisterEntry.NUMBERED
    if numbered:
        try_out(kind=kind, entry=entry, changes=changes or {}, at=at)
    mail = None if numbered else _mail(kind, entry, decision)  # a new number is told with its file
    with transaction.atomic():
        register = entering.lock(entry.register_id)
        entry.register = register
        check(kind=kind, entry=entry, at=at)
        check_decision(decision, entry=entry, at=at)
        numbers = entering.next_numbers(register=register, at=at)
        if not numbered:
            numbers = numbers.without_certificate()
        written = entering.write(
            register=register,
            certificate=entry.certificate,
            kind=kind,
            content=proposed(kind=kind, entry=entry, changes=changes or {}, at=at, numbers=numbers)
            if numbered
            else {"number": entry.number},
            at=at,
            numbers=numbers,
            of=entry,
            decision_number=decision.number.strip(),
            decision_date=decision.day,
            reason=decision.reason.strip(),
            by=by,
        )
        # A number wants its file; what has ended wants none any more.
        state = Certificate.State.NUMBERED if numbered else Certificate.State.FILED
        Certificate.objects.filter(pk=entry.certificate_id).update(state=state, problem="")
        if numbered:
            hint(issue_certificate, entry.certificate_id)
        telling.queue(mail, at=at)
    return written


def _mail(kind: Kind, entry: RegisterEntry, decision: Decision) -> Outgoing | None:
    return telling.write_taken_back(
        entry=entry,
        kind=kind,
        number=decision.number.strip(),
        day=decision.day,
        reason=decision.reason.strip(),
    )


def check_decision(decision: Decision, *, entry: RegisterEntry, at: datetime) -> None:
    """Raise CannotDecide unless the decision can be the reason for an entry made now."""
    if not decision.number.strip() or not decision.reason.strip():
        raise CannotDecide(_("A decision needs its number and a reason."))
    if decision.day > timezone.localdate(at):
        raise CannotDecide(_("The decision is dated in the future."))
    if decision.day < validity.first_day(entry):
        raise CannotDecide(_("The decision is older than the certificate that it concerns."))


def _check_correction(entry: RegisterEntry, changes: Mapping[str, Any], at: datetime) -> None:
    if unknown := sorted(changes.keys() - set(CORRECTABLE)):
        raise CannotDecide(_("This cannot be corrected: %(names)s") % {"names": ", ".join(unknown)})
    if any(not changes.get(name, True) for name in ("full_name", "course_title")):
        raise CannotDecide(_("Name and course must stand on a certificate."))
    if (changes.get("date_of_birth") or "") > timezone.localdate(at).isoformat():
        raise CannotDecide(_("The date of birth lies in the future."))
    if all(entry.content.get(name) == value for name, value in changes.items()):
        raise CannotDecide(_("Nothing is different from what was issued."))


def _check_renewal(entry: RegisterEntry, changes: Mapping[str, Any], at: datetime) -> None:
    until = changes["valid_until"]
    if until <= max(entry.content["valid_until"], timezone.localdate(at).isoformat()):
        raise CannotDecide(_("It must become valid for longer than it is."))


def _tidy(value: Any) -> Any:
    """Text in NFC without idle blanks, or None."""
    return (" ".join(nfc(value).split()) or None) if isinstance(value, str) else value
