"""Comparing a file that somebody has with what was issued. The file is not kept.

It is known by the number and the name in the content that is attached to it, which is as much as
the look-up asks for; whether it is the one that was issued, its hash alone tells.
"""

import json
import logging
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from certificates.issue import filing
from certificates.look_up import looking_up
from certificates.models import RegisterEntry, UnsignedFile
from certificates.signature import inflating, reading, validating
from vietnamese.text import fold, nfc

logger = logging.getLogger(__name__)
MOST_BYTES = 5 * 1024 * 1024
_MOST_ATTACHED = 64 * 1024
_ATTACHED = "certificate.json"


@dataclass(frozen=True)
class Compared:
    """What a file is: ``issued``, ``unsigned`` (the file before its signature), ``changed`` or
    ``unknown``; ``found`` is what the look-up says of its certificate today."""

    verdict: str
    found: looking_up.Found | None = None
    signed_by: str = ""
    remarks: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The answer in one sentence."""
        return {
            "issued": _("This file is the one that was issued."),
            "unsigned": _("This file is not the one that was issued: it lacks the signature."),
            "changed": _("This file was changed after issue."),
            "unknown": _("This file is not a certificate of this register."),
        }[self.verdict]


def compare(pdf: bytes, *, at: datetime) -> Compared:
    """What the register knows of a file, and what its signatures are worth."""
    if inflating.unpacks_beyond_measure(pdf):
        return Compared("unknown", remarks=[_("The file unpacks beyond measure.")])
    said = _attached(pdf)
    entry, verdict = _known(said, filing.sha256(pdf)) if said else (None, "unknown")
    if entry is None:
        return Compared("unknown", remarks=_remarks(pdf, at))
    found = looking_up.of_entry(entry)
    if verdict == "issued":
        filed = RegisterEntry.objects.get(of=entry, kind=RegisterEntry.Kind.FILED)
        return Compared(verdict, found, signed_by=filed.content.get("signed_by", ""))
    return Compared(verdict, found, remarks=_remarks(pdf, at))


def _known(said: tuple[str, str], sha256: str) -> tuple[RegisterEntry | None, str]:
    """The numbered entry with this number and name, and how the file stands to it.

    Two registers may have given the same number to people of the same name: then the one whose
    file it is.
    """
    number, name = said
    entries = RegisterEntry.objects.filter(number=number, kind__in=RegisterEntry.NUMBERED)
    named = [one for one in entries if fold(one.content["full_name"]) == fold(name)]
    filed = {
        one.of_id: one.content
        for one in RegisterEntry.objects.filter(of__in=named, kind=RegisterEntry.Kind.FILED)
    }
    given = set(UnsignedFile.objects.filter(sha256=sha256).values_list("entry", flat=True))
    for one in named:
        if filed.get(one.pk, {}).get("sha256") == sha256:
            return one, "issued"
    for one in named:
        if one.pk in given or filed.get(one.pk, {}).get("unsigned_sha256") == sha256:
            return one, "unsigned"
    return (named[0], "changed") if named else (None, "unknown")


def _attached(pdf: bytes) -> tuple[str, str] | None:
    """Number and name in the attached content; None where the file is none of our kind."""
    if not pdf.startswith(b"%PDF-"):
        return None
    try:
        names = reading.read(pdf).root["/Names"]["/EmbeddedFiles"]["/Names"]
        for place in range(0, len(names), 2):
            if str(names[place]) == _ATTACHED:
                content = json.loads(names[place + 1]["/EF"]["/F"].data[:_MOST_ATTACHED])
                number, name = nfc(str(content["number"])).strip(), str(content["full_name"])
                number.encode()  # half a character fails here, and not in the database
                return None if "\0" in number else (number, name)
    except Exception as error:  # pyHanko raises whatever a broken part of a file leads to
        logger.info("a file that is no certificate: %r", error)
    return None


def _remarks(pdf: bytes, at: datetime) -> list[str]:
    """What the signatures of a file that was not issued are worth, in words."""
    try:
        found = validating.signatures(pdf, trusted=validating.authorities(), at=at)
    except validating.NoAuthorities:
        return []
    except validating.Unreadable as reason:
        return [str(reason)]
    if not found:
        return [_("The file carries no signature.")]
    remarks = []
    for one in found:
        if not one.intact:
            said = _("The file was changed after %(name)s signed it.")
        elif not one.trusted:
            said = _(
                "The signature of %(name)s is not one of an authority that counts here, or its"
                " certificate was not in force."
            )
        else:
            said = _("It carries a signature of %(name)s.")
        remarks.append(said % {"name": one.by})
    if not found[-1].whole:
        remarks.append(_("Something was added to the file after it was signed."))
    return remarks
