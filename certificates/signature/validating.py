"""Reads the signatures of a PDF that anybody may have made, against the configured authorities.

Setting SIGNING_TRUST: a file (PEM or DER) or a folder of such files with the certificates of the
authorities whose signatures count. No authority is asked over the network: whether a certificate
was revoked is judged only by what the file itself brings along.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from asn1crypto import x509
from django.conf import settings
from django.utils.translation import gettext as _
from pyhanko.keys.pemder import load_certs_from_pemder_data
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from certificates.signature import reading

logger = logging.getLogger(__name__)
# It warns of every broken file that anybody hands in; the answer says so already.
logging.getLogger("pyhanko").setLevel(logging.ERROR)

# Each is compared with all that came after it; who signs a certificate are a few.
MOST_SIGNATURES = 20
# Vietnamese certificates for signing have the one or the other.
_USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"})


class Unreadable(Exception):
    """The file is no PDF that can be read; the message says so, for people."""


class NoAuthorities(Exception):
    """No authority is configured, or its file is broken; the message is for the DOST officer."""


@dataclass(frozen=True)
class Signature:
    """One signature. ``intact``: what it covers is as it was signed, and nothing was added that
    changes it. ``trusted``: its certificate goes back to a configured authority and was in force.
    ``whole``: it covers the entire file."""

    by: str
    intact: bool
    trusted: bool
    whole: bool
    said_at: datetime | None
    stamped_at: datetime | None


def authorities() -> tuple[x509.Certificate, ...]:
    """The authorities whose signatures count. Raises NoAuthorities."""
    if not settings.SIGNING_TRUST:
        raise NoAuthorities(_("No authority is configured whose signatures count (SIGNING_TRUST)."))
    path = Path(settings.SIGNING_TRUST)
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        files = [file for file in files if file.is_file() and not file.name.startswith(".")]
        found = _load(tuple((file, file.stat().st_mtime_ns) for file in files))
    except (OSError, ValueError) as error:
        raise NoAuthorities(
            _("The certificates of the authorities cannot be read: %(reason)s") % {"reason": error}
        ) from error
    if not found:
        raise NoAuthorities(_("No authority is configured whose signatures count (SIGNING_TRUST)."))
    return found


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[Path, int], ...]) -> tuple[x509.Certificate, ...]:
    found: list[x509.Certificate] = []
    for file, _changed in files:
        found += load_certs_from_pemder_data(file.read_bytes())
    return tuple(found)


def signatures(pdf: bytes, *, trusted: Iterable[x509.Certificate], at: datetime) -> list[Signature]:
    """Every signature of the file in the order they were made, judged as of ``at``.

    A time stamp of a trusted service counts instead of ``at``. Raises Unreadable.
    """
    try:
        embedded = list(reading.read(pdf).embedded_regular_signatures)
        if len(embedded) > MOST_SIGNATURES:
            raise ValueError(f"{len(embedded)} signatures")
        return asyncio.run(_judge_all(embedded, list(trusted), at))
    except Exception as error:  # pyHanko raises whatever a broken part of a file leads to
        logger.info("a PDF that cannot be read: %r", error)
        raise Unreadable(_("The file is no PDF that can be read.")) from error


async def _judge_all(
    embedded: list[EmbeddedPdfSignature], trusted: list[x509.Certificate], at: datetime
) -> list[Signature]:
    return [await _judge(one, trusted, at) for one in embedded]


async def _judge(
    embedded: EmbeddedPdfSignature, trusted: list[x509.Certificate], at: datetime
) -> Signature:
    status: PdfSignatureStatus = await async_validate_pdf_signature(
        embedded,
        ValidationContext(trust_roots=trusted, moment=at, allow_fetching=False),
        key_usage_settings=_USAGE,
    )
    stamp = status.timestamp_validity
    stamped = stamp is not None and stamp.valid and stamp.intact and stamp.trusted
    return Signature(
        by=str(status.signing_cert.subject.native.get("common_name", "")),
        intact=status.intact and status.valid and status.docmdp_ok is not False,
        trusted=status.trusted and (stamp is None or stamped),
        whole=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        said_at=status.signer_reported_dt,
        stamped_at=stamp.timestamp if stamp is not None and stamped else None,
    )


def changed_beside_signatures(pdf: bytes, *, given: bytes) -> bool:
    """Whether a file does more to what was given away (``signing.prepare``) than to sign it.

    A signature says nothing of that: whoever may sign could change the page first. Raises
    Unreadable.
    """
    if not pdf.startswith(given):
        return True
    try:
        before, after = reading.read(given), reading.read(pdf)
        last = before.xrefs.total_revisions - 1
        # The chain of updates must lead back to these very bytes, not past them.
        if (
            after.xrefs.total_revisions <= last
            or after.xrefs.get_startxref_for_revision(last) != before.last_startxref
        ):
            return True
        found = DEFAULT_DIFF_POLICY.review_file(after, last)
    except Exception as error:  # pyHanko raises whatever a broken part of a file leads to
        logger.info("a PDF that cannot be read: %r", error)
        raise Unreadable(_("The file is no PDF that can be read.")) from error
    return not (
        isinstance(found, DiffResult) and found.modification_level <= ModificationLevel.FORM_FILLING
    )
