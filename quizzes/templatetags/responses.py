"""Showing a stored response in the controls it came from."""

from decimal import Decimal

from django import template
from django.utils import formats

register = template.Library()


@register.filter
def option_for(response: dict[str, int] | None, prompt: int) -> int | None:
    """The option chosen for a prompt of a matching question."""
    return (response or {}).get(str(prompt))


@register.filter
def as_typed(response: str | None) -> str:
    """A stored number as a person would type it, with a decimal comma, which is never mistaken."""
    if response is None:
        return ""
    return f"{Decimal(response).normalize():f}".replace(".", ",")


@register.filter
def mark(value: Decimal) -> str:
    """A mark without needless decimals, in the reader's own format: 24 or 23,5."""
    return formats.localize(value.normalize())
