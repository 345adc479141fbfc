import io
import json
import re
import shutil
import subprocess
import threading
import time
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image
from pypdf import PdfReader

from certificates.paper import rendering
from certificates.paper.rendering import RenderingError, render
from certificates.proof.payload import encode
from jobs import paper

pytestmark = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler-utils is not installed"
)

Content = dict[str, Any]

ADDRESS = "HTTP://127.0.0.1:8000/T/" + "A7" * 113
MILLIMETRE = 72 / 25.4

ORDINARY: Content = {
    "language": "vi",
    "parent_body": "Ủy ban nhân dân tỉnh Khánh Hòa",
    "issuing_body": "Sở Khoa học và Công nghệ",
    "title": "Giấy chứng nhận",
    "full_name": "Nguyễn Thị Minh Khai",
    "date_of_birth": "1985-09-02",
    "workplace": "Ủy ban nhân dân phường Vĩnh Hải, thành phố Nha Trang",
    "course_title": "Chuyên gia đánh giá nội bộ HTQLCL theo TCVN ISO 9001:2015",
    "hours": 24,
    "starts_on": "2026-10-01",
    "ends_on": "2026-11-15",
    "form_of_study": "Trực tuyến",
    "result": "Đạt",
    "place": "Khánh Hòa",
    "issued_on": "2026-11-20",
    "signer_authority": "KT. GIÁM ĐỐC",
    "signer_title": "Phó Giám đốc",
    "signer_name": "Trần Văn Hòa",
    "number": "0001/2026/ĐGVNB-KH",
    "register_entry_number": "1.234",
    "standard_edition": "TCVN ISO 9001:2015",
    "notice": "Bản điện tử, chưa ký số.",
}

WITHOUT_WHAT_MAY_BE_MISSING = ORDINARY | {
    "parent_body": None,
    "date_of_birth": None,
    "workplace": None,
    "hours": None,
    "starts_on": None,
    "ends_on": None,
    "signer_authority": None,
    "notice": None,
}

LONG = ORDINARY | {
    "parent_body": "Ủy ban nhân dân tỉnh Khánh Hòa - Sở Khoa học và Công nghệ tỉnh Khánh Hòa",
    "issuing_body": "Trung tâm Ứng dụng tiến bộ khoa học và công nghệ, Chi cục Tiêu chuẩn Đo lường"
    " Chất lượng",
    "full_name": "Công Tằng Tôn Nữ Hoàng Thị Diễm Phương Quỳnh Anh Nguyễn Phúc Bảo Ngọc",
    "workplace": "Phòng Nông nghiệp và Phát triển nông thôn, Ủy ban nhân dân huyện Khánh Sơn, tỉnh"
    " Khánh Hòa, kiêm nhiệm đầu mối hệ thống quản lý chất lượng của Ban Quản lý dự án đầu tư xây"
    " dựng các công trình giao thông và nông nghiệp",
    "course_title": "Chuyên gia đánh giá nội bộ hệ thống quản lý chất lượng theo tiêu chuẩn quốc"
    " gia TCVN ISO 9001:2015 tại các cơ quan, tổ chức thuộc hệ thống hành chính nhà nước trên địa"
    " bàn tỉnh Khánh Hòa năm 2026",
    "form_of_study": "Trực tuyến kết hợp học tập trung tại Trung tâm Chính trị huyện Khánh Vĩnh",
    "signer_authority": "TUQ. CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH",
    "signer_title": "Phó Giám đốc phụ trách Sở Khoa học và Công nghệ tỉnh Khánh Hòa",
    "notice": "Bản điện tử, chưa ký số. Giá trị của giấy chứng nhận được xác nhận tại trang tra"
    " cứu; bản in từ tệp này không thay thế bản gốc có chữ ký và con dấu của cơ quan cấp.",
}

