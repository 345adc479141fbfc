"""The heads of a register: its last entry, signed once a day.

A chain alone does not show that its end was cut off. A head does: it says with a signature that on
that day the chain was so long and ended with this hash. Whoever can write to the database but has
no key can neither make one nor make the entries before it say anything else. Each is also written
to the log, which is kept elsewhere.
"""

import base64
import binascii
import json
import logging
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db.models import Exists, OuterRef
from django.utils import timezone

from certificates.models import Register, RegisterEntry, RegisterHead
from certificates.proof import used_key
from jobs.writing import insert_new

# So that a signature made for something else with the same key is never one of these.
PURPOSE = b"register head\n"
logger = logging.getLogger(__name__)


def sign_ended_day(at: datetime) -> int:
    """Sweep: sign yesterday's head of each register that has grown since its last head.

    Days on which no sweep ran have none of their own: the next head covers them. Returns how many
    were signed.
    """
    day = timezone.localdate(at) - timedelta(days=1)
    signed = RegisterHead.objects.filter(register=OuterRef("pk"), day__gte=day)
    done = 0
    for register in Register.objects.filter(~Exists(signed)).order_by("pk"):
        done += _sign(register, day=day, at=at)
    return done


def _sign(register: Register, *, day: date, at: datetime) -> bool:
    last = RegisterEntry.objects.filter(register=register).order_by("-position").first()
    before = RegisterHead.objects.filter(register=register).order_by("-position").first()
    if last is None or (before and before.position >= last.position):
        return False
    key_id, key = used_key.to_sign_with(at)
    head = RegisterHead(
        register=register,
        day=day,
        position=last.position,
        hash=last.hash,
        key_id=key_id,
        at=at,
    )
    head.signature = base64.b64encode(key.sign(_message(head))).decode()
    if not insert_new(head):
        return False  # another worker was faster
    logger.info(
        "head of register %s: day %s, position %s, hash %s, key %s, signature %s",
        *(register.code, day, head.position, head.hash, key_id, head.signature),
    )
    return True


def is_genuine(head: RegisterHead, *, public_keys: Mapping[int, Ed25519PublicKey]) -> bool:
    """Whether the signature of a known key stands on what the head says."""
    if head.key_id not in public_keys:
        return False
    try:
        signature = base64.b64decode(head.signature, validate=True)
        public_keys[head.key_id].verify(signature, _message(head))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _message(head: RegisterHead) -> bytes:
    said = {
        "register": head.register.code,
        "day": head.day.isoformat(),
        "position": head.position,
        "hash": head.hash,
    }
    return PURPOSE + json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
