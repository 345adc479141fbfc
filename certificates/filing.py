"""The file of a numbered entry: made from what is frozen, kept, and entered by its hash.

The file is made outside any transaction, with the same bytes each time; nothing before the second
chained entry calls it valid.
"""

import hashlib
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.db.models import Exists, OuterRef

from certificates import designing, entering, keys, payload, rendering
from certificates.models import Certificate, RegisterEntry


def qr_address(entry: RegisterEntry) -> str:
    """What the QR says: scheme and host of the service, ``/T/``, the signed payload.

    Scheme and host in capitals keep the symbol in its smaller alphanumeric mode.
    """
    key_id, key = keys.signing_key()
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
    """The PDF of a numbered entry: the same bytes whenever it is made."""
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
    filed = RegisterEntry.objects.get(of=entry, kind=RegisterEntry.Kind.FILED)
    name: str = filed.content["name"]
    return name


def unfiled(certificate_id: int) -> list[RegisterEntry]:
    """The numbered entries of a certificate that have no file yet, oldest first."""
    filed = RegisterEntry.objects.filter(of=OuterRef("pk"), kind=RegisterEntry.Kind.FILED)
    return list(
        RegisterEntry.objects.filter(
            ~Exists(filed), certificate=certificate_id, kind__in=RegisterEntry.NUMBERED
        )
        .select_related("register", "certificate")
        .order_by("position")
    )


def file(*, entry: RegisterEntry, at: datetime) -> None:
    """Make the file of a numbered entry, keep it and enter its hash, once."""
    pdf = make_file(entry)
    kept = storage()
    # A name that is taken gets an ending: the file there may be another worker's, entered by now.
    name = kept.save(file_name(entry), ContentFile(pdf))
    with transaction.atomic():
        register = entering.lock(entry.register_id)
        filed = RegisterEntry.objects.filter(of=entry, kind=RegisterEntry.Kind.FILED).first()
        if filed is None:
            filed = entering.write(
                register=register,
                certificate=entry.certificate,
                kind=RegisterEntry.Kind.FILED,
                content={
                    "sha256": hashlib.sha256(pdf).hexdigest(),
                    "size": len(pdf),
                    "name": name,
                },
                at=at,
                of=entry,
            )
        if not unfiled(entry.certificate_id):
            Certificate.objects.filter(pk=entry.certificate_id).update(
                state=Certificate.State.FILED, problem="", claimed_until=None
            )
    if filed.content["name"] != name:
        kept.delete(name)
