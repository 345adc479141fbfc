"""Signed JSON for the programmes of others: a JWT in its compact form (RFC 7515, 7519, 8037).

What is signed begins with ``eyJ``, and what a QR signs with its own purpose: with the same key
neither is ever taken for the other.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from certificates.proof import publishing, used_key


def sign(claims: Mapping[str, Any], *, typ: str) -> str:
    """Sign with the key that signs now; ``kid`` is the address where it can be read."""
    key_id, key = used_key.to_sign_with(timezone.now())
    header = {"alg": "EdDSA", "kid": publishing.key_url(key_id), "typ": typ}
    signed = f"{_part(header)}.{_part(claims)}"
    return f"{signed}.{_base64url(key.sign(signed.encode()))}"


def _part(content: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
