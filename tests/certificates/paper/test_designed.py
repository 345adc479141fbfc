"""Certificates drawn as an officer has designed them."""

import io
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from certificates.paper import ready_made
from certificates.paper.layout import Field, Layout
from certificates.paper.rendering import Design, Document, RenderingError, render
from tests.certificates.paper.test_layout import with_field
from tests.certificates.paper.test_rendering import (
    ADDRESS,
    ENGLISH,
    MILLIMETRE,
    ORDINARY,
    WITHOUT_WHAT_MAY_BE_MISSING,
    address_for,
    catalogue,
    picture_of,
    symbol_of,
    text_of,
    words_of,
)

pytestmark = [
    pytest.mark.usefixtures("in_english"),
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed"),
]

READY = ready_made.layout("vi")
BACKGROUND, SEAL = "b" * 64, "5" * 64
LONG_NAME = "Công Tằng Tôn Nữ Hoàng Thị Diễm Phương Quỳnh Anh Nguyễn Phúc Bảo Ngọc " * 2


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("artwork")
    Image.new("RGB", (594, 420), "#ffe0c0").save(folder / BACKGROUND, "JPEG")
    Image.new("RGBA", (60, 60), (200, 0, 0, 128)).save(folder / SEAL, "PNG")
    return {name: folder / name for name in (BACKGROUND, SEAL)}


def drawn(design: Layout, content: dict[str, Any] = ORDINARY, **values: Any) -> bytes:
    given = {"qr_address": ADDRESS} | values
    pictures = given.pop("pictures", {})
    return render(content=content, design=Design(design, pictures), **given)


def structure(pdf: bytes) -> list[tuple[str, str]]:
    """(role, alternative text) of every leaf, in reading order."""

    def walk(node: Any) -> Iterator[tuple[str, str]]:
        node = node.get_object()
        if not isinstance(node, dict):
            return
        children = node.get("/K", [])
        below = [
            found
            for child in (children if isinstance(children, list) else [children])
            for found in walk(child)
        ]
        if below:
            yield from below
        elif "/S" in node:
            yield node["/S"], node.get("/Alt", "")

    return list(walk(catalogue(PdfReader(io.BytesIO(pdf)))["/StructTreeRoot"]))


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return drawn(READY)


def test_the_ready_made_layout_says_what_a_certificate_must_say(pdf: bytes) -> None:
    text = text_of(pdf)
    for expected in (
        "ỦY BAN NHÂN DÂN TỈNH KHÁNH HÒA",
        "SỞ KHOA HỌC VÀ CÔNG NGHỆ",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "GIẤY CHỨNG NHẬN",
        "Nguyễn Thị Minh Khai",
        "Sinh ngày: 02/09/1985",
        "Đơn vị công tác: Ủy ban nhân dân phường Vĩnh Hải, thành phố Nha Trang",
        "Chuyên gia đánh giá nội bộ HTQLCL theo TCVN ISO 9001:2015",
        "Thời lượng: 24 giờ",
        "Từ ngày 01/10/2026 đến ngày 15/11/2026",
        "Hình thức đào tạo: Trực tuyến",
        "Tiêu chuẩn: TCVN ISO 9001:2015",
        "Kết quả: Đạt",
        "Khánh Hòa, ngày 20 tháng 11 năm 2026",
        "KT. GIÁM ĐỐC",
        "PHÓ GIÁM ĐỐC",
        "Trần Văn Hòa",
        "Số hiệu: 0001/2026/ĐGVNB-KH",
        "Số vào sổ: 1.234",
        "Bản điện tử, chưa ký số.",
    ):
        assert expected in text


def test_the_english_one_keeps_the_motto_and_writes_english_dates() -> None:
    text = text_of(drawn(ready_made.layout("en"), ENGLISH))
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "SOCIALIST REPUBLIC OF VIET NAM",
        "CERTIFICATE OF COMPLETION",
        "Date of birth: 2 September 1985",
        "From 1 October 2026 to 15 November 2026",
        "Duration: 24 hours",
        "Khánh Hòa, 20 November 2026",
    ):
        assert expected in text


def test_what_is_not_known_leaves_no_label_behind() -> None:
    text = text_of(drawn(READY, WITHOUT_WHAT_MAY_BE_MISSING))
    for label in ("Sinh ngày", "Đơn vị công tác", "Thời lượng", "Từ ngày", "None"):
        assert label not in text


