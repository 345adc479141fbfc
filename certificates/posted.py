"""Keys that a form has posted."""

from collections.abc import Iterable


def keys(texts: Iterable[str]) -> list[int]:
    """Those that are keys; anything else names nobody."""
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]
