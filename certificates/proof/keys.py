"""The Ed25519 keys that sign the QR codes of certificates.

Settings: REGISTER_SIGNING_KEY (Base64 of the 32 bytes of the private key), REGISTER_SIGNING_KEY_ID
(0 to 255, 1 by default) and REGISTER_PUBLIC_KEYS (key id to Base64 of 32 bytes: keys retired from
signing, whose certificates stay valid; ``@2027-03-01`` after it is the last day on which it signed,
and what is dated later does not count). Without REGISTER_SIGNING_KEY a key is made once, in
``DATA_DIR/keys/register-ed25519``. A key is never in the database.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_BYTES = 32


class KeyUnusable(ImproperlyConfigured):
    """The register's key, or the setting of one, is malformed, out of reach, or another one."""


@dataclass(frozen=True)
class PublishedKey:
    """A key that others verify with. ``last_day`` is the last on which it signed, where known."""

    key_id: int
    key: Ed25519PublicKey
    signs: bool
    last_day: date | None = None

    @property
    def encoded(self) -> str:
        """The 32 bytes in Base64, as the setting wants them."""
        return base64.b64encode(self.key.public_bytes_raw()).decode()


def signing_key() -> tuple[int, Ed25519PrivateKey]:
    """Return the id and the key that signs now.

    Raises KeyUnusable where a setting or the key file is malformed or out of reach.
    """
    key_id = _parse_id(getattr(settings, "REGISTER_SIGNING_KEY_ID", 1), "REGISTER_SIGNING_KEY_ID")
    configured: str = getattr(settings, "REGISTER_SIGNING_KEY", "")
    if configured:
        raw = _parse_key(configured, "REGISTER_SIGNING_KEY")
    else:
        path = Path(settings.DATA_DIR) / "keys" / "register-ed25519"
        raw = _parse_key(_read_or_make(path), str(path))
    return key_id, Ed25519PrivateKey.from_private_bytes(raw)


def published() -> dict[int, PublishedKey]:
    """Every key, by its id, whose signature counts: the retired ones and today's.

    Raises KeyUnusable as `signing_key` does, and where one id names two keys.
    """
    retired: Mapping[int | str, str] = getattr(settings, "REGISTER_PUBLIC_KEYS", {})
    keys = {}
    for name, value in retired.items():
        setting = f"REGISTER_PUBLIC_KEYS[{name}]"
        encoded, _at, day = value.partition("@")
        key_id = _parse_id(name, setting)
        key = Ed25519PublicKey.from_public_bytes(_parse_key(encoded, setting))
        keys[key_id] = PublishedKey(key_id, key, False, _parse_day(day, setting))
    key_id, private_key = signing_key()
    current = private_key.public_key()
    if key_id in keys and keys[key_id].key != current:
        raise KeyUnusable(
            f"REGISTER_PUBLIC_KEYS[{key_id}] is another key than the one that signs under that id:"
            " give the new key a new REGISTER_SIGNING_KEY_ID."
        )
    keys[key_id] = PublishedKey(key_id, current, True)
    return dict(sorted(keys.items()))


def public_keys() -> dict[int, Ed25519PublicKey]:
    """The keys of `published`, as `payload.decode` wants them."""
    return {key_id: published_key.key for key_id, published_key in published().items()}


def last_days() -> dict[int, date]:
    """The last day on which a retired key signed, where it is known."""
    return {key_id: one.last_day for key_id, one in published().items() if one.last_day}


def new_key() -> str:
    """A fresh private key, as REGISTER_SIGNING_KEY wants it."""
    return base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def _parse_id(value: object, setting: str) -> int:
    try:
        key_id = int(str(value))
    except ValueError:
        key_id = -1
    if not 0 <= key_id <= 255:
        raise KeyUnusable(f"{setting}: a key id is a whole number from 0 to 255.")
    return key_id


def _parse_day(text: str, setting: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise KeyUnusable(f"{setting}: after @ comes a day such as 2027-03-01.") from error


def _parse_key(value: str, setting: str) -> bytes:
    # The value itself stays out of the message: messages end up in logs.
    try:
        raw = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _BYTES:
        raise KeyUnusable(f"{setting} must be the Base64 of {_BYTES} bytes.")
    return raw


def _read_or_make(path: Path) -> str:
    try:
        if not path.exists():
            _make(path)
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise KeyUnusable(f"The register's key cannot be kept: {error}") from error
    except UnicodeDecodeError as error:
        raise KeyUnusable(f"{path} is not a key file.") from error


def _make(path: Path) -> None:
    """Write a new key, unless another process did so first: the first link wins, and is whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
