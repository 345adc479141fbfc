"""The code on the wall: a full-screen page with a QR and six digits that change every 20 s."""

from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from courses.attendance import checking_in, codes
from courses.attendance.staff_views import MeetingPage


class Screen(MeetingPage, TemplateView):
    """Fit for a projector; the code itself is the part that ``Code`` renews."""

    page_title = _("Check-in")
    template_name = "courses/attendance/screen.html"
    drafts_too = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        at = timezone.now()
        meeting = self.meeting
        present = meeting.attendance.filter(present=True, enrolment__withdrawn_at=None).count()
        is_open = checking_in.is_open(meeting, at=at) and self.run.is_going_on
        code = codes.code_at(secret=meeting.secret, at=at) if is_open else ""
        return context | {
            "code": code,
            "symbol": _symbol(meeting.pk, code) if code else "",
            "opens_at": meeting.starts_at - checking_in.EARLIEST,
            "ahead": at < meeting.starts_at and not meeting.cancelled_at,
            "present": present,
            "expected": self.run.enrolments.active().count(),
            "address": settings.PUBLIC_URL.split("://")[1] + reverse("courses:meetings_now"),
            "seen": f"{code}-{present}",
        }


class Code(Screen):
    """The part that changes; 204 while it stands as the screen has ``seen`` it."""

    template_name = "courses/attendance/code.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data()
        if request.GET.get("seen") == context["seen"]:
            return HttpResponse(status=204)
        return self.render_to_response(context)


def _symbol(session_id: int, code: str) -> SafeString:
    """The QR of the address that a phone's own camera opens."""
    address = settings.PUBLIC_URL + reverse("courses:check_in_code", args=[session_id, code])
    drawn = segno.make_qr(address, error="m").svg_inline(
        omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr"
    )
    return mark_safe(drawn)  # noqa: S308 - modules of a symbol, nobody's text
