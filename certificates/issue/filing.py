"""The file of a numbered entry: made from what is frozen, signed, kept, and entered by its hash.

It is signed as its content says, frozen when it was numbered. What is signed outside is kept
unsigned, with the bytes that were given away, until it comes back (``outside.py``).

The file is made outside any transaction, with the same bytes each time; nothing before the second
chained entry calls it valid.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import Error, transaction
from django.utils import timezone

from certificates.issue import telling
from certificates.models import Certificate, Register, RegisterEntry, UnsignedFile
from certificates.paper import designing, rendering
from certificates.proof import payload, used_key
from certificates.register import entering
from certificates.signature import signing
from jobs.compiled import Compiled, Given
from jobs.writing import insert_new


def qr_address(entry: RegisterEntry) -> str:
    """What the QR says: scheme and host of the service, ``/T/``, the signed payload.

    Scheme and host in capitals keep the symbol in its smaller alphanumeric mode. Raises
    KeyUnusable.
    """
    key_id, key = used_key.to_sign_with(timezone.now())
    frozen = entry.content
    signed = payload.encode(
        number=frozen["number"],
        full_name=frozen["full_name"],
        issued_on=datetime.fromisoformat(frozen["issued_on"]).date(),
        course_code=frozen["course_code"],
        register_code=entry.register.code,
        private_key=key,
        key_id=key_id,
    )
    return f"{settings.PUBLIC_URL.upper()}/T/{signed}"


def make_file(entry: RegisterEntry) -> bytes:
    """The unsigned PDF of a numbered entry: the same bytes whenever it is made."""
    return rendering.render(
        content=entry.content,
        qr_address=qr_address(entry),
        design=designing.design_of(entry.content),
    )


def storage() -> Storage:
    return storages["private"]


def file_name(entry: RegisterEntry) -> str:
    """Where the file of an entry is put; the filed entry knows where it came to lie."""
    return f"certificates/{entry.register.code}/{entry.year}/{entry.position:08d}.pdf"


def filed_name(entry: RegisterEntry) -> str:
    """Where the filed file of a numbered entry lies in the private storage."""
    (filed,) = _FILED.ask(entry=entry.pk)
    name: str = filed.content["name"]
    return name


_FILED = Compiled(
    lambda: RegisterEntry.objects.filter(of=Given("entry"), kind=RegisterEntry.Kind.FILED)
)
_WANTED = Compiled(
    lambda: RegisterEntry.objects.unfiled().filter(pk=Given("entry")).values_list("pk")
)
_UNFILED = Compiled(
    lambda: (
        RegisterEntry.objects.unfiled()
        .filter(certificate=Given("certificate"), unsigned_file__isnull=True)
        .select_related("register", "certificate__person__user")
        .order_by("position")
    )
)
_GIVEN_AWAY = Compiled(
    lambda: (
        UnsignedFile.objects.waiting()
        .filter(entry__certificate=Given("certificate"))
        .values_list("pk")
    )
)


def unfiled(certificate_id: int) -> list[RegisterEntry]:
    """The numbered entries of a certificate that still want a file, oldest first."""
    return _UNFILED.ask(certificate=certificate_id)


def file(*, entry: RegisterEntry, at: datetime) -> None:
    """Make the file of a numbered entry, sign it, keep it and enter its hash, once.

    One that is signed outside is only kept. Raises what rendering, signing and storage raise.
    """
    pdf = make_file(entry)
    way = entry.content.get("signing", Register.Signing.UNSIGNED)
    if way == Register.Signing.OUTSIDE:
        _keep_unsigned(entry=entry, pdf=signing.prepare(pdf), at=at)
    elif way == Register.Signing.SERVER:
        signed = signing.sign(
            pdf,
            by=entry.content["signed_by"],
            reason=f"Cấp giấy chứng nhận số {entry.number}",
            place=entry.content["place"],
        )
        enter(entry=entry, pdf=signed.pdf, at=at, signed_by=signed.by, unsigned=pdf)
    else:
        enter(entry=entry, pdf=pdf, at=at)


def enter(
    *,
    entry: RegisterEntry,
    pdf: bytes,
    at: datetime,
    signed_by: str = "",
    unsigned: bytes = b"",
) -> RegisterEntry | None:
    """Keep the final file of a numbered entry and enter its hash, once: the entry that stands.

    None where the number was replaced or taken back while the file was made. A signed file names
    its signer, and the hash of the unsigned bytes that it begins with.
    """
    mail = telling.write(entry=entry, at=at)
    kept = storage()
    # A name that is taken gets an ending: the file there may be another worker's, entered by now.
    name = kept.save(file_name(entry), ContentFile(pdf))
    content: dict[str, Any] = {"sha256": sha256(pdf), "size": len(pdf), "name": name}
    if signed_by:
        content |= {"signed_by": signed_by, "unsigned_sha256": sha256(unsigned)}
    with _discarded_unless_entered(name, entry=entry), transaction.atomic():
        register = entering.lock(entry.register_id)
        filed: RegisterEntry | None
        if _WANTED.ask(entry=entry.pk):
            filed = entering.write(
                register=register,
                certificate=entry.certificate,
                kind=RegisterEntry.Kind.FILED,
                content=content,
                at=at,
                of=entry,
            )
            telling.queue(mail, at=at)
        else:
            filed = _FILED.first(entry=entry.pk)
        _settle(entry.certificate_id)
    if filed is None or filed.content["name"] != name:
        kept.delete(name)
    return filed


def _keep_unsigned(*, entry: RegisterEntry, pdf: bytes, at: datetime) -> None:
    """Keep the bytes that go outside: made again by another version of typst they could differ."""
    kept = storage()
    name = kept.save(file_name(entry).replace(".pdf", "-unsigned.pdf"), ContentFile(pdf))
    row = UnsignedFile(entry=entry, sha256=sha256(pdf), size=len(pdf), name=name, made_at=at)
    with _discarded_unless_entered(name, entry=entry), transaction.atomic():
        entering.lock(entry.register_id)
        is_new = insert_new(row)
        _settle(entry.certificate_id)
    if not is_new:
        kept.delete(name)


@contextmanager
def _discarded_unless_entered(name: str, *, entry: RegisterEntry) -> Iterator[None]:
    """Remove the file again where its row could not be written.

    Asked under the lock: a commit whose answer was lost has come to its end by then. If that cannot
    be asked either, the file stays; nothing names it.
    """
    try:
        yield
    except Exception:
        with suppress(Error, OSError), transaction.atomic():
            entering.lock(entry.register_id)
            filed = RegisterEntry.objects.filter(of=entry, content__name=name)
            if not filed.exists() and not UnsignedFile.objects.filter(name=name).exists():
                storage().delete(name)
        raise


def _settle(certificate_id: int) -> None:
    """Bring the state in line with the files that are there; the register is locked."""
    if unfiled(certificate_id):
        return
    waits = _GIVEN_AWAY.first(certificate=certificate_id)
    state = Certificate.State.UNSIGNED if waits else Certificate.State.FILED
    Certificate.objects.filter(pk=certificate_id).update(
        state=state, problem="", claimed_until=None
    )


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
