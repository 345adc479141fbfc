"""That one key signs under one id: a key that was lost and made anew signs nothing.

With another key under the id of the old one, nothing that was issued before could be verified any
more, and genuine certificates would be called forged.
"""

import base64
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from certificates.models import UsedKey
from certificates.proof import keys
from certificates.proof.keys import KeyUnusable
from jobs.compiled import Compiled, Given
from jobs.writing import insert_new

_USED = Compiled(lambda: UsedKey.objects.filter(key_id=Given("key_id")))


def refuse_another() -> None:
    """See that the signing key is the one that signed first under its id, if any did.

    Raises KeyUnusable where it is another one, or cannot be used at all.
    """
    key_id, key = keys.signing_key()
    used = _USED.first(key_id=key_id)
    if used:
        _refuse_other_than(used, _encoded(key))


def to_sign_with(at: datetime) -> tuple[int, Ed25519PrivateKey]:
    """The id and the key that signs now, written down at its first use.

    Whatever signs for the registers asks here. Raises as `refuse_another`.
    """
    key_id, key = keys.signing_key()
    public_key = _encoded(key)
    used = _USED.first(key_id=key_id)
    if used is None and not insert_new(UsedKey(key_id=key_id, public_key=public_key, at=at)):
        used = _USED.first(key_id=key_id)  # another worker was faster
    if used:
        _refuse_other_than(used, public_key)
    return key_id, key


def _encoded(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _refuse_other_than(used: UsedKey, public_key: str) -> None:
    if used.public_key != public_key:
        raise KeyUnusable(
            f"The register's key {used.key_id} is not the one that has signed under this id since"
            f" {used.at:%Y-%m-%d}: bring that one back, or give the new key a new"
            " REGISTER_SIGNING_KEY_ID."
        )
