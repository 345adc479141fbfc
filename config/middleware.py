"""Small layers around every view: who must log in, the visitor's language, the admin's CSP."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from config import content_policy

Handler = Callable[[HttpRequest], HttpResponse]


class ClosedByDefaultMiddleware(LoginRequiredMiddleware):
    """Whoever is not logged in sees what says that it is public.

    Django's own reads the account even for views that say so, which an hour of tests would feel.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class ChosenLanguageMiddleware:
    """Vietnamese unless the visitor chose otherwise.

    The browser's own preference is not asked: office machines are often installed in English.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.known = {code for code, _name in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in self.known else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class AdminContentPolicyMiddleware:
    """Loosen the content security policy under ``/admin/`` only."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            # django-csp looks for this attribute, and only its decorators are typed.
            response._csp_update = content_policy.ADMIN  # type: ignore[attr-defined]
        return response