# Every field as long as a form would ever let it be.
LONGEST = LONG | {
    "full_name": "Nguyễn Phúc Thị Phương Nghiêng " * 5 + "Khai",
    "workplace": "Phòng Giải quyết thủ tục hành chính nghiêng nghiêng " * 5,
    "course_title": "Chuyên gia đánh giá nội bộ hệ thống quản lý chất lượng " * 5,
    "issuing_body": "Trung tâm Ứng dụng tiến bộ khoa học và công nghệ " * 3,
}

ENGLISH = ORDINARY | {"language": "en", "title": "Certificate of completion"}

ALL = pytest.mark.parametrize(
    "content",
    [ORDINARY, WITHOUT_WHAT_MAY_BE_MISSING, LONG, LONGEST, ENGLISH, LONG | {"language": "en"}],
    ids=["ordinary", "least", "long", "longest", "english", "long-english"],
)


def run(pdf: bytes, *command: str) -> bytes:
    """Return what a poppler tool answers to a PDF on its standard input."""
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout


def text_of(pdf: bytes) -> str:
    return " ".join(run(pdf, "pdftotext", "-raw", "-", "-").decode().split())


def words_of(pdf: bytes) -> list[tuple[float, float, float, float, str]]:
    """Return (x0, y0, x1, y1, word) of each word, in points from the upper left corner."""
    boxes = run(pdf, "pdftotext", "-bbox", "-", "-").decode()
    pattern = r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.+?)</word>'
    return [
        (float(x0), float(y0), float(x1), float(y1), word)
        for x0, y0, x1, y1, word in re.findall(pattern, boxes)
    ]


def catalogue(reader: PdfReader) -> Any:
    return reader.root_object


def picture_of(pdf: bytes, dpi: int) -> Image.Image:
    png = run(pdf, "pdftoppm", "-r", str(dpi), "-png", "-singlefile", "-")
    return Image.open(io.BytesIO(png))


def symbol_of(pdf: bytes, dpi: int = 200) -> tuple[zxingcpp.Barcode, int, float]:
    """Return what an independent decoder reads, and the symbol's side in modules and in mm."""
    (code,) = zxingcpp.read_barcodes(picture_of(pdf, dpi))
    corners = code.position
    side = corners.top_right.x - corners.top_left.x
    extra: Any = code.extra
    return code, 17 + 4 * int(extra["Version"]), side / dpi * 25.4


def address_for(full_name: str) -> str:
    payload = encode(
        number=ORDINARY["number"],
        full_name=full_name,
        issued_on=date(2026, 11, 20),
        course_code="ĐGVNB-2015",
        register_code="ĐGVNB-KH",
        private_key=Ed25519PrivateKey.from_private_bytes(bytes(32)),
        key_id=1,
    )
    return "HTTPS://DAOTAO.KHANHHOA.GOV.VN/T/" + payload


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return render(content=ORDINARY, qr_address=ADDRESS)


def test_every_vietnamese_string_can_be_read_back_exactly(pdf: bytes) -> None:
    text = text_of(pdf)
    assert text == unicodedata.normalize("NFC", text)
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN TỈNH KHÁNH HÒA",
        "SỞ KHOA HỌC VÀ CÔNG NGHỆ",
        "GIẤY CHỨNG NHẬN",
        "Chứng nhận Ông/Bà",
        "Nguyễn Thị Minh Khai",
        "Sinh ngày: 02/09/1985",
        "Đơn vị công tác: Ủy ban nhân dân phường Vĩnh Hải, thành phố Nha Trang",
        "đã hoàn thành khóa đào tạo",
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


def test_every_vietnamese_letter_can_be_drawn_and_read_back() -> None:
    letters = paper._VIETNAMESE
    text = text_of(
        render(
            content=ORDINARY | {"full_name": letters, "workplace": letters.upper()}, qr_address="A"
        )
    )
    assert letters in text
    assert letters.upper() in text


def test_an_english_certificate_keeps_the_national_motto_with_its_english_line_below() -> None:
    text = text_of(render(content=ENGLISH, qr_address=ADDRESS))
    motto = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc"
    english = "SOCIALIST REPUBLIC OF VIET NAM Independence - Freedom - Happiness"
    assert f"{motto} {english}" in text
    assert "CERTIFICATE OF COMPLETION" in text
    assert "From 1 October 2026 to 15 November 2026" in text
    assert "Date of birth: 2 September 1985" in text
    assert "Khánh Hòa, 20 November 2026" in text


