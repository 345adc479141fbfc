"""When a browser first presented the code that it opened from the screen.

Who opens the QR's address may have to log in first, and reads before pressing. So the moment is
remembered in a signed cookie of this browser, which an address handed on does not carry; the code
is judged at that moment, and only when somebody who is logged in presses.
"""

from datetime import datetime, timedelta

from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE = "check-in"
_SALT = "courses.attendance.presenting"
TIME_TO_PRESS = timedelta(minutes=5)


def remember(
    request: HttpRequest, response: HttpResponseBase, *, session_id: int, code: str, at: datetime
) -> None:
    """Keep the moment; the first one stays for as long as it holds."""
    if presented_at(request, session_id=session_id, code=code, at=at):
        return
    response.set_cookie(
        COOKIE,
        signing.dumps([session_id, code, at.timestamp()], salt=_SALT),
        max_age=int(TIME_TO_PRESS.total_seconds()),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def presented_at(
    request: HttpRequest, *, session_id: int, code: str, at: datetime
) -> datetime | None:
    """When this browser presented the code of the meeting, if that was a few minutes ago."""
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT)
    except signing.BadSignature:
        return None
    kept_session, kept_code, moment = kept
    then = datetime.fromtimestamp(moment, tz=at.tzinfo)
    fresh = timedelta() <= at - then <= TIME_TO_PRESS
    return then if fresh and (kept_session, kept_code) == (session_id, code) else None
