"""Signing outside: files are taken away unsigned and brought back signed.

What comes back is known by its first bytes, which are those that were given away, whatever its
name. It is entered if it carries a trusted signature over the whole file and nothing else was
changed. Bringing the same file again changes nothing.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from certificates.holder import holding
from certificates.issue import filing
from certificates.models import (
    Register,
    RegisterEntry,
    SignedUpload,
    SignedUploadLine,
    UnsignedFile,
)
from certificates.register import deciding
from certificates.signature import signing, validating
from jobs import archives, progress
from jobs.models import Progress
from jobs.spreadsheets import plain

KIND = "certificates.signed"
MOST_BYTES = 5 * archives.MEGABYTE  # of one file
MOST_UPLOADED = 500 * archives.MEGABYTE
MANIFEST = "manifest.csv"
_LONGEST_BATCH = 0.5
_MOST_UPDATES = 50
Outcome = SignedUploadLine.Outcome


class Refused(Exception):
    """Carries the reason, in words for the person who brings the file."""


@dataclass(frozen=True)
class Looked:
    """What became of one file that was brought back."""

    outcome: SignedUploadLine.Outcome
    words: str = ""
    entry: RegisterEntry | None = None


# --- Taken away -----------------------------------------------------------------------------------


def export(*, register: Register) -> Iterator[bytes]:
    """A ZIP of all files of the register that wait for a signature, and at its end a manifest."""
    waiting = UnsignedFile.objects.waiting().filter(entry__register=register)
    ids = waiting.order_by("entry__position").values_list("pk", flat=True)
    return archives.stream(_files(list(ids)))


def _files(ids: list[int]) -> Iterator[tuple[str, bytes]]:
    listed = io.StringIO()
    manifest = csv.writer(listed)
    manifest.writerow(["file", "number", "full_name", "sha256", "size"])
    for pk in ids:
        row = UnsignedFile.objects.select_related("entry__register").get(pk=pk)
        content = given(row)
        if content is None:
            continue
        name = holding.download_name(row.entry)
        about = (name, row.entry.number, row.entry.content["full_name"], row.sha256, row.size)
        manifest.writerow([plain(value, csv=True) for value in about])
        yield name, content
    yield MANIFEST, listed.getvalue().encode("utf-8-sig")


def given(row: UnsignedFile) -> bytes | None:
    """The bytes that were given away: as kept, or made again; None where neither are the same."""
    storage = filing.storage()
    if storage.exists(row.name):
        with storage.open(row.name, "rb") as kept:
            content: bytes = kept.read()
        if filing.sha256(content) == row.sha256:
            return content
    made = signing.prepare(filing.make_file(row.entry))
    return made if filing.sha256(made) == row.sha256 else None


# --- Brought back ---------------------------------------------------------------------------------


def receive(*, files: Iterable[Any], by: Any, at: datetime) -> SignedUpload:
    """Keep what was uploaded, a ZIP or PDF files, and begin to look at it in the background.

    Raises Refused.
    """
    uploads = list(files)
    if sum(one.size for one in uploads) > MOST_UPLOADED:
        limit = MOST_UPLOADED // archives.MEGABYTE
        raise Refused(_("Together the files are larger than %(limit)s MB.") % {"limit": limit})
    archive = uploads[0] if len(uploads) == 1 and not _is_pdf(uploads[0]) else _pack(uploads)
    try:
        with zipfile.ZipFile(archive) as opened:
            total = len(archives.parts(opened, ending=".pdf"))
    except archives.ArchiveRefused as refused:
        raise Refused(str(refused)) from refused
    # The last where it was packed in a way that zipfile does not know.
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refused(_("The file is neither a PDF nor a ZIP archive.")) from error
    if not total:
        raise Refused(_("There is no PDF in the archive."))
    archive.seek(0)
    storage = filing.storage()
    name = storage.save(f"certificates/signed/{at:%Y%m%dT%H%M%S}.zip", File(archive))
    with transaction.atomic():
        work = progress.begin(kind=KIND, total=total, at=at, by=by)
        return SignedUpload.objects.create(
            work=work, file_name=uploads[0].name[-200:], name=name, by=by, at=at
        )


def _is_pdf(upload: Any) -> bool:
    upload.seek(0)
    begins: bytes = upload.read(5)
    upload.seek(0)
    return begins == b"%PDF-"


def _pack(uploads: list[Any]) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for number, upload in enumerate(uploads, start=1):
            if not _is_pdf(upload) or upload.size > MOST_BYTES:
                raise Refused(
                    _("“%(name)s” is no PDF of at most %(limit)s MB; bring several as a ZIP.")
                    % {"name": upload.name, "limit": MOST_BYTES // archives.MEGABYTE}
                )
            name = upload.name if upload.name.lower().endswith(".pdf") else f"{number}.pdf"
            archive.writestr(name, upload.read())
    packed.seek(0)
    return packed


def carry_on(work: Progress, at: datetime) -> int:
    """One batch (see ``jobs.progress``): how many files were looked at."""
    upload = SignedUpload.objects.get(work=work)
    begun, lines = monotonic(), []
    reached = upload.lines.count()
    with (
        filing.storage().open(upload.name, "rb") as kept,
        zipfile.ZipFile(kept) as archive,
    ):
        waiting = archives.parts(archive, ending=".pdf")[reached:]
        for place, part in enumerate(waiting, start=reached + 1):
            looked = _look_into(archive, part, at=at)
            lines.append(
                SignedUploadLine(
                    upload=upload,
                    place=place,
                    file_name=part.filename[-200:],
                    outcome=looked.outcome,
                    words=looked.words,
                    entry=looked.entry,
                )
            )
            if monotonic() - begun > _LONGEST_BATCH:
                break
    SignedUploadLine.objects.bulk_create(lines)
    if not lines:
        transaction.on_commit(lambda: filing.storage().delete(upload.name), robust=True)
    return len(lines)


def _look_into(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, at: datetime) -> Looked:
    try:
        return take_back(archives.read(archive, part, most=MOST_BYTES), at=at)
    except archives.ArchiveRefused as refused:
        return Looked(Outcome.REFUSED, str(refused))


def take_back(pdf: bytes, *, at: datetime) -> Looked:
    """Enter one file that was signed outside, or say why not."""
    row = _given_as(pdf)
    if row is None:
        return Looked(Outcome.REFUSED, _("This is none of the files that were given away."))
    filed = RegisterEntry.objects.filter(of=row.entry, kind=RegisterEntry.Kind.FILED).first()
    if filed is not None:
        if filed.content["sha256"] == filing.sha256(pdf):
            return Looked(Outcome.KNOWN, entry=row.entry)
        said = _("Another signed file was entered for this certificate.")
        return Looked(Outcome.REFUSED, said, row.entry)
    try:
        _refuse_unless_standing(row.entry)
        by = signers(pdf, given=pdf[: row.size], at=at)
        if not filing.enter(
            entry=row.entry, pdf=pdf, at=at, signed_by=by, unsigned=pdf[: row.size]
        ):
            _refuse_unless_standing(row.entry)  # decided about while it was looked at
    except (
        deciding.CannotDecide,
        Refused,
        validating.NoAuthorities,
        validating.Unreadable,
    ) as reason:
        return Looked(Outcome.REFUSED, str(reason), row.entry)
    return Looked(Outcome.ENTERED, entry=row.entry)


def _refuse_unless_standing(entry: RegisterEntry) -> None:
    history = list(entry.certificate.entries.order_by("position"))
    deciding.refuse_unless_standing(entry, history)


def _given_as(pdf: bytes) -> UnsignedFile | None:
    """The file that was given away with which this one begins.

    What was given away ends as every PDF does, and every update after it ends so again.
    """
    ends = [found.end() for found in re.finditer(rb"%%EOF\n", pdf)][:_MOST_UPDATES]
    begins = [filing.sha256(pdf[:end]) for end in ends]
    found = UnsignedFile.objects.select_related("entry__register", "entry__certificate")
    return found.filter(sha256__in=begins).first()


def signers(pdf: bytes, *, given: bytes, at: datetime) -> str:
    """Whom the signatures of a file name, where all are trusted, cover the whole, and nothing but
    them was added to what was given away.

    Raises Refused, and what ``validating`` raises.
    """
    found = validating.signatures(pdf, trusted=validating.authorities(), at=at)
    if not found:
        raise Refused(_("The file carries no signature."))
    for one in found:
        if not one.intact:
            raise Refused(_("The file was changed after %(name)s signed it.") % {"name": one.by})
        if not one.trusted:
            raise Refused(
                _(
                    "The signature of %(name)s is not one of an authority that counts here, or its"
                    " certificate was not in force."
                )
                % {"name": one.by}
            )
    if not found[-1].whole:
        raise Refused(_("Something was added to the file after it was signed."))
    if validating.changed_beside_signatures(pdf, given=given):
        raise Refused(_("More than the signature was changed in the file."))
    return ", ".join(dict.fromkeys(one.by for one in found))