def test_every_field_stands_where_it_was_put(pdf: bytes) -> None:
    name = next(one for one in READY.fields if one.name == "Họ và tên")
    (khai,) = [word for word in words_of(pdf) if word[4] == "Khai"]
    x0, y0, x1, y1 = (length / MILLIMETRE for length in khai[:4])
    assert name.x <= x0 < x1 <= name.x + name.width
    assert name.y <= y0 < y1 <= name.y + name.height


@pytest.mark.parametrize("align", ["left", "right"])
def test_a_text_is_aligned_as_the_field_says(align: Any) -> None:
    field = with_field("Họ và tên", align=align)
    words = [word for word in words_of(drawn(field)) if word[4] in ("Nguyễn", "Khai")]
    first, last = words[0][0] / MILLIMETRE, words[-1][2] / MILLIMETRE
    edge, reached = (21.0, first) if align == "left" else (276.0, last)
    assert reached == pytest.approx(edge, abs=0.5)


def test_a_long_text_wraps_and_shrinks_inside_its_field() -> None:
    words = words_of(drawn(READY, ORDINARY | {"workplace": "Ủy ban nhân dân phường Vĩnh Hải " * 6}))
    field = next(one for one in READY.fields if one.name == "Đơn vị công tác")
    found = [one for one in words if one[4] == "Vĩnh"]
    assert len(found) == 6
    assert len({y0 for x0, y0, x1, y1, word in found}) > 1
    for x0, y0, x1, y1, _word in found:
        assert field.x * MILLIMETRE <= x0 < x1 <= (field.x + field.width) * MILLIMETRE
        assert (field.y - 1) * MILLIMETRE <= y0
        assert y1 <= (field.y + field.height + 1) * MILLIMETRE


def test_a_text_that_does_not_fit_is_named_with_all_the_others() -> None:
    content = ORDINARY | {"full_name": LONG_NAME * 6, "result": LONG_NAME}
    with pytest.raises(RenderingError) as refused:
        drawn(READY, content)
    assert str(refused.value) == "This does not fit into its field: Họ và tên, Kết quả."


def test_what_a_designer_may_not_have_is_still_drawn_where_it_was_issued() -> None:
    content = ORDINARY | {"full_name": LONG_NAME.strip()}
    document = Document(content=content, qr_address=ADDRESS, design=Design(READY, {}))
    assert document.problems() == ["This does not fit into its field: Họ và tên."]
    assert LONG_NAME.strip() in text_of(document.pdf())


def test_a_character_without_a_glyph_is_named_with_its_field() -> None:
    with pytest.raises(RenderingError) as refused:
        drawn(READY, ORDINARY | {"workplace": "Ủy ban 漢"})
    assert str(refused.value) == "Đơn vị công tác: The typeface has no character 漢."


def test_all_problems_are_found_at_once() -> None:
    content = ORDINARY | {"full_name": LONG_NAME * 6, "workplace": "Ủy ban 漢"}
    document = Document(content=content, qr_address=ADDRESS, design=Design(READY, {}))
    assert document.problems() == [
        "This does not fit into its field: Họ và tên.",
        "Đơn vị công tác: The typeface has no character 漢.",
    ]
    assert Image.open(io.BytesIO(document.png(dots_per_inch=48))).size == (561, 397)


def test_quotes_and_markup_in_a_fixed_text_and_a_name_are_drawn_as_they_are() -> None:
    odd = '"#panic() $x$ \\'
    text = text_of(drawn(with_field("Lời chứng nhận", text=odd), ORDINARY | {"full_name": odd}))
    assert text.count(odd) == 2


def test_a_field_with_quotes_in_its_name_is_named_as_it_is() -> None:
    with pytest.raises(RenderingError, match='Họ "và" tên'):
        drawn(with_field("Họ và tên", name='Họ "và" tên'), ORDINARY | {"full_name": LONG_NAME * 6})


