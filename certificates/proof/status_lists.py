"""Lists of bits that tell which credentials no longer stand (W3C Bitstring Status List 1.0).

A bit is set when the entry was revoked, voided, or superseded by a corrected, reissued or renewed
one whose paper is there: as the look-up says. The lists are made from the entries; they keep
nothing.
"""

import base64
import gzip
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from certificates import signals
from certificates.models import CredentialStatus, Register, RegisterEntry
from certificates.proof import jose, publishing
from jobs.writing import insert_new

# A list is left for the next one before free places become hard to hit.
PER_LIST = CredentialStatus.LENGTH * 3 // 4
# For so long others may keep a list, and so do we if a decision is not heard of.
KEPT = timedelta(minutes=5)
# An older copy must not be shown for today's.
GOOD_FOR = timedelta(days=1)
TYP = "vc+jwt"


def connect() -> None:
    signals.entry_written.connect(_on_entry, dispatch_uid="certificates.proof.status_lists")


def place(entry: RegisterEntry) -> CredentialStatus:
    """The place of an entry, assigned at random when it is asked for first."""
    while True:
        held = CredentialStatus.objects.filter(entry=entry).first()
        if held:
            return held
        taken = CredentialStatus.objects.filter(register=entry.register_id).count()
        row = CredentialStatus(
            entry=entry,
            register_id=entry.register_id,
            list_number=taken // PER_LIST + 1,
            index=secrets.randbelow(CredentialStatus.LENGTH),
        )
        if insert_new(row):
            return row


def reference(status: CredentialStatus, register: Register) -> dict[str, str]:
    """What a credential says of where its status is told."""
    url = _url(register.code, status.list_number)
    return {
        "id": f"{url}#{status.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(status.index),
        "statusListCredential": url,
    }


def published(*, register_code: str, list_number: int, at: datetime) -> str | None:
    """The signed list as it is now, up to KEPT old; None where there is none."""
    key = _key(register_code, list_number)
    token: str | None = cache.get(key)
    if token is None:
        token = _make(register_code, list_number, at)
        if token is not None:
            cache.set(key, token, timeout=KEPT.total_seconds())
    return token


def _make(register_code: str, list_number: int, at: datetime) -> str | None:
    places = CredentialStatus.objects.filter(register__code=register_code, list_number=list_number)
    if not places.exists():
        return None
    later = {
        "certificate": OuterRef("entry__certificate"),
        "position__gt": OuterRef("entry__position"),
    }
    ended = RegisterEntry.objects.filter(kind__in=RegisterEntry.ENDING, **later)
    superseded = RegisterEntry.objects.papered().filter(**later)
    bits = bytearray(CredentialStatus.LENGTH // 8)
    for index in places.filter(Exists(ended) | Exists(superseded)).values_list("index", flat=True):
        bits[index // 8] |= 0x80 >> index % 8
    url, issuer = _url(register_code, list_number), publishing.issuer_url(register_code)
    made = at.replace(microsecond=0)
    said: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": timezone.localtime(made).isoformat(),
        "validUntil": timezone.localtime(made + GOOD_FOR).isoformat(),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": _encode(bytes(bits)),
            "ttl": int(KEPT.total_seconds() * 1000),
        },
    }
    return jose.sign(
        {**said, "iss": issuer, "jti": url, "nbf": int(made.timestamp())},
        typ=TYP,
    )


def _encode(bits: bytes) -> str:
    """Compressed, in multibase's base64url."""
    return "u" + base64.urlsafe_b64encode(gzip.compress(bits, mtime=0)).rstrip(b"=").decode()


def _on_entry(sender: Any, entry: RegisterEntry, **_kwargs: Any) -> None:
    """A later decision, or the paper of one: the lists that tell of this certificate are made anew
    after the commit."""
    decided = entry.of if entry.kind == RegisterEntry.Kind.FILED and entry.of else entry
    if decided.kind == RegisterEntry.Kind.ISSUE:
        return
    numbers = CredentialStatus.objects.filter(entry__certificate=entry.certificate_id)
    told = [_key(entry.register.code, number) for number in set(_list_numbers(numbers))]
    if told:
        transaction.on_commit(lambda: cache.delete_many(told))


def _list_numbers(places: Any) -> list[int]:
    return list(places.values_list("list_number", flat=True))


def _key(register_code: str, list_number: int) -> str:
    return f"status-list:{register_code}:{list_number}"


def _url(register_code: str, list_number: int) -> str:
    return publishing.url("status_list", register_code, list_number)
