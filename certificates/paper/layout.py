"""The layout of a designed certificate: what stands where on one A4 sheet, landscape.

Lengths are millimetres from the upper left corner of the sheet, sizes of letters are points. The
order of the fields is the order in which the paper is read out. A layout that was read is sound
in itself; whether texts fit is another question (``trying.py``).
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vietnamese.text import nfc

WIDTH, HEIGHT = 297.0, 210.0
SMALLEST_QR = 30.0
MOST_FIELDS = 60
MOST_TEXT = 500

Kind = Literal["data", "text", "image", "qr", "rule"]
Weight = Literal["regular", "bold"]
Align = Literal["left", "center", "right"]

KINDS: dict[str, str | Promise] = {
    "data": gettext_lazy("Data"),
    "text": gettext_lazy("Fixed text"),
    "image": gettext_lazy("Picture"),
    "qr": gettext_lazy("QR code"),
    "rule": gettext_lazy("Ruled line"),
}
# What a data field can show, as ``wording.values`` names it.
DATA: dict[str, str | Promise] = {
    "title": gettext_lazy("Title of the paper"),
    "full_name": gettext_lazy("Full name"),
    "date_of_birth": gettext_lazy("Date of birth"),
    "workplace": gettext_lazy("Workplace"),
    "course_title": gettext_lazy("Course title as printed"),
    "hours": gettext_lazy("Hours"),
    "period": gettext_lazy("From when to when"),
    "form_of_study": gettext_lazy("Form of study"),
    "standard_edition": gettext_lazy("Edition of the standard"),
    "result": gettext_lazy("Result"),
    "number": gettext_lazy("Certificate number"),
    "register_entry_number": gettext_lazy("Register entry number"),
    "place_and_date": gettext_lazy("Place and date of issue"),
    "parent_body": gettext_lazy("Parent body"),
    "issuing_body": gettext_lazy("Issuing body"),
    "signer_authority": gettext_lazy("Authority line"),
    "signer_title": gettext_lazy("Signer's title"),
    "signer_name": gettext_lazy("Signer"),
    "notice": gettext_lazy("Notice about the signature"),
}
NEEDED = ("title", "full_name", "course_title", "number")

_COLOUR = re.compile(r"#[0-9a-f]{6}\Z")
_HASH = re.compile(r"[0-9a-f]{64}\Z")


class LayoutRefused(Exception):
    """``problems`` say what is wrong, in words for the officer."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(self.problems))


@dataclass(frozen=True)
class Field:
    """One thing on the sheet.

    ``data`` shows ``text`` and the value of ``key``, or nothing where there is no value; ``text``
    shows ``text``; ``image`` the kept picture ``image`` (a SHA-256), described by ``alt``; ``qr``
    the symbol, ``width`` wide without its quiet zone for an ordinary name, larger for a long one;
    ``rule`` a line as thick as its ``height``.

    Text that is too wide goes on to further lines if it may ``wrap``, then it shrinks. What is
    ``only_signed`` (seal, signature) is drawn on a digitally signed paper alone.
    """

    kind: Kind
    name: str
    x: float
    y: float
    width: float
    height: float
    key: str = ""
    text: str = ""
    image: str = ""
    alt: str = ""
    size: float = 13.0
    weight: Weight = "regular"
    italic: bool = False
    capitals: bool = False
    align: Align = "center"
    colour: str = "#000000"
    wrap: bool = False
    only_signed: bool = False


@dataclass(frozen=True)
class Layout:
    """``background`` is the SHA-256 of a kept picture, or empty; ``ornament`` draws the frame of
    woven lines and the drum behind the text."""

    fields: tuple[Field, ...]
    background: str = ""
    ornament: bool = False


def read(data: object) -> Layout:
    """Return the layout that ``write`` has written. Raises LayoutRefused."""
    layout = parse(data)
    check(layout)
    return layout