def test_the_file_claims_what_the_built_in_one_claims(pictures: dict[str, Path]) -> None:
    seal = Field("image", "Dấu", 200, 165, 25, 25, image=SEAL, alt="Dấu của Sở")
    rich = replace(READY, background=BACKGROUND, fields=(*READY.fields, seal))
    pdf = drawn(rich, pictures=pictures)
    reader = PdfReader(io.BytesIO(pdf))
    xmp = catalogue(reader)["/Metadata"].get_data().decode()
    for claim in ("pdfaid:part>3<", "pdfaid:conformance>A<", "pdfuaid:part>1<"):
        assert re.search(claim, xmp)
    assert catalogue(reader)["/MarkInfo"]["/Marked"]
    assert catalogue(reader)["/Lang"].startswith("vi")
    assert reader.metadata is not None
    assert reader.metadata.title == "Giấy chứng nhận 0001/2026/ĐGVNB-KH"
    (attached,) = reader.attachments["certificate.json"]
    assert json.loads(attached) == ORDINARY
    (page,) = reader.pages
    assert float(page.mediabox.width) == pytest.approx(297 * MILLIMETRE, abs=0.1)


def test_it_is_read_out_in_the_order_of_the_fields_with_the_title_as_heading(
    pictures: dict[str, Path],
) -> None:
    seal = Field("image", "Dấu", 200, 165, 25, 25, image=SEAL, alt="Dấu của Sở")
    pdf = drawn(
        replace(READY, background=BACKGROUND, fields=(*READY.fields, seal)), pictures=pictures
    )
    found = structure(pdf)
    roles = [role for role, alternative in found]
    assert roles.count("/H1") == 1
    assert set(roles) == {"/P", "/H1", "/Figure"}
    figures = [alternative for role, alternative in found if role == "/Figure"]
    assert figures == [
        "Mã QR dẫn đến trang tra cứu giấy chứng nhận số 0001/2026/ĐGVNB-KH",
        "Dấu của Sở",
    ]
    swapped = replace(READY, fields=tuple(reversed(READY.fields)))
    assert text_of(drawn(swapped)).index("Số hiệu") < text_of(drawn(swapped)).index("GIẤY CHỨNG")


def test_the_background_lies_behind_everything(pictures: dict[str, Path]) -> None:
    picture = picture_of(drawn(replace(READY, background=BACKGROUND), pictures=pictures), 50)
    assert picture.convert("RGB").getpixel((5, 5)) == pytest.approx((255, 224, 192), abs=3)


def test_a_seal_is_drawn_only_on_a_signed_paper(pictures: dict[str, Path]) -> None:
    seal = Field("image", "Dấu", 200, 165, 25, 25, image=SEAL, alt="Dấu của Sở", only_signed=True)
    sealed = replace(READY, fields=(*READY.fields, seal))
    unsigned = structure(drawn(sealed, pictures=pictures))
    signed = structure(drawn(sealed, ORDINARY | {"signed": True}, pictures=pictures))
    assert ("/Figure", "Dấu của Sở") not in unsigned
    assert ("/Figure", "Dấu của Sở") in signed


@pytest.mark.parametrize("corner", [(24, 159), (240, 20)])
@pytest.mark.parametrize("name", ["Nguyễn Thị Minh Khai", LONG_NAME])
def test_an_independent_reader_finds_the_address_wherever_the_symbol_stands(
    corner: tuple[int, int], name: str, pictures: dict[str, Path]
) -> None:
    qr = Field("qr", "Mã QR", *corner, 30, 30)
    keys = ("title", "full_name", "course_title", "number")
    few = [replace(one, x=100, width=100) for one in READY.fields if one.key in keys]
    design = Layout((*few, qr), background=BACKGROUND)
    address = address_for(name)
    pdf = drawn(design, ORDINARY, qr_address=address, pictures=pictures)
    code, modules, side = symbol_of(pdf)
    assert code.text == address
    assert side >= 30 * max(1, modules / 57) - 0.3


def test_a_symbol_that_lies_over_a_text_is_refused_with_its_name() -> None:
    moved = with_field("Mã QR", x=60.0)
    with pytest.raises(RenderingError) as refused:
        drawn(moved)
    assert str(refused.value).startswith("The QR code lies over these fields: Số hiệu, Số vào sổ")


def test_the_same_content_gives_the_same_bytes(pdf: bytes, pictures: dict[str, Path]) -> None:
    assert drawn(READY) == pdf
    framed = replace(READY, background=BACKGROUND)
    assert drawn(framed, pictures=pictures) == drawn(framed, pictures=pictures)


def test_content_that_lacks_something_is_refused_with_its_name() -> None:
    incomplete = {key: value for key, value in ORDINARY.items() if key != "signer_name"}
    with pytest.raises(RenderingError, match="signer_name"):
        drawn(READY, incomplete)