def test_what_is_not_known_leaves_no_label_behind() -> None:
    text = text_of(render(content=WITHOUT_WHAT_MAY_BE_MISSING, qr_address=ADDRESS))
    for label in ("Sinh ngày", "Đơn vị công tác", "Thời lượng", "Từ ngày", "none", "None"):
        assert label not in text


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"starts_on": "2026-10-05", "ends_on": "2026-10-05"}, "Ngày 05/10/2026"),
        ({"starts_on": None, "ends_on": "2026-10-06"}, "Ngày 06/10/2026"),
        ({"date_of_birth": "1965"}, "Sinh ngày: 1965 Đơn"),
        ({"date_of_birth": "1965-03"}, "Sinh ngày: 03/1965 Đơn"),
        ({"issued_on": "2027-02-05"}, "ngày 05 tháng 02 năm 2027"),
        ({"issued_on": "2027-03-15"}, "ngày 15 tháng 3 năm 2027"),
    ],
)
def test_dates_are_written_as_offices_write_them(dates: Content, expected: str) -> None:
    assert expected in text_of(render(content=ORDINARY | dates, qr_address=ADDRESS))


@ALL
def test_everything_is_on_one_a4_sheet_in_landscape(content: Content) -> None:
    reader = PdfReader(io.BytesIO(render(content=content, qr_address=ADDRESS)))
    (page,) = reader.pages
    assert float(page.mediabox.width) == pytest.approx(297 * MILLIMETRE, abs=0.1)
    assert float(page.mediabox.height) == pytest.approx(210 * MILLIMETRE, abs=0.1)


@ALL
def test_every_word_stays_inside_the_frame_and_off_the_others(content: Content) -> None:
    words = words_of(render(content=content, qr_address=ADDRESS))
    left, right, upper, lower = (mm * MILLIMETRE for mm in (20, 277, 14, 196))
    for x0, y0, x1, y1, word in words:
        assert left <= x0 < x1 <= right, word
        assert upper <= y0 < y1 <= lower, word
    for index, (x0, y0, x1, y1, word) in enumerate(words):
        for u0, v0, u1, v1, other in words[index + 1 :]:
            # The boxes are as high as the line: letters of two lines touch only well inside them.
            shared = min(y1, v1) - max(y0, v0)
            apart = shared < 0.3 * min(y1 - y0, v1 - v0) or min(x1, u1) - max(x0, u0) < 0.1
            assert apart, (word, other)


@ALL
def test_no_word_of_the_content_is_lost(content: Content) -> None:
    text = text_of(render(content=content, qr_address=ADDRESS)).upper()
    for key, value in content.items():
        if isinstance(value, str) and key != "language" and not re.match(r"\d{4}-\d\d-\d\d", value):
            assert " ".join(value.split()).upper() in text, key


def test_a_single_word_too_long_for_its_line_makes_everything_smaller() -> None:
    content = ORDINARY | {"full_name": "Nghiêng" * 11}
    words = words_of(render(content=content, qr_address=ADDRESS))
    (name,) = [word for word in words if word[4] == content["full_name"]]
    assert name[0] >= 20 * MILLIMETRE
    assert name[2] <= 277 * MILLIMETRE


@pytest.mark.parametrize("title", ["Chuyên gia đánh giá nội bộ " * 100, "W" * 300])
def test_what_fits_on_no_page_is_refused(title: str) -> None:
    with pytest.raises(RenderingError):
        render(content=ORDINARY | {"course_title": title}, qr_address=ADDRESS)


def test_the_file_names_itself_as_archivable_and_accessible(pdf: bytes) -> None:
    reader = PdfReader(io.BytesIO(pdf))
    xmp = catalogue(reader)["/Metadata"].get_data().decode()
    assert re.search(r"pdfaid:part>3<", xmp)
    assert re.search(r"pdfaid:conformance>A<", xmp)
    assert re.search(r"pdfuaid:part>1<", xmp)
    assert catalogue(reader)["/MarkInfo"]["/Marked"]


