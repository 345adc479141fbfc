"""What the QR code of a certificate says, signed: enough to trust it without a network.

Version 1, before Base32 (RFC 4648, no padding):

    1 byte    version, 1
    1 byte    key id
    2 bytes   date of issue, days since 2000-01-01, big endian
    4 fields  number, full name, course code, register code:
              2 bytes length, big endian, then UTF-8
    64 bytes  Ed25519 signature of PURPOSE and everything before

An ordinary name makes about 140 bytes; a longer one makes more and is never cut.
"""

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.utils.translation import gettext as _

# So that a signature made for something else with the same key is never one of these.
PURPOSE = b"certificate look-up\n"

_VERSION = 1
_EPOCH = date(2000, 1, 1)
_HEAD = struct.Struct(">BBH")
_LENGTH = struct.Struct(">H")
_SIGNATURE = 64
# A version 40 symbol of level M holds 3.391 alphanumeric characters.
_LONGEST = 3391


class InvalidPayload(ValueError):
    """The text is no payload that this register signed; the message says why, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What was signed when the certificate was issued."""

    number: str
    full_name: str
    issued_on: date
    course_code: str
    register_code: str
    key_id: int


def encode(
    *,
    number: str,
    full_name: str,
    issued_on: date,
    course_code: str,
    register_code: str,
    private_key: Ed25519PrivateKey,
    key_id: int,
) -> str:
    """Return the signed payload in the letters A-Z and 2-7.

    Raises ValueError for a key id over 255, a date before 2000 or after 2179, or a field over
    65,535 bytes.
    """
    try:
        body = _HEAD.pack(_VERSION, key_id, (issued_on - _EPOCH).days)
        for field in (number, full_name, course_code, register_code):
            encoded = field.encode()
            body += _LENGTH.pack(len(encoded)) + encoded
    except struct.error as error:
        raise ValueError(f"cannot be put into a QR payload: {error}") from error
    return _to_text(body + private_key.sign(PURPOSE + body))


def decode(
    text: str,
    *,
    public_keys: Mapping[int, Ed25519PublicKey],
    last_days: Mapping[int, date] | None = None,
) -> Payload:
    """Return what a text in either case says, if the signature of a known key is on it.

    Raises InvalidPayload for anything else, and for a date after the last day of its key.
    """
    signed = _to_bytes(text)
    body, signature = signed[:-_SIGNATURE], signed[-_SIGNATURE:]
    if len(body) < _HEAD.size or body[0] != _VERSION:
        raise InvalidPayload(_("This is not the code of a certificate."))
    _version, key_id, days = _HEAD.unpack_from(body)
    if key_id not in public_keys:
        raise InvalidPayload(_("This code was signed with a key that is not known here."))
    try:
        public_keys[key_id].verify(signature, PURPOSE + body)
    except InvalidSignature as error:
        raise InvalidPayload(_("The signature in this code is not genuine.")) from error
    number, full_name, course_code, register_code = _split(body[_HEAD.size :])
    issued_on = _EPOCH + timedelta(days=days)
    if issued_on > (last_days or {}).get(key_id, date.max):
        raise InvalidPayload(_("This code was signed with a key that was retired before its date."))
    return Payload(
        number=number,
        full_name=full_name,
        issued_on=issued_on,
        course_code=course_code,
        register_code=register_code,
        key_id=key_id,
    )


def _to_text(signed: bytes) -> str:
    return base64.b32encode(signed).decode("ascii").rstrip("=")


def _to_bytes(text: str) -> bytes:
    """Undo `_to_text`; every payload has exactly one text, its case aside."""
    if len(text) <= _LONGEST and text.isascii():
        capitals = text.upper()
        try:
            signed = base64.b32decode(capitals + "=" * (-len(capitals) % 8))
        except binascii.Error:
            signed = b""
        if signed and _to_text(signed) == capitals:
            return signed
    raise InvalidPayload(_("This is not the code of a certificate."))


def _split(fields: bytes) -> tuple[str, str, str, str]:
    """Take the four fields apart. They were signed, so this fails only if the signer erred."""
    found = []
    try:
        while fields:
            (length,) = _LENGTH.unpack_from(fields)
            field, fields = fields[2 : 2 + length], fields[2 + length :]
            if len(field) < length:
                raise InvalidPayload(_("This is not the code of a certificate."))
            found.append(field.decode())
        number, full_name, course_code, register_code = found
    except (struct.error, ValueError) as error:
        raise InvalidPayload(_("This is not the code of a certificate.")) from error
    return number, full_name, course_code, register_code
