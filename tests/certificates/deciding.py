"""Later decisions on a certificate, for tests of what follows from them."""

from datetime import date

from django.utils import timezone

from certificates import entering, signals
from certificates.models import RegisterEntry


def decide(issued: RegisterEntry, kind: RegisterEntry.Kind, *, told: bool = False) -> RegisterEntry:
    """A later decision on a certificate, written into its register; whether others are told."""
    register = entering.lock(issued.register_id)
    numbered = kind in RegisterEntry.NUMBERED
    numbers = entering.next_numbers(register=register, at=timezone.now())
    last = RegisterEntry.objects.filter(register=register).latest("position")
    entry = RegisterEntry(
        register=register,
        certificate=issued.certificate,
        position=last.position + 1,
        kind=kind,
        year=numbers.year,
        sequence=numbers.sequence if numbered else None,
        number=numbers.number if numbered else None,
        entry_number=numbers.entry_number,
        of=issued,
        content=issued.content | {"number": numbers.number},
        decision_number="12/QĐ-SKHCN",
        decision_date=date(2026, 11, 5),
        reason="Sai tên",
        at=timezone.now(),
        previous_hash=last.hash,
    )
    entry.hash = entering.digest(entry)
    entry.save()
    if told:
        signals.entry_written.send(RegisterEntry, entry=entry, at=entry.at)
    return entry
