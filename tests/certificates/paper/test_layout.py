"""A layout says in words what is wrong with it."""

from dataclasses import replace
from typing import Any

import pytest

from certificates.paper import layout, ready_made
from certificates.paper.layout import Field, Layout, LayoutRefused, place_symbol

pytestmark = pytest.mark.usefixtures("in_english")

READY = ready_made.layout("vi")


def with_field(name: str, /, **changed: Any) -> Layout:
    """The ready-made layout with one field changed."""
    assert name in [one.name for one in READY.fields]
    return replace(
        READY,
        fields=tuple(replace(one, **changed) if one.name == name else one for one in READY.fields),
    )


def refusal(design: Layout) -> str:
    with pytest.raises(LayoutRefused) as refused:
        layout.check(design)
    (problem,) = refused.value.problems
    return problem


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_ready_made_layouts_are_sound_and_stay_the_same_as_json(language: str) -> None:
    ready = ready_made.layout(language)
    again = layout.read(layout.write(ready))
    assert again == ready
    assert layout.digest(again) == layout.digest(ready)


def test_whole_numbers_and_fractions_are_the_same_layout() -> None:
    written = layout.write(READY)
    written["fields"][0] |= {"x": 21, "width": "123.50"}
    assert layout.digest(layout.read(written)) == layout.digest(READY)


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        ("Họ và tên", {"x": 200.0}, "Họ và tên: it lies outside the sheet."),
        ("Họ và tên", {"y": -1.0}, "Họ và tên: it lies outside the sheet."),
        ("Họ và tên", {"y": 205.0}, "Họ và tên: it lies outside the sheet."),
        ("Họ và tên", {"height": 1.0}, "Họ và tên: it is too small."),
        ("Họ và tên", {"size": 4.0}, "Họ và tên: letters must have 6 to 72 points."),
        ("Họ và tên", {"colour": "red"}, "Họ và tên: weight, alignment or colour is unknown."),
        ("Họ và tên", {"name": "Ngày sinh"}, "Ngày sinh: another field has the same name."),
        ("Họ và tên", {"name": ""}, "A field has no name."),
        ("Ngày sinh", {"key": "id_number"}, "Ngày sinh: there are no such data."),
        ("Tiêu ngữ", {"text": " "}, "Tiêu ngữ: the text is missing."),
        ("Mã QR", {"width": 29.0}, "Mã QR: the QR code must be at least 30 mm wide."),
        ("Mã QR", {"x": 1.0}, "Mã QR: it lies outside the sheet."),
        ("Họ và tên", {"key": "workplace"}, "A certificate must show this: Full name."),
        ("Ngày sinh", {"key": "title"}, "The title of the paper can stand only once."),
    ],
)
def test_what_is_wrong_is_said_with_the_name_of_the_field(
    name: str, changed: dict[str, Any], said: str
) -> None:
    assert refusal(with_field(name, **changed)) == said


def test_a_certificate_without_qr_is_refused() -> None:
    without = tuple(one for one in READY.fields if one.kind != "qr")
    assert refusal(replace(READY, fields=without)) == "A certificate must show this: QR code."


def test_a_picture_needs_a_description() -> None:
    seal = Field("image", "Dấu", 10, 10, 30, 30, image="a" * 64)
    assert "description is missing" in refusal(replace(READY, fields=(*READY.fields, seal)))


@pytest.mark.parametrize(
    "data", [None, [], {}, {"fields": 1}, {"fields": [1]}, {"fields": [{"kind": "text"}]}]
)
def test_what_is_no_layout_is_refused(data: object) -> None:
    with pytest.raises(LayoutRefused, match="not the layout"):
        layout.read(data)


def test_an_unknown_property_is_refused() -> None:
    written = layout.write(READY)
    written["fields"][0]["script"] = "x"
    with pytest.raises(LayoutRefused):
        layout.read(written)


def test_a_larger_symbol_grows_towards_the_middle_and_keeps_its_modules() -> None:
    lower_right = Field("qr", "Mã QR", 260, 175, 30, 30)
    square = place_symbol(lower_right, 114)
    assert (square.x, square.y, square.side) == (230, 145, 60)
    assert square.quiet == pytest.approx(4 * 30 / 57, abs=0.001)
    upper_left = place_symbol(replace(lower_right, x=10, y=10), 114)
    assert (upper_left.x, upper_left.y, upper_left.side) == (10, 10, 60)
