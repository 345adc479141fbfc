"""Papers to print: one place that knows typst, its typefaces, and what cannot be drawn.

A room keeps its templates in a folder of its own and hands over a small main document that imports
them. The same document gives the same bytes, as long as the typst package and the fonts stay the
same: nothing is taken from the clock. Nothing here reads or writes the database.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

import typst
from django.utils.translation import gettext as _

_STANDARDS: "list[typst.PDFStandard]" = ["a-3a", "ua-1"]
_PREFERRED = "Liberation Serif"
_EMBEDDED = "Libertinus Serif"

_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_VIETNAMESE = "đ" + "".join(
    unicodedata.normalize("NFC", vowel + tone) for vowel, tone in product("aăâeêioôơuưy", _TONES)
)
_BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}

_compilers = threading.local()


class PaperError(Exception):
    """The paper cannot be drawn; the message says why, for people.

    ``missing`` are the texts without glyph, ``reason`` is what typst says.
    """

    def __init__(self, message: str, *, missing: Iterable[str] = (), reason: str = "") -> None:
        super().__init__(message)
        self.missing, self.reason = list(missing), reason


class Typeface(NamedTuple):
    """A family and the fonts it is found in."""

    family: str
    fonts: typst.Fonts


def draw(*, folder: Path, document: str) -> bytes:
    """Return the PDF (PDF/A-3a and PDF/UA-1) of a typst document whose imports lie in ``folder``.

    Data come in as string literals of the document (``quote``): through ``sys_inputs`` they would
    make typst lay out everything that is imported anew. Raises PaperError where a character has no
    glyph, or where the template panics.
    """
    try:
        return _compile(_compiler(folder), document)
    except typst.TypstError as error:
        raise _explain(error) from error


def draw_picture(*, folder: Path, document: str, dots_per_inch: float) -> bytes:
    """Return the first page of the same document as a PNG; what has no glyph is left blank."""
    try:
        pages = _compiler(folder).compile(input=document.encode(), format="png", ppi=dots_per_inch)
    except typst.TypstError as error:
        raise _explain(error) from error
    first = pages[0] if isinstance(pages, list) else pages
    assert first is not None
    return first


def quote(text: str) -> str:
    """Return a typst string literal: within one, only these two characters have a meaning."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def refuse_controls(texts: Iterable[str]) -> None:
    """Raise PaperError on what would be drawn as nothing, or turn the text around it."""
    for text in texts:
        for character in filter(_is_control, text):
            raise PaperError(
                _("A paper cannot show the control character %(code)s.")
                % {"code": f"U+{ord(character):04X}"}
            )


def on_one_line(text: str) -> str:
    """The text without breaks, for what can be written no other way any more: "?" stands for a
    control character."""
    return "".join("?" if _is_control(one) else one for one in " ".join(text.split()))


def _is_control(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Cc", "Cs"}
        or unicodedata.bidirectional(character) in _BIDI_CONTROLS
    )


@cache
def find_typeface() -> Typeface:
    """Return Liberation Serif if a complete one is installed, else the serif inside typst.

    Version 1 of Liberation has no Vietnamese letters, and is often installed beside version 2.
    """
    installed = typst.Fonts(include_embedded_fonts=False).fonts()
    folders = {
        Path(font.path).parent for font in installed if font.path and font.family == _PREFERRED
    }
    for folder in sorted(folders):
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
        typeface = Typeface(_PREFERRED, fonts)
        if _is_complete(typeface):
            return typeface
    return Typeface(_EMBEDDED, typst.Fonts(include_system_fonts=False))


def _is_complete(typeface: Typeface) -> bool:
    styles = {
        (font.style, font.weight)
        for font in typeface.fonts.fonts()
        if font.family == typeface.family
    }
    if not styles >= {("normal", 400), ("normal", 700), ("italic", 400)}:
        return False
    letters = _VIETNAMESE + _VIETNAMESE.upper()
    document = (
        '#set document(title: "-", date: datetime(year: 2000, month: 1, day: 1))\n'
        f"#set text(font: {quote(typeface.family)}, fallback: false)\n"
        f"{letters} *{letters}* _{letters}_"
    )
    try:
        _compile(typst.Compiler(font_paths=typeface.fonts, ignore_system_fonts=True), document)
    except typst.TypstError:
        return False
    return True


def _compiler(folder: Path) -> typst.Compiler:
    """Return this thread's compiler for the folder: one must not be used by two threads."""
    held: dict[Path, typst.Compiler] = _compilers.__dict__.setdefault("by_folder", {})
    if folder not in held:
        held[folder] = typst.Compiler(
            root=folder, font_paths=find_typeface().fonts, ignore_system_fonts=True
        )
    return held[folder]


def _compile(compiler: typst.Compiler, document: str) -> bytes:
    pdf = compiler.compile(input=document.encode(), format="pdf", pdf_standards=_STANDARDS)
    assert isinstance(pdf, bytes)
    return pdf


def _explain(error: typst.TypstError) -> PaperError:
    missing = list(
        dict.fromkeys(re.findall(r'the text `"(.+?)"` could not be displayed', error.diagnostic))
    )
    if missing:
        words = _("The typeface has no character %(characters)s.")
        words %= {"characters": ", ".join(missing)}
    elif "too long for one page" in error.message:
        words = _("The content does not fit on one page.")
    else:
        words = _("The paper could not be drawn: %(reason)s") % {"reason": error.message}
    return PaperError(words, missing=missing, reason=error.message)
