"""Verifying the registers: chain, numbers, contents, signed heads, files, states.

Entries are read in chunks by their place in the chain, so that a million need no more memory than
a thousand. The first thing that is wrong is named in words, and nothing after it is looked at:
behind a broken link nothing can be trusted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.models import StandardEdition
from certificates.issue import filing
from certificates.models import (
    Certificate,
    Register,
    RegisterCheck,
    RegisterEntry,
    RegisterHead,
    UnsignedFile,
)
from certificates.proof import keys
from certificates.register import entering, heads, kept_files, validity, verification_mails
from jobs.hinting import hint
from jobs.mailing import queue_mails
from jobs.tasks import send_all
from jobs.writing import insert_new

Kind = RegisterEntry.Kind
CHUNK = 1000
# The nightly verification looks whether every file is there and reads one in so many of them.
NIGHTS = 7
# After midnight, when the heads of the day before are signed.
FIRST_HOUR = 1
GIVEN_UP = timedelta(hours=6)


class Wrong(Exception):
    """Carries the first problem, in words for the DOST officer."""


@dataclass
class Found:
    """What was looked at, and the first ``problem``; empty where all is in order."""

    entries: int = 0
    files: int = 0
    problem: str = ""


@dataclass
class _Walk:
    """How far one register was followed."""

    register: Register
    position: int = 0
    hash: str = entering.FIRST_HASH
    sequences: dict[int, int] = field(default_factory=dict)
    entry_numbers: dict[int, int] = field(default_factory=dict)
    editions: set[str] = field(
        default_factory=lambda: set(StandardEdition.objects.values_list("name", flat=True))
    )


def verify(
    *,
    register_code: str = "",
    reads: Callable[[int], bool] = lambda _position: True,
    progress: Callable[[Found], None] = lambda _found: None,
) -> Found:
    """Walk every register, or the one of this code, and stop at the first thing that is wrong.

    ``reads`` says of a place in the chain whether its file is read to its end; that it is there,
    with its size, is looked at in any case. ``progress`` is told after each chunk.
    """
    found = Found()
    registers = Register.objects.order_by("code")
    if register_code:
        registers = registers.filter(code=register_code)
    try:
        for register in registers:
            _verify_register(register, reads=reads, progress=progress, found=found)
        _verify_states()
    except Wrong as problem:
        found.problem = str(problem)
    return found


def _verify_register(
    register: Register,
    *,
    reads: Callable[[int], bool],
    progress: Callable[[Found], None],
    found: Found,
) -> None:
    walk, storage = _Walk(register), filing.storage()
    signed = _genuine_heads(register)
    head = next(signed, None)
    for chunk in _chunks(register):
        for entry in chunk:
            entry.register = register
            _verify_entry(entry, walk)
            if head and head.position == entry.position:
                if head.hash != entry.hash:
                    raise _wrong(
                        entry,
                        _("it is not the one that was signed on %(day)s")
                        % {"day": f"{head.day:%d/%m/%Y}"},
                    )
                head = next(signed, None)
            found.entries += 1
            if entry.kind == Kind.FILED:
                _verify_file(entry, storage=storage, read=reads(entry.position))
                found.files += 1
        progress(found)
    if head:
        raise Wrong(
            _(
                "Register %(register)s: it ends with entry %(last)s, but on %(day)s it had"
                " %(signed)s: its end was cut off."
            )
            % {
                "register": register.code,
                "last": walk.position,
                "day": f"{head.day:%d/%m/%Y}",
                "signed": head.position,
            }
        )


def _chunks(register: Register) -> Iterator[list[RegisterEntry]]:
    last = 0
    entries = RegisterEntry.objects.filter(register=register).order_by("position")
    entries = entries.select_related("certificate", "of", "valid_edition").defer("of__content")
    while chunk := list(entries.filter(position__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].position


def _genuine_heads(register: Register) -> Iterator[RegisterHead]:
    """The heads in the order of the chain. Raises Wrong at one whose signature is not genuine."""
    public_keys = keys.public_keys()
    found = RegisterHead.objects.filter(register=register).select_related("register")
    for head in found.order_by("position", "day").iterator(chunk_size=CHUNK):
        if not heads.is_genuine(head, public_keys=public_keys):
            raise Wrong(
                _("Register %(register)s: the signature on the head of %(day)s is not genuine.")
                % {"register": register.code, "day": f"{head.day:%d/%m/%Y}"}
            )
        yield head


def _wrong(entry: RegisterEntry, what: str) -> Wrong:
    number = f" ({entry.number})" if entry.number else ""
    return Wrong(
        _("Register %(register)s, entry %(position)s%(number)s: %(what)s.")
        % {
            "register": entry.register.code,
            "position": entry.position,
            "number": number,
            "what": what,
        }
    )


def _verify_entry(entry: RegisterEntry, walk: _Walk) -> None:
    if entry.position != walk.position + 1:
        raise Wrong(
            _("Register %(register)s: entry %(position)s is missing.")
            % {"register": walk.register.code, "position": walk.position + 1}
        )
    if entering.digest(entry) != entry.hash:
        raise _wrong(entry, _("it was changed after it was entered"))
    if entry.previous_hash != walk.hash:
        raise _wrong(entry, _("it does not follow the entry before it: one of them was exchanged"))
    _count_on(entry, walk.entry_numbers, entry.entry_number, _("register entry number"))
    _count_on(entry, walk.sequences, entry.sequence, _("certificate number"))
    if entry.of and entry.of.certificate_id != entry.certificate_id:
        raise _wrong(entry, _("it concerns an entry of another certificate"))
    if entry.kind in RegisterEntry.NUMBERED:
        _verify_content(entry, walk)
    walk.position, walk.hash = entry.position, entry.hash


def _count_on(entry: RegisterEntry, last: dict[int, int], number: int | None, what: str) -> None:
    if number is None:
        return
    if number != last.get(entry.year, 0) + 1:
        raise _wrong(
            entry,
            _("its %(what)s is %(number)s of %(year)s, and %(wanted)s was to follow")
            % {
                "what": what,
                "number": number,
                "year": entry.year,
                "wanted": last.get(entry.year, 0) + 1,
            },
        )
    last[entry.year] = number


def _verify_content(entry: RegisterEntry, walk: _Walk) -> None:
    """What is printed and what lists are filtered by must be what the entry says."""
    content = entry.content
    said = content["number"], content["register_entry_number"]
    if said != (entry.number, f"{entry.entry_number:04d}/{entry.year}"):
        raise _wrong(entry, _("the numbers in its content are others than its own"))
    wanted = validity.columns(content)
    if validity.first_day(entry) == wanted["in_force_from"]:
        wanted["in_force_from"] = entry.in_force_from  # there was no column for it once
    if any(getattr(entry, name) != value for name, value in wanted.items()) or (
        not _is_of_its_edition(entry, walk, bound=wanted["transition_months"] is not None)
    ):
        raise _wrong(entry, _("its validity was changed after it was entered"))


def _is_of_its_edition(entry: RegisterEntry, walk: _Walk, *, bound: bool) -> bool:
    """Whether the edition that ends its validity is the one that its content names.

    An edition may be renamed; but then no other bears the name in the content.
    """
    edition = entry.valid_edition
    if edition is None or not bound:
        return edition is None and not bound
    named = entry.content["standard_edition"]
    return edition.name == named or named not in walk.editions


def _verify_file(entry: RegisterEntry, *, storage: Storage, read: bool) -> None:
    try:
        wrong = kept_files.problem(entry, storage=storage, read=read)
    except OSError as error:
        reason = _("the storage of the files is out of reach (%(error)s)") % {"error": error}
        raise Wrong(_("Not verified: %(reason)s") % {"reason": reason}) from error
    if wrong:
        raise _wrong(entry, wrong)


def _verify_states() -> None:
    """What certificates say of themselves must be what their entries say. Three statements."""
    own = RegisterEntry.objects.filter(certificate=OuterRef("pk"))
    unnumbered = [Certificate.State.PENDING, Certificate.State.REFUSED]
    pending = Certificate.objects.filter(Exists(own.numbered()), state__in=unnumbered)
    wanted = UnsignedFile.objects.waiting().filter(entry__certificate=OuterRef("pk"))
    unsigned = Certificate.objects.filter(~Exists(wanted), state=Certificate.State.UNSIGNED)
    filed = Certificate.objects.filter(
        Exists(own.unfiled()) | ~Exists(own.numbered()), state=Certificate.State.FILED
    )
    for wrong in (pending, unsigned, filed):
        if certificate := _first(wrong):
            raise Wrong(
                _("Certificate %(key)s: its state “%(state)s” is not what the register says.")
                % {"key": certificate.pk, "state": certificate.get_state_display()}
            )


def _first(found: QuerySet[Certificate]) -> Certificate | None:
    return found.order_by("pk").first()


# --- Every night ----------------------------------------------------------------------------------


def begin_nightly(at: datetime) -> int:
    """Sweep: have today's verification run once; one that a worker has lost begins anew."""
    from certificates.tasks import verify_registers  # tasks import this module

    local = timezone.localtime(at)
    if local.hour < FIRST_HOUR:
        return 0
    check = RegisterCheck.objects.filter(day=local.date()).first()
    lost = check and check.ok is None and check.begun_at <= at - GIVEN_UP
    if check and not lost:
        return 0  # asked every minute, and nothing is locked for it
    with transaction.atomic():
        if check:
            begun = bool(_unended(check).filter(begun_at=check.begun_at).update(begun_at=at))
        else:
            check = RegisterCheck(day=local.date(), begun_at=at)
            begun = insert_new(check)
        if begun:
            hint(verify_registers, check.pk)
    if begun:
        _close_unended(before=check, at=at)
    return int(begun)


