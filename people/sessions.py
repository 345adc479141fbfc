"""The session keeps the person's id, so that the hot paths of a test need not load the account.

They may trust it, because the sessions of an account end with what they rest on: in ``User.save``,
when it is deleted, and when it is deactivated in the staff's list (``people.wagtail_hooks``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.db.models.signals import pre_delete
from django.http import HttpRequest, HttpResponseBase
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from people.models import AccountSession, PersonalToken, User

PERSON_KEY = "person_id"


def connect() -> None:
    user_logged_in.connect(remember_person, dispatch_uid="people.sessions")
    pre_delete.connect(end_with_account, sender=User, dispatch_uid="people.sessions")


def remember_person(request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    request.session[PERSON_KEY] = user.person_id


def end_with_account(instance: User, **_kwargs: Any) -> None:
    AccountSession.end_all(account_id=instance.pk)


def person_id(request: HttpRequest) -> int | None:
    """The logged-in person's id, or None for a visitor or an account without a person."""
    token = getattr(request, "auth", None)
    if isinstance(token, PersonalToken):
        return token.user.person_id
    if PERSON_KEY not in request.session:
        if not request.user.is_authenticated:
            return None
        request.session[PERSON_KEY] = request.user.person_id
    value = request.session[PERSON_KEY]
    return int(value) if value is not None else None


def by_session(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For whoever is logged in, as the session alone says."""

    @wraps(view)
    def admit(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if SESSION_KEY not in request.session:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return login_not_required(admit)


@dataclass(frozen=True)
class SessionAccount:
    """Who is logged in, as far as the session knows."""

    pk: int
    is_authenticated = True
    is_active = True

    @property
    def person_id(self) -> int | None:
        """Asks the database; sessions made today have it with them."""
        return User.objects.values_list("person", flat=True).get(pk=self.pk)


class BySession(SessionAuthentication):
    """The session's account without its row; changes need the CSRF token as ever."""

    def authenticate(self, request: Request) -> tuple[SessionAccount, None] | None:
        account = request.session.get(SESSION_KEY)
        if account is None:
            return None
        self.enforce_csrf(request)
        return SessionAccount(int(account)), None