@pytest.mark.parametrize("content", [ORDINARY, ENGLISH], ids=["vi", "en"])
def test_language_title_and_author_are_told(content: Content) -> None:
    reader = PdfReader(io.BytesIO(render(content=content, qr_address=ADDRESS)))
    assert catalogue(reader)["/Lang"].startswith(content["language"])
    assert reader.metadata is not None
    assert reader.metadata.title == f"{content['title']} {content['number']}"
    assert reader.metadata.author == content["issuing_body"]
    assert "D:20261120" in str(reader.metadata["/CreationDate"])


def test_those_who_cannot_see_the_symbol_are_told_what_it_is(pdf: bytes) -> None:
    def alternatives(node: Any) -> Iterator[tuple[str, str]]:
        node = node.get_object()
        if isinstance(node, dict):
            if "/Alt" in node:
                yield node["/S"], node["/Alt"]
            children = node.get("/K", [])
            for child in children if isinstance(children, list) else [children]:
                yield from alternatives(child)

    found = dict(alternatives(catalogue(PdfReader(io.BytesIO(pdf)))["/StructTreeRoot"]))
    assert found["/Figure"].endswith("số 0001/2026/ĐGVNB-KH")


@pytest.mark.parametrize("content", [ORDINARY, LONG])
def test_each_text_is_read_out_as_a_paragraph_and_the_title_as_the_heading(
    content: Content,
) -> None:
    def innermost(node: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        node = node.get_object()
        if not isinstance(node, dict) or "/S" not in node:
            return
        children = node.get("/K", [])
        children = children if isinstance(children, list) else [children]
        inner = [one for child in children for one in innermost(child, (*above, node["/S"]))]
        yield from inner or [(*above, node["/S"])]

    pdf = render(content=content, qr_address=ADDRESS)
    (document,) = catalogue(PdfReader(io.BytesIO(pdf)))["/StructTreeRoot"]["/K"]
    found = list(innermost(document))
    blocks = [role for path in found for role in path if role in ("/P", "/H1", "/Figure")]
    assert len(blocks) == len(found) > 15
    assert (blocks.count("/H1"), blocks.count("/Figure")) == (1, 1)


def test_the_content_is_attached_as_it_was_frozen() -> None:
    content = ORDINARY | {"decision": {"number": "12/QĐ", "of": None}}
    reader = PdfReader(io.BytesIO(render(content=content, qr_address=ADDRESS)))
    assert list(reader.attachments) == ["certificate.json"]
    (attached,) = reader.attachments["certificate.json"]
    assert json.loads(attached) == content
    (file,) = catalogue(reader)["/AF"]
    assert file.get_object()["/AFRelationship"] == "/Data"


def test_the_same_content_gives_the_same_bytes_at_any_time_in_any_thread_and_order(
    pdf: bytes,
) -> None:
    time.sleep(1.1)
    shuffled = dict(reversed(ORDINARY.items()))
    with ThreadPoolExecutor(1) as other_thread:
        again = other_thread.submit(render, content=shuffled, qr_address=ADDRESS).result()
    assert again == pdf


def test_threads_do_not_disturb_each_other() -> None:
    contents = [ORDINARY | {"full_name": f"Nguyễn Văn {name}"} for name in "ABCDEFGH"]
    one_by_one = [render(content=content, qr_address=ADDRESS) for content in contents]
    with ThreadPoolExecutor(4) as threads:
        at_once = threads.map(lambda content: render(content=content, qr_address=ADDRESS), contents)
    assert list(at_once) == one_by_one
    assert len(set(one_by_one)) == len(contents)


@pytest.mark.parametrize(
    "name",
    [
        "#panic()",
        "*bold* _it_ `raw` $x$",
        "// no comment",
        "= heading",
        "<label> @reference",
        '"',
        '"); #panic("x',
        "\\",
        '\\"',
        "\\u{1F600}",
        "%(name)s {name}",
        "'smart' -- ... ~",
    ],
)
def test_markup_in_a_name_is_drawn_as_it_is(name: str) -> None:
    pdf = render(content=ORDINARY | {"full_name": name}, qr_address=ADDRESS)
    assert f"Ông/Bà {name} Sinh ngày" in text_of(pdf)
    (attached,) = PdfReader(io.BytesIO(pdf)).attachments["certificate.json"]
    assert json.loads(attached)["full_name"] == name


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("Nguyễn 漢 Khai", ["漢"]),
        ("Khai 😀 字", ["😀", "字"]),
        ("Khai\u202eiahK", ["U+202E"]),
        ("Minh\tKhai", ["U+0009"]),
        ("Khai\x00", ["U+0000"]),
        ("Khai\ud800", ["U+D800"]),
    ],
)
def test_a_character_that_cannot_be_drawn_is_named(name: str, named: list[str]) -> None:
    with pytest.raises(RenderingError) as refusal:
        render(content=ORDINARY | {"full_name": name}, qr_address=ADDRESS)
    for character in named:
        assert character in str(refusal.value)


