from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

from agencies.models import Programme
from vietnamese.fields import NFCTextField


class HomePage(Page):
    """The shop window: what one can learn here, the look-up, the figures."""

    lead = NFCTextField(_("lead"), max_length=400, blank=True)
    body = RichTextField(_("text"), blank=True)
    programme = models.ForeignKey(
        Programme,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("programme whose figures are shown"),
        help_text=_("Empty: all programmes together."),
    )

    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("lead"),
        FieldPanel("body"),
        FieldPanel("programme"),
    ]
    parent_page_types: ClassVar = ["wagtailcore.Page"]
    max_count = 1
    template = "cms/home_page.html"

    class Meta:
        verbose_name = _("home page")

    def admits(self, user: Any) -> bool:
        """Everyone, logged in or not."""
        return True

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms import home

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | home.view(page=self, request=request)