def parse(data: object) -> Layout:
    """The layout whether sound or not. Raises LayoutRefused only where it is none at all."""
    if not isinstance(data, Mapping) or not isinstance(data.get("fields"), list):
        raise LayoutRefused([_("This is not the layout of a certificate.")])
    try:
        return Layout(
            fields=tuple(_field(one) for one in data["fields"]),
            background=str(data.get("background", "")),
            ornament=bool(data.get("ornament", False)),
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise LayoutRefused([_("This is not the layout of a certificate.")]) from error


def sound_part(layout: Layout) -> Layout:
    """What of an unsound layout can be drawn all the same, to be looked at."""
    background = layout.background if _HASH.match(layout.background) else ""
    fields = tuple(one for one in layout.fields[:MOST_FIELDS] if not _problems(one))
    return replace(layout, fields=fields, background=background)


def write(layout: Layout) -> dict[str, Any]:
    """The layout as JSON data."""
    return {
        "background": layout.background,
        "ornament": layout.ornament,
        "fields": [asdict(one) | _lengths(asdict(one)) for one in layout.fields],
    }


def digest(layout: Layout) -> str:
    """SHA-256 of the layout; its pictures are in it by their own hashes."""
    said = json.dumps(write(layout), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def pictures(layout: Layout) -> set[str]:
    """The hashes of the pictures that the layout needs."""
    return {one.image for one in layout.fields if one.image} | {layout.background} - {""}


def _field(data: Mapping[str, Any]) -> Field:
    given = dict(data) | _lengths(data)
    for name in ("name", "text", "alt"):
        given[name] = nfc(str(given.get(name, ""))).strip(None if name != "text" else "\r\n")
    for name in ("italic", "capitals", "wrap", "only_signed"):
        given[name] = bool(given.get(name, False))
    given["colour"] = str(given.get("colour", "#000000")).lower()
    return Field(**given)


def _lengths(data: Mapping[str, Any]) -> dict[str, float]:
    """Whole numbers are fractions too: the same layout has the same hash."""
    lengths = ("x", "y", "width", "height", "size")
    return {name: round(float(data[name]), 2) for name in lengths if name in data}


def check(layout: Layout) -> None:
    """Raise LayoutRefused with everything that is wrong, each problem with its field's name."""
    problems = [problem for one in layout.fields for problem in _problems(one)]
    names = Counter(one.name for one in layout.fields)
    problems += [
        _("%(name)s: another field has the same name.") % {"name": name}
        for name, count in names.items()
        if count > 1
    ]
    shown = Counter(one.key for one in layout.fields if one.kind == "data")
    problems += [
        _("A certificate must show this: %(name)s.") % {"name": DATA[key]}
        for key in NEEDED
        if not shown[key]
    ]
    if shown["title"] > 1:
        problems.append(_("The title of the paper can stand only once."))
    symbols = sum(one.kind == "qr" for one in layout.fields)
    if symbols == 0:
        problems.append(_("A certificate must show this: %(name)s.") % {"name": KINDS["qr"]})
    if symbols > 1:
        problems.append(_("The QR code can stand only once."))
    if len(layout.fields) > MOST_FIELDS:
        problems.append(_("There are more than %(count)s fields.") % {"count": MOST_FIELDS})
    if layout.background and not _HASH.match(layout.background):
        problems.append(_("The background is not a kept picture."))
    if problems:
        raise LayoutRefused(problems)


def _problems(field: Field) -> list[str]:
    """What is wrong with a field by itself."""
    name = field.name or str(KINDS.get(field.kind, field.kind))
    wrong = [_("A field has no name.")] if not field.name else []
    wrong += [f"{name}: {words}" for found, words in _rules(field) if found]
    return wrong


def _rules(field: Field) -> list[tuple[bool, str]]:
    edge = quiet_zone(field.width) if field.kind == "qr" else 0
    height = field.width if field.kind == "qr" else field.height
    outside = (
        field.x < edge
        or field.y < edge
        or field.x + field.width > WIDTH - edge
        or field.y + height > HEIGHT - edge
    )
    written = field.kind in ("data", "text")
    least = 0.1 if field.kind == "rule" else 2
    return [
        (field.kind not in KINDS, _("there is no such kind of field.")),
        (len(field.name) > 60, _("the name is longer than 60 letters.")),
        (outside, _("it lies outside the sheet.")),
        (field.width < 2 or (field.kind != "qr" and height < least), _("it is too small.")),
        (
            field.kind == "qr" and field.width < SMALLEST_QR,
            _("the QR code must be at least %(side)s mm wide.") % {"side": int(SMALLEST_QR)},
        ),
        (field.kind == "data" and field.key not in DATA, _("there are no such data.")),
        (field.kind == "text" and not field.text.strip(), _("the text is missing.")),
        (len(field.text) > MOST_TEXT, _("the text is too long.")),
        (field.kind == "image" and not _HASH.match(field.image), _("the picture is missing.")),
        (
            field.kind == "image" and not field.alt,
            _("a description is missing for those who cannot see the picture."),
        ),
        (written and not 6 <= field.size <= 72, _("letters must have 6 to 72 points.")),
        (
            field.weight not in get_args(Weight)
            or field.align not in get_args(Align)
            or not _COLOUR.match(field.colour),
            _("weight, alignment or colour is unknown."),
        ),
    ]


def quiet_zone(side: float, modules: int = 57) -> float:
    """The white margin that a QR symbol of this side needs: four modules."""
    return 4 * side / modules


@dataclass(frozen=True)
class Square:
    """Where the QR symbol comes to lie, without its quiet zone."""

    x: float
    y: float
    side: float
    quiet: float

    def covers(self, field: Field) -> bool:
        """Whether symbol or quiet zone touch a field."""
        return (
            self.x - self.quiet < field.x + field.width
            and field.x < self.x + self.side + self.quiet
            and self.y - self.quiet < field.y + field.height
            and field.y < self.y + self.side + self.quiet
        )


def place_symbol(field: Field, modules: int) -> Square:
    """The field's width is for up to 57 modules. A larger symbol keeps the size of its modules and
    grows towards the middle of the sheet."""
    side = field.width * max(1.0, modules / 57)
    more = side - field.width
    x = field.x if field.x + field.width / 2 <= WIDTH / 2 else field.x - more
    y = field.y if field.y + field.width / 2 <= HEIGHT / 2 else field.y - more
    return Square(round(x, 3), round(y, 3), round(side, 3), round(quiet_zone(side, modules), 3))