def test_a_refused_certificate_does_not_spoil_the_next(pdf: bytes) -> None:
    with pytest.raises(RenderingError):
        render(content=ORDINARY | {"full_name": "漢"}, qr_address=ADDRESS)
    assert render(content=ORDINARY, qr_address=ADDRESS) == pdf


def test_content_that_lacks_a_field_is_refused_with_its_name() -> None:
    incomplete = {key: value for key, value in ORDINARY.items() if key != "signer_name"}
    with pytest.raises(RenderingError, match="signer_name"):
        render(content=incomplete, qr_address=ADDRESS)


def test_where_liberation_is_missing_the_built_in_serif_draws_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paper, "_PREFERRED", "No Such Family")
    monkeypatch.setattr(paper, "_compilers", threading.local())
    paper.find_typeface.cache_clear()
    try:
        pdf = render(content=LONG, qr_address=ADDRESS)
    finally:
        paper.find_typeface.cache_clear()
    assert "LibertinusSerif" in run(pdf, "pdffonts", "-").decode()
    assert LONG["course_title"] in text_of(pdf)


@pytest.mark.parametrize(
    ("full_name", "smallest"),
    [("Nguyễn Thị Minh Khai", 30), (LONG["full_name"], 31), (LONGEST["full_name"], 34)],
    ids=["ordinary", "long", "longest"],
)
def test_an_independent_reader_finds_the_address_on_the_page(full_name: str, smallest: int) -> None:
    address = address_for(full_name)
    pdf = render(content=ORDINARY | {"full_name": full_name}, qr_address=address)
    code, _modules, side = symbol_of(pdf)
    assert code.text == address
    assert code.ec_level == "M"
    assert side >= smallest - 0.3


def test_the_modules_never_get_smaller_than_those_of_57_on_30_mm() -> None:
    for length in (20, 300, 600, 1200):
        _code, modules, side = symbol_of(render(content=ORDINARY, qr_address="A" * length))
        assert side >= 30 * max(1, modules / 57) - 0.3


def test_capitals_take_a_smaller_symbol_than_small_letters() -> None:
    small = rendering._draw_symbol(ADDRESS.lower())[0]
    assert rendering._draw_symbol(ADDRESS)[0] < small


def test_the_quiet_zone_is_white(pdf: bytes) -> None:
    code, modules, side = symbol_of(pdf)
    picture = picture_of(pdf, 200).convert("L")
    corner = code.position.top_left
    quiet = round(4 * side / modules * 200 / 25.4) - 2
    box = (corner.x - quiet, corner.y - quiet, corner.x - 2, corner.y + 200)
    assert picture.crop(box).getextrema() == (255, 255)


def test_an_address_that_fits_no_symbol_is_refused() -> None:
    with pytest.raises(RenderingError):
        render(content=ORDINARY, qr_address="A" * 3392)
