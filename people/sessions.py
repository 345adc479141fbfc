"""The session keeps the person's id, so that hot API paths need not load the user row."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

PERSON_KEY = "person_id"


def connect() -> None:
    user_logged_in.connect(remember_person, dispatch_uid="people.sessions")


def remember_person(request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    request.session[PERSON_KEY] = user.person_id


def person_id(request: HttpRequest) -> int | None:
    """The logged-in person's id, or None for a visitor or an account without a person."""
    if PERSON_KEY not in request.session:
        if not request.user.is_authenticated:
            return None
        request.session[PERSON_KEY] = request.user.person_id
    value = request.session[PERSON_KEY]
    return int(value) if value is not None else None
