"""Writing entries into the register: numbered without gaps, chained by their hashes."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from certificates import signals
from certificates.models import Certificate, Register, RegisterEntry
from certificates.register import validity
from jobs.compiled import Compiled, Given

FIRST_HASH = "0" * 64


@dataclass(frozen=True)
class Numbers:
    """What the next entry of a year takes; revoking and voiding take no certificate number."""

    year: int
    sequence: int | None
    number: str | None
    entry_number: int

    def without_certificate(self) -> "Numbers":
        return replace(self, sequence=None, number=None)


def lock(register_id: int) -> Register:
    """Hold the register until the transaction ends: numbers and chain are given out one by one."""
    (register,) = _LOCKED.ask(register=register_id)
    return register


_LOCKED = Compiled(lambda: Register.objects.select_for_update().filter(pk=Given("register")))
_LAST_NUMBERS = Compiled(
    lambda: (
        RegisterEntry.objects.filter(register=Given("register"), year=Given("year"))
        .order_by()
        .values("year")
        .annotate(last_sequence=Max("sequence"), last_entry_number=Max("entry_number"))
        .values_list("last_sequence", "last_entry_number")
    )
)
_LAST = Compiled(
    lambda: (
        RegisterEntry.objects.filter(register=Given("register"))
        .order_by("-position")
        .values_list("position", "hash")[:1]
    )
)


def next_numbers(*, register: Register, at: datetime) -> Numbers:
    """The numbers that follow the last entry; the caller holds the lock.

    They are read from the entries themselves, so that a rolled-back transaction leaves no gap.
    """
    year = timezone.localtime(at).year
    last = _LAST_NUMBERS.first(register=register.pk, year=year)
    last_sequence, last_entry_number = last or (0, 0)
    sequence = (last_sequence or 0) + 1
    return Numbers(
        year=year,
        sequence=sequence,
        number=register.number_format.format(sequence=sequence, year=year),
        entry_number=(last_entry_number or 0) + 1,
    )


def write(
    *,
    register: Register,
    certificate: Certificate,
    kind: RegisterEntry.Kind,
    content: dict[str, Any],
    at: datetime,
    numbers: Numbers | None = None,
    of: RegisterEntry | None = None,
    decision_number: str = "",
    decision_date: date | None = None,
    reason: str = "",
    by: Any = None,
) -> RegisterEntry:
    """Append one entry and tell the rooms above; the caller holds the register's lock."""
    last_position, last_hash = _LAST.first(register=register.pk) or (0, FIRST_HASH)
    entry = RegisterEntry(
        register=register,
        certificate=certificate,
        position=last_position + 1,
        kind=kind,
        year=numbers.year if numbers else timezone.localtime(at).year,
        sequence=numbers.sequence if numbers else None,
        number=numbers.number if numbers else None,
        entry_number=numbers.entry_number if numbers else None,
        of=of,
        content=content,
        decision_number=decision_number,
        decision_date=decision_date,
        reason=reason,
        by=by,
        at=at,
        previous_hash=last_hash,
    )
    if entry.number:
        validity.set_columns(entry)
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    signals.entry_written.send(RegisterEntry, entry=entry, at=at)
    return entry


def digest(entry: RegisterEntry) -> str:
    """SHA-256 over everything the entry says and the hash of the entry before it."""
    said = {
        "register": entry.register.code,
        "certificate": str(entry.certificate.public_id),
        "position": entry.position,
        "kind": str(entry.kind),
        "year": entry.year,
        "sequence": entry.sequence,
        "number": entry.number,
        "entry_number": entry.entry_number,
        "of": entry.of.position if entry.of else None,
        "content": entry.content,
        "decision_number": entry.decision_number,
        "decision_date": entry.decision_date.isoformat() if entry.decision_date else None,
        "reason": entry.reason,
        "at": entry.at.astimezone(timezone.get_fixed_timezone(0)).isoformat(),
        "by": entry.by_id,
        "previous_hash": entry.previous_hash,
    }
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