def _close_unended(*, before: RegisterCheck, at: datetime) -> None:
    """Say of earlier nights that no worker came to their end."""
    unended = RegisterCheck.objects.filter(ok__isnull=True, begun_at__lte=at - GIVEN_UP)
    for lost in unended.filter(day__lt=before.day):
        reason = _("no worker came to its end")
        _keep(lost, Found(problem=_("Not verified: %(reason)s") % {"reason": reason}))


def run_nightly(*, check_id: int, at: datetime) -> None:
    """Verify, and keep what was found. Done already, it is not done again."""
    check = RegisterCheck.objects.filter(pk=check_id, ok__isnull=True).first()
    if check is None:
        return
    share = check.day.toordinal() % NIGHTS
    try:
        found = verify(reads=lambda position: position % NIGHTS == share)
    except Exception as error:  # the row must say what stopped it, whatever it was
        _keep(check, Found(problem=_("Not verified: %(reason)s") % {"reason": error}))
        raise
    _keep(check, found)


def _keep(check: RegisterCheck, found: Found) -> None:
    now = timezone.now()
    values: dict[str, Any] = {"entries": found.entries, "files": found.files}
    problem = found.problem
    mails = verification_mails.write(check=check, problem=problem) if problem else []
    with transaction.atomic():
        ended = _unended(check).update(ok=not problem, problem=problem, ended_at=now, **values)
        if ended and mails:
            queue_mails(mails=mails, at=now)
            hint(send_all)


def _unended(check: RegisterCheck) -> QuerySet[RegisterCheck]:
    return RegisterCheck.objects.filter(pk=check.pk, ok__isnull=True)
