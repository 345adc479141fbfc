"""Texts of a GIFT file: escaped characters, marks of format, HTML made readable."""

import html
import re
import unicodedata

from django.utils.translation import gettext as _

from quizzes.formats.parsed import Unusable
from vietnamese.text import nfc

_ESCAPABLE = "\\~=#{}:n"
_ESCAPED = re.compile(r"\\([\\~=#{}:n])")
# Unicode keeps these code points free for ever, so nothing in a file can stand for them.
_HIDDEN = {char: chr(0xFDD0 + place) for place, char in enumerate(_ESCAPABLE)}
_SHOWN = {ord(hidden): "\n" if char == "n" else char for char, hidden in _HIDDEN.items()}

_STYLE = re.compile(r"\s*\[(html|moodle|plain|markdown)\]")
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>|<!--[^<>]*>")
_BREAKING = {"br", "p", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "pre"}
_EMBEDDING = {"img", "video", "audio", "iframe", "object", "embed", "svg", "math"}
_EXCERPT = 80


def tidy_source(text: str) -> str:
    """Composed Unicode with plain line ends, without control characters."""
    text = nfc(text).replace("\r\n", "\n").replace("\r", "\n")
    unwanted = {char for char in set(text) if _is_unwanted(char)}
    return text.translate({ord(char): None for char in unwanted}) if unwanted else text


def hide_escapes(source: str) -> str:
    """The source with escaped characters out of sight, so that what is left marks structure."""
    return _ESCAPED.sub(lambda match: _HIDDEN[match[1]], source)


def style_of(source: str) -> str:
    """The format that a text says it is written in: html, moodle, plain, markdown or nothing."""
    marked = _STYLE.match(source)
    return marked[1] if marked else ""


def readable(source: str, style: str = "") -> str:
    """A text as people read it; `style` holds where the text names none itself.

    HTML becomes plain text with its line breaks. Raises Unusable for pictures and the like,
    which a text cannot hold.
    """
    marked = _STYLE.match(source)
    if marked:
        style, source = marked[1], source[marked.end() :]
    if style == "html":
        source = html.unescape(_TAG.sub(_break, " ".join(source.split())))
    return plain(source)


def plain(source: str) -> str:
    """A text without needless white space, its escaped characters back in their places."""
    lines = "\n".join(" ".join(line.split()) for line in source.split("\n")).strip()
    return nfc(lines.translate(_SHOWN)).strip()


def excerpt(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text[: 4 * _EXCERPT].split())
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1].rstrip() + "…"


def _is_unwanted(char: str) -> bool:
    if char in "\n\t":
        return False
    is_invisible = unicodedata.category(char) in ("Cc", "Cs") or char == "\ufeff"
    return is_invisible or "\ufdd0" <= char <= "\ufdef"


def _break(match: re.Match[str]) -> str:
    tag = (match[1] or "").lower()
    if tag in _EMBEDDING:
        raise Unusable(
            _("The text holds a picture or something alike (%(tag)s), which is not taken over.")
            % {"tag": tag}
        )
    return "\n" if tag in _BREAKING else ""
