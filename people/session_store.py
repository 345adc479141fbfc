"""Sessions that know their account, so that they can be ended with it.

The hot paths of a test trust the session without reading the account; so whoever is deactivated
or gets another password is logged out by ending the sessions. Django's documentation describes
this way of extending its engines. With a shared cache the cache is asked first.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import cached_db, db

from people.models import AccountSession

_Base: Any = cached_db.SessionStore if settings.SESSIONS_CACHED else db.SessionStore


class SessionStore(_Base):
    @classmethod
    def get_model_class(cls) -> type[AccountSession]:
        return AccountSession

    def create_model_instance(self, data: dict[str, Any]) -> AccountSession:
        session: AccountSession = super().create_model_instance(data)
        account = data.get(SESSION_KEY)
        session.account_id = int(account) if account else None
        return session
