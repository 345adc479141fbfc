"""After the issuing: the register, its chain and every file, against what was asked for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from certificates.issue import filing
from certificates.models import Certificate, RegisterEntry
from certificates.register import verifying
from certificates.signature import validating

Kind = RegisterEntry.Kind


@dataclass(frozen=True)
class Registered:
    """How often each promise was broken; ``problem`` is what the verification names first."""

    missing: int
    doubled: int
    gaps: int
    invalid: int
    problem: str


def look(certificate_ids: Sequence[int]) -> Registered:
    """Nothing is written. Every file is read and its signature validated."""
    entries = RegisterEntry.objects.filter(certificate__in=certificate_ids, kind=Kind.ISSUE)
    issued = Counter(entries.values_list("certificate", flat=True))
    filed = RegisterEntry.objects.filter(certificate__in=certificate_ids, kind=Kind.FILED)
    by_certificate = Counter(filed.values_list("certificate", flat=True))
    left = Certificate.objects.filter(pk__in=certificate_ids).exclude(state=Certificate.State.FILED)
    missing = set(certificate_ids) - by_certificate.keys() | set(left.values_list("pk", flat=True))
    twice = [count for counted in (issued, by_certificate) for count in counted.values()]
    return Registered(
        missing=len(missing),
        doubled=sum(count > 1 for count in twice),
        gaps=_gaps(entries),
        invalid=sum(not _is_valid(entry) for entry in filed.iterator(chunk_size=200)),
        problem=verifying.verify().problem,
    )


def _gaps(entries: Iterable[RegisterEntry]) -> int:
    """Numbers that the registers have not given, up to their last."""
    gaps = 0
    for register, year in {(one.register_id, one.year) for one in entries}:
        numbered = RegisterEntry.objects.filter(register=register, year=year)
        given = {one for one in numbered.values_list("sequence", flat=True) if one}
        gaps += max(given) - len(given)
    return gaps


def _is_valid(filed: RegisterEntry) -> bool:
    """One signature of the configured authority over the whole file, and nothing changed."""
    with filing.storage().open(filed.content["name"], "rb") as kept:
        pdf = kept.read()
    if filing.sha256(pdf) != filed.content["sha256"]:
        return False
    found = validating.signatures(pdf, trusted=validating.authorities(), at=timezone.now())
    return [(one.intact, one.trusted, one.whole) for one in found] == [(True, True, True)]
