"""The code on the screen: six digits that change every 20 seconds (TOTP, RFC 6238).

A code is accepted during its own step and the next one, so it is dead 40 s after it first showed.
"""

import hmac
from datetime import datetime, timedelta
from hashlib import sha1

STEP = timedelta(seconds=20)
DIGITS = 6


def code_at(*, secret: str, at: datetime) -> str:
    """The code that the screen shows at that moment; ``secret`` is hexadecimal."""
    return _code(secret, step_of(at))


def is_right(*, secret: str, code: str, at: datetime) -> bool:
    """Whether ``code`` may be given at that moment: it is on the screen, or was just before."""
    step = step_of(at)
    candidates = (_code(secret, step), _code(secret, step - 1))
    # Both are compared, so that the time taken says nothing.
    return sum(hmac.compare_digest(one.encode(), code.encode()) for one in candidates) > 0


def step_of(at: datetime) -> int:
    """The number of the step in which a moment lies."""
    return int(at.timestamp() // STEP.total_seconds())


def _code(secret: str, step: int) -> str:
    digest = hmac.digest(bytes.fromhex(secret), max(step, 0).to_bytes(8, "big"), sha1)
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"
