"""Personal access tokens: made once, shown once, revoked at any time."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from people.models import PersonalToken, User

# Programmes that search for leaked secrets know one by its beginning.
PREFIX = "iso_"
MOST = 10
LIFETIMES = (30, 90, 365)
_WRITTEN_EVERY = timedelta(hours=1)


class TokenRefused(Exception):
    """Carries the reason why no token is made, in words."""


@dataclass(frozen=True)
class Made:
    """A new token; ``secret`` is known now and never again."""

    token: PersonalToken
    secret: str


def make(*, user: Any, name: str, days: int, at: datetime) -> Made:
    """A token that lives ``days`` (one of ``LIFETIMES``). Raises TokenRefused."""
    if days not in LIFETIMES:
        raise TokenRefused(_("Choose how long the token is valid."))
    if not name.strip():
        raise TokenRefused(_("Give the token a name."))
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        # The account's lock makes two clicks count each other.
        User.objects.select_for_update().get(pk=user.pk)
        if PersonalToken.objects.alive(at=at).filter(user=user).count() >= MOST:
            raise TokenRefused(
                _("There are %(most)s tokens already; revoke one first.") % {"most": MOST}
            )
        token = PersonalToken.objects.create(
            user=user,
            name=name.strip(),
            digest=_digest(secret),
            made_at=at,
            expires_at=at + timedelta(days=days),
        )
    return Made(token, secret)


def revoke(*, user: Any, token_id: int, at: datetime) -> None:
    """End a token of this account; once ended it stays as it is.

    Raises PersonalToken.DoesNotExist for a token of somebody else.
    """
    token = PersonalToken.objects.get(pk=token_id, user=user)
    PersonalToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at)


def find(*, secret: str, at: datetime) -> PersonalToken | None:
    """The living token with its ``user``, or None. One statement, a second one once an hour."""
    alive = PersonalToken.objects.alive(at=at).select_related("user")
    token = alive.filter(digest=_digest(secret)).first()
    if token and (token.last_used_at is None or token.last_used_at < at - _WRITTEN_EVERY):
        PersonalToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token


def _digest(secret: str) -> str:
    """256 random bits need neither salt nor a slow hash."""
    return sha256(secret.encode()).hexdigest()
