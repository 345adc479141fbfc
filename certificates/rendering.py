"""Draws a certificate: one A4 sheet, landscape, as PDF/A-3a and PDF/UA-1.

The same content and address give the same bytes, as long as the typst package and the fonts stay
the same: nothing is taken from the clock. Nothing here reads or writes the database.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import segno
from django.conf import settings
from django.utils.translation import gettext as _

from jobs import paper

_TEMPLATES = Path(__file__).with_name("typst")

RenderingError = paper.PaperError


def render(*, content: Mapping[str, object], qr_address: str, watermark: str = "") -> bytes:
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

    A `watermark` is written across the sheet: such a paper certifies nothing.

    Long text shrinks, then wraps. Raises RenderingError where it fits on no page, or where a
    character has no glyph.
    """
    paper.refuse_controls(value for value in content.values() if isinstance(value, str))
    modules, svg = _draw_symbol(qr_address)
    frozen = json.dumps(dict(content), ensure_ascii=False, sort_keys=True)
    document = (
        '#import "certificate.typ": certificate\n'
        f"#certificate({paper.quote(frozen)},"
        f" svg: {paper.quote(svg)}, modules: {modules}, address: {paper.quote(qr_address)},"
        f" font: {paper.quote(paper.find_typeface().family)},"
        f" watermark: {paper.quote(watermark)})"
    )
    return paper.draw(folder=_TEMPLATES, document=document)


def preview(content: Mapping[str, object]) -> bytes:
    """The paper of a content that is not entered: with a watermark, and a QR that proves nothing.

    Raises RenderingError.
    """
    return render(
        content={**content, "preview": True},
        qr_address=settings.PUBLIC_URL.upper(),
        watermark="XEM TRƯỚC",
    )


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
