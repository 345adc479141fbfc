"""Accounts are made by officials: nobody signs up by oneself."""

from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from jobs.letters import Rendered
from jobs.mailing import queue_mail


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue it for at once, whatever the hour: a mail server that is down loses no link.

        Nor does the time of the answer tell whether the address is known.
        """
        request = allauth_context.request
        about = {"request": request, "email": email, "current_site": get_current_site(request)}
        message = self.render_mail(template_prefix, email, about | context)
        html = [content for content, _kind in getattr(message, "alternatives", [])]
        letter = Rendered(
            language=get_language(),
            subject=message.subject,
            text=str(message.body),
            html=str(html[0]) if html else "",
        )
        queue_mail(
            key=f"account-{uuid4()}", to=email, letter=letter, at=timezone.now(), security=True
        )
