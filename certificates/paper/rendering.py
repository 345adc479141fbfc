"""Draws a certificate: one A4 sheet, landscape, as PDF/A-3a and PDF/UA-1.

The same content, address and design give the same bytes, as long as the typst package and the
fonts stay the same: nothing is taken from the clock. Nothing here reads or writes the database.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import segno
from django.utils.translation import gettext as _

from certificates.paper import wording
from certificates.paper.layout import Field, Layout, place_symbol
from jobs import paper

_TEMPLATES = Path(__file__).with_name("typst")

RenderingError = paper.PaperError


@dataclass(frozen=True)
class Design:
    """A layout, and where its pictures lie on this machine, by their hashes."""

    layout: Layout
    pictures: Mapping[str, Path]


def render(
    *,
    content: Mapping[str, Any],
    qr_address: str,
    watermark: str = "",
    design: Design | None = None,
) -> bytes:
    """Return the PDF of a certificate.

    `content` is the frozen content of the register entry, attached to the PDF as
    ``certificate.json``; other keys than these are attached and not drawn. Dates are ISO strings.

    - always: language ("vi" or "en"), issuing_body, title, full_name, course_title, form_of_study,
      result, place, issued_on, signer_title, signer_name, number, register_entry_number,
      standard_edition;
    - or None: parent_body, date_of_birth (also "1965-03" or "1965"), workplace, hours (an int),
      starts_on, ends_on, signer_authority, notice;
    - or missing: signed, which is true where the paper will carry a digital signature.

    `qr_address` is drawn as a QR symbol of at least 30 mm and is its link; in capitals it takes
    the smallest symbol.

    A `watermark` is written across the sheet: such a paper certifies nothing.

    Without a `design` the paper has the built-in look. Long text shrinks and wraps. Raises
    RenderingError where it fits on no page, or not into its field, or where a character has no
    glyph.
    """
    document = Document(content=content, qr_address=qr_address, watermark=watermark, design=design)
    return document.pdf()


class Document:
    """A certificate about to be drawn; see ``render``."""

    def __init__(
        self,
        *,
        content: Mapping[str, Any],
        qr_address: str,
        watermark: str = "",
        design: Design | None = None,
    ) -> None:
        paper.refuse_controls(value for value in content.values() if isinstance(value, str))
        self.content, self.address, self.watermark = content, qr_address, watermark
        self.design = design
        self.modules, self.svg = _draw_symbol(qr_address)
        self.frozen = json.dumps(dict(content), ensure_ascii=False, sort_keys=True)
        self.fields = _shown(design.layout, content) if design else []

    def pdf(self) -> bytes:
        """The paper. Raises RenderingError, with the names of the fields in a designed one.

        What was issued must be drawn: where a text is longer than any that the design was tried
        with, letters get smaller than a designer may have them.
        """
        self._refuse_covered(spare=0)
        try:
            return paper.draw(folder=self._root(), document=self._source(strict=True))
        except paper.PaperError as error:
            if not self._too_long(error):
                raise self._named(error) from error
        try:
            return paper.draw(folder=self._root(), document=self._source(strict=True, least=35))
        except paper.PaperError as error:
            raise self._named(error) from error

    def png(self, *, dots_per_inch: float) -> bytes:
        """A picture of the paper, whatever does not fit on it: that is framed in red."""
        source = self._source(strict=False)
        return paper.draw_picture(folder=self._root(), document=source, dots_per_inch=dots_per_inch)

    def problems(self) -> list[str]:
        """Everything that a design must not have, in words with the names of the fields."""
        found = []
        try:
            # A name of as many letters can take a symbol that is one size larger.
            self._refuse_covered(spare=4)
        except RenderingError as error:
            found.append(str(error))
        for strict in (True, False):
            try:
                paper.draw(folder=self._root(), document=self._source(strict=strict))
            except paper.PaperError as error:
                found.append(str(self._named(error)))
            else:
                break
        return list(dict.fromkeys(found))

    def _refuse_covered(self, *, spare: int) -> None:
        """Raise RenderingError where the symbol, ``spare`` modules larger, lies over a field."""
        symbol = next((field for field, _text in self.fields if field.kind == "qr"), None)
        if symbol is None:
            return
        square = place_symbol(symbol, self.modules + spare)
        others = (field for field, _text in self.fields if field is not symbol)
        if covered := [field.name for field in others if square.covers(field)]:
            raise RenderingError(
                _("The QR code lies over these fields: %(names)s.") % {"names": ", ".join(covered)}
            )

    def _root(self) -> Path:
        """Pictures lie anywhere on the machine; typst reads nothing outside of its root."""
        return Path(_TEMPLATES.anchor) if self.design else _TEMPLATES

    def _source(self, *, strict: bool, least: int = 60) -> str:
        common = (
            f"{paper.quote(self.frozen)}, svg: {paper.quote(self.svg)},"
            f" address: {paper.quote(self.address)},"
            f" font: {paper.quote(paper.find_typeface().family)},"
            f" watermark: {paper.quote(self.watermark)}"
        )
        if self.design is None:
            return (
                '#import "certificate.typ": certificate\n'
                f"#certificate({common}, modules: {self.modules})"
            )
        layout, pictures = self.design.layout, self.design.pictures
        background = str(pictures[layout.background]) if layout.background else ""
        drawn = json.dumps(list(self._drawn()), ensure_ascii=False)
        return (
            f"#import {paper.quote(str(_TEMPLATES / 'designed.typ'))}: designed\n"
            f"#designed({common}, drawn: {paper.quote(drawn)},"
            f" background: {paper.quote(background) if background else 'none'},"
            f" ornament: {str(layout.ornament).lower()}, strict: {str(strict).lower()},"
            f" least: {least})"
        )

    def _drawn(self) -> Iterable[dict[str, Any]]:
        """The fields as ``designed.typ`` takes them."""
        assert self.design
        for field, text in self.fields:
            one = {"kind": field.kind, "name": field.name, "x": field.x, "y": field.y}
            one |= {"width": field.width, "height": field.height, "colour": field.colour}
            if field.kind in ("data", "text"):
                one |= {name: getattr(field, name) for name in _STYLE}
                one |= {"kind": "text", "text": text, "heading": field.key == "title"}
            elif field.kind == "image":
                one |= {"path": str(self.design.pictures[field.image]), "alt": field.alt}
            elif field.kind == "qr":
                one |= asdict(place_symbol(field, self.modules))
            yield one

    def _too_long(self, error: paper.PaperError) -> list[str]:
        """The names of the fields whose text does not fit."""
        found = re.search(r"does not fit: (\[.*\])", error.reason)
        names: list[str] = json.loads(found[1]) if found else []
        return names

    def _named(self, error: paper.PaperError) -> RenderingError:
        """The same error with the names of the fields in question."""
        if long := self._too_long(error):
            words = _("This does not fit into its field: %(names)s.")
            return RenderingError(words % {"names": ", ".join(long)})
        names = ", ".join(
            field.name
            for field, text in self.fields
            if any(character in text for character in "".join(error.missing))
        )
        return RenderingError(f"{names}: {error}" if names else str(error))


_STYLE = ("size", "weight", "italic", "align", "wrap")


def _shown(layout: Layout, content: Mapping[str, Any]) -> list[tuple[Field, str]]:
    """The fields that are there on this paper, each with its text."""
    try:
        values = wording.values(content)
    except KeyError as error:
        raise RenderingError(
            _("The content lacks this: %(name)s.") % {"name": error.args[0]}
        ) from error
    shown = []
    for field in layout.fields:
        if field.only_signed and content.get("signed") is not True:
            continue
        text = field.text
        if field.kind == "data":
            value = values[field.key]
            if not value:
                continue
            text = f"{field.text.strip()} {value}" if field.text.strip() else value
        shown.append((field, text.upper() if field.capitals else text))
    return shown


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
