"""What every address of the API has that belongs to one person."""

from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.utils import OpenApiResponse
from rest_framework.views import APIView

from jobs import problems
from jobs.problems import ProblemSerializer
from people.sessions import BySession
from people.throttling import PersonThrottle
from people.token_authentication import TokenAuthentication

_PERSONAL: dict[int, Any] = {
    401: OpenApiResponse(ProblemSerializer, "The token is unknown, revoked or expired."),
    429: OpenApiResponse(
        ProblemSerializer, "Asked too often within a minute; `Retry-After` says when to ask again."
    ),
}
READING_PROBLEMS = problems.READING_PROBLEMS | _PERSONAL
PROBLEMS = problems.PROBLEMS | _PERSONAL


class BySessionScheme(SessionScheme):  # type: ignore[no-untyped-call]  # of spectacular
    """How the API's document calls the session."""

    target_class = "people.sessions.BySession"
    priority = 0


class PersonalView(APIView):
    """For the person who is logged in, or a programme with a token of the person's.

    ``throttle_scope`` names one of the rates of the setting ``API_RATES``.
    """

    authentication_classes = [TokenAuthentication, BySession]
    throttle_classes = [PersonThrottle]
    throttle_scope = "read"
