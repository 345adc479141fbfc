"""What a mail says: paragraphs in the reader's language, made into text and HTML in one form."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Rendered:
    """A letter as it is sent."""

    language: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Letter:
    """Words already in the reader's language; ``path`` leads to a page of the service.

    ``name`` is who is addressed, empty where nobody is; ``lines`` are a list below the paragraphs.
    """

    subject: str
    paragraphs: Sequence[str]
    name: str = ""
    lines: Sequence[str] = ()
    path: str = ""
    link: str = ""

    def render(self, *, language: str) -> Rendered:
        """Text and HTML. To be called outside of transactions."""
        subject = " ".join(self.subject.split())  # a line break would end the header
        if len(subject) > LONGEST_SUBJECT:
            subject = f"{subject[: LONGEST_SUBJECT - 1]}…"
        context = {
            "letter": self,
            "subject": subject,
            "address": f"{settings.PUBLIC_URL}{self.path}" if self.path else "",
            "service": settings.PUBLIC_URL,
            "site": settings.WAGTAIL_SITE_NAME,
        }
        with translation.override(language):
            return Rendered(
                language=language,
                subject=subject,
                text=render_to_string("jobs/letter.txt", context).strip() + "\n",
                html=render_to_string("jobs/letter.html", context),
            )
