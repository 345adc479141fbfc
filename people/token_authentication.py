"""``Authorization: Bearer iso_…``: a programme that acts for a person."""

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import build_bearer_security_scheme_object
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from people import tokens
from people.models import PersonalToken, User


class TokenAuthentication(BaseAuthentication):
    """The token's account; a request without the header is left to the session."""

    def authenticate(self, request: Request) -> tuple[User, PersonalToken] | None:
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = tokens.find(secret=secret.strip(), at=timezone.now())
        if token is None:
            raise AuthenticationFailed("The token is unknown, revoked or expired.", "dead_token")
        return token.user, token

    def authenticate_header(self, request: Request) -> str | None:
        """401 to who came with a token; 403 to who came with no session, as ever."""
        return "Bearer" if request.headers.get("Authorization") else None


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # of spectacular
    """How the API's document calls it."""

    target_class = TokenAuthentication
    name = "personalToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        definition: dict[str, str] = build_bearer_security_scheme_object(
            header_name="Authorization",
            token_prefix="Bearer",  # noqa: S106  (the word before a token)
        )
        return definition
