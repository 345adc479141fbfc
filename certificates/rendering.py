"""Draws a certificate: one A4 sheet, landscape, as PDF/A-3a and PDF/UA-1.

The same content and address give the same bytes, as long as the typst package and the fonts stay
the same: nothing is taken from the clock. Nothing here reads or writes the database.
"""

import json
import re
import threading
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

import segno
import typst
from django.utils.translation import gettext as _

_TEMPLATES = Path(__file__).with_name("typst")
_STANDARDS: "list[typst.PDFStandard]" = ["a-3a", "ua-1"]
_PREFERRED = "Liberation Serif"
_EMBEDDED = "Libertinus Serif"

_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_VIETNAMESE = "đ" + "".join(
    unicodedata.normalize("NFC", vowel + tone) for vowel, tone in product("aăâeêioôơuưy", _TONES)
)
_BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}

_compilers = threading.local()


class RenderingError(Exception):
    """The certificate cannot be drawn; the message says why, for people."""


class Typeface(NamedTuple):
    """A family and the fonts it is found in."""

    family: str
    fonts: typst.Fonts


def render(*, content: Mapping[str, object], qr_address: str) -> bytes:
    """Return the PDF of a certificate.

    `content` is the frozen content of the register entry, attached to the PDF as
    ``certificate.json``; other keys than these are attached and not drawn. Dates are ISO strings.

    - always: language ("vi" or "en"), issuing_body, title, full_name, course_title, form_of_study,
      result, place, issued_on, signer_title, signer_name, number, register_entry_number,
      standard_edition;
    - or None: parent_body, date_of_birth (also "1965-03" or "1965"), workplace, hours (an int),
      starts_on, ends_on, signer_authority, notice.

    `qr_address` is drawn as a QR symbol of at least 30 mm and is its link; in capitals it takes
    the smallest symbol.

    Long text shrinks, then wraps. Raises RenderingError where it fits on no page, or where a
    character has no glyph.
    """
    _refuse_controls(value for value in content.values() if isinstance(value, str))
    modules, svg = _draw_symbol(qr_address)
    # The data come in as string literals of the main file: through `sys_inputs` they would make
    # typst lay out the ornaments anew for every certificate.
    document = (
        '#import "certificate.typ": certificate\n'
        f"#certificate({_quote(json.dumps(dict(content), ensure_ascii=False, sort_keys=True))},"
        f" svg: {_quote(svg)}, modules: {modules}, address: {_quote(qr_address)},"
        f" font: {_quote(find_typeface().family)})"
    )
    try:
        return _compile(_compiler(), document)
    except typst.TypstError as error:
        raise RenderingError(_explain(error)) from error


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
        f"#set text(font: {_quote(typeface.family)}, fallback: false)\n"
        f"{letters} *{letters}* _{letters}_"
    )
    try:
        _compile(typst.Compiler(font_paths=typeface.fonts, ignore_system_fonts=True), document)
    except typst.TypstError:
        return False
    return True


def _compiler() -> typst.Compiler:
    """Return this thread's compiler: one must not be used by two threads."""
    if not hasattr(_compilers, "compiler"):
        _compilers.compiler = typst.Compiler(
            root=_TEMPLATES, font_paths=find_typeface().fonts, ignore_system_fonts=True
        )
    compiler: typst.Compiler = _compilers.compiler
    return compiler


def _compile(compiler: typst.Compiler, document: str) -> bytes:
    pdf = compiler.compile(input=document.encode(), format="pdf", pdf_standards=_STANDARDS)
    assert isinstance(pdf, bytes)
    return pdf


def _quote(text: str) -> str:
    """Return a typst string literal: within one, only these two characters have a meaning."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _draw_symbol(address: str) -> tuple[int, str]:
    """Return the modules per side and an SVG of one unit per module, without the quiet zone."""
    try:
        # Base32 of a signature is noise under any mask; choosing the best one takes four times as
        # long as the rest.
        symbol = segno.make_qr(address, error="m", boost_error=False, mask=4)
    except (segno.DataOverflowError, ValueError) as error:
        raise RenderingError(_("The look-up address does not fit into a QR code.")) from error
    runs = []
    for y, row in enumerate(symbol.matrix):
        for run in re.finditer(b"\x01+", bytes(row)):
            start, end = run.span()
            runs.append(f"M{start} {y}H{end}v1H{start}z")
    side = len(symbol.matrix)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path d="{"".join(runs)}"/></svg>'
    )
    return side, svg


def _refuse_controls(texts: Iterable[str]) -> None:
    """Refuse what would be drawn as nothing, or turn the text around it."""
    for text in texts:
        for character in text:
            if (
                unicodedata.category(character) in {"Cc", "Cs"}
                or unicodedata.bidirectional(character) in _BIDI_CONTROLS
            ):
                raise RenderingError(
                    _("A certificate cannot show the control character %(code)s.")
                    % {"code": f"U+{ord(character):04X}"}
                )


def _explain(error: typst.TypstError) -> str:
    missing = re.findall(r'the text `"(.+?)"` could not be displayed', error.diagnostic)
    if missing:
        characters = ", ".join(dict.fromkeys(missing))
        return _("The certificate's typeface has no character %(characters)s.") % {
            "characters": characters
        }
    if "too long for one page" in error.message:
        return _("The content of the certificate does not fit on one page.")
    return _("The certificate could not be drawn: %(reason)s") % {"reason": error.message}
