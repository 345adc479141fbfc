"""The published keys, in the forms that others read: JWK (RFC 7517, 8037) and W3C's document of an
identifier whose keys are controlled (Controlled Identifiers 1.0)."""

import base64
import hashlib
import json
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from certificates.models import Register
from certificates.proof import keys
from certificates.proof.keys import PublishedKey


def url(name: str, *args: object) -> str:
    """A public address of this room, with scheme and host."""
    return f"{settings.PUBLIC_URL}{reverse(f'certificates:{name}', args=args)}"


def key_url(key_id: int) -> str:
    """Where the key can be read: its ``kid``."""
    return url("public_key", key_id)


def issuer_url(register_code: str) -> str:
    """What names the issuer of a register's certificates, and where its keys are told."""
    return url("issuer", register_code)


def jwk(one: PublishedKey) -> dict[str, Any]:
    """One key. ``exp``: what is dated at that second or later was not signed by us."""
    told: dict[str, Any] = {
        **_essence(one),
        "kid": key_url(one.key_id),
        "use": "sig",
        "alg": "EdDSA",
    }
    if one.last_day:
        midnight = datetime.combine(one.last_day + timedelta(days=1), time.min)
        told["exp"] = int(timezone.make_aware(midnight).timestamp())
    return told


def thumbprint(one: PublishedKey) -> str:
    """RFC 7638: what people compare who got the key on another way."""
    canonical = json.dumps(_essence(one), sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def key_set() -> dict[str, Any]:
    """All keys whose signature counts."""
    return {"keys": [jwk(one) for one in keys.published().values()]}


def issuer(register: Register) -> dict[str, Any]:
    """The issuing body of a register, and the keys that speak for it."""
    here = issuer_url(register.code)
    return {
        "@context": "https://www.w3.org/ns/cid/v1",
        "id": here,
        "verificationMethod": [
            {
                "id": key_url(one.key_id),
                "type": "JsonWebKey",
                "controller": here,
                "publicKeyJwk": jwk(one),
            }
            for one in keys.published().values()
        ],
        "assertionMethod": [key_url(key_id) for key_id in keys.published()],
        "name": register.issuing_body,
        "url": settings.PUBLIC_URL,
    }


def _essence(one: PublishedKey) -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(one.key.public_bytes_raw())}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
