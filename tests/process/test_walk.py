"""Points 2 to 5 of what the demo promises, walked through by hand and eye in a browser."""

import re
import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest
import zxingcpp
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Download, Locator, Page, expect

from certificates.models import Certificate
from demo.playing import LOGINS
from people.models import Person
from quizzes.models import Attempt
from tests.process import walking
from tests.process.studying import right_answers
from tests.process.town import Town
from tests.process.walking import vi

LEARNER, TRAINER, _FOCAL_POINT, OFFICER = LOGINS
COURSE = "Chuyên gia đánh giá nội bộ HTQLCL theo TCVN ISO 9001:2015"
KIND = "Chuyên gia đánh giá nội bộ"
TOTALS = ".counts-figures:not(.counts-figures-small) a"
pytestmark = pytest.mark.browser
Visit = Callable[[], Page]


class Figures(NamedTuple):
    """Turns, persons and certified persons, as a line of the counts shows them."""

    turns: int = 0
    persons: int = 0
    certified: int = 0

    def and_one_more(self) -> "Figures":
        return Figures(*(number + 1 for number in self))


# Over 30 s: two lessons of eight seconds are watched, between two visits of the officer.
@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils is not installed")
def test_a_learner_gets_the_certificate_and_the_officer_counts_it(
    town: Town, visit: Visit, tmp_path: Path
) -> None:
    town.start_web()
    town.start_worker()
    officer = visit()
    walking.log_in(officer, OFFICER, start=f"{town.address}/admin/")
    before = read_counts(officer, town)

    learner = visit()
    log_in_and_change_language(learner, town)
    enrol(learner)
    watch_both_lessons(learner)
    pass_the_test(learner)
    pdf = get_certificate(learner, tmp_path)

    address = check_certificate(pdf)
    look_up(visit(), address)

    after = read_counts(officer, town)
    assert after == {name: figures.and_one_more() for name, figures in before.items()}
    open_figure_and_take_it_away(officer, town, after["total"].certified, tmp_path)


def log_in_and_change_language(page: Page, town: Town) -> None:
    walking.log_in(page, LEARNER, start=f"{town.address}/hoc-tap/")
    html = page.locator("html")
    expect(page.get_by_role("heading", level=1)).to_have_text("Khóa học của tôi")
    page.get_by_role("banner").get_by_role("button", name="English").click()
    expect(html).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_have_text("My courses")
    page.locator("button[lang=vi]").click()
    expect(html).to_have_attribute("lang", "vi")


def enrol(page: Page) -> None:
    page.get_by_role("link", name="Khóa học", exact=True).first.click()
    page.get_by_role("main").get_by_role("link", name=COURSE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(COURSE)
    page.get_by_role("button", name="Ghi danh").click()
    expect(page.get_by_text("Đã ghi danh lúc").first).to_be_visible()


def watch_both_lessons(page: Page) -> None:
    page.get_by_role("link", name=vi("Begin the first lesson")).click()
    walking.watch(page)
    # What counted is kept: it is there when the page is opened again.
    page.reload()
    expect(page.locator("[data-words]")).to_contain_text(re.compile(r"Đã xem (9\d|100) %"))
    page.get_by_role("link", name="Bài tiếp theo").click()
    expect(page.locator("[aria-current=page] small")).not_to_have_class("done")
    walking.watch(page)
    page.locator("[data-next-link]").click()


def pass_the_test(page: Page) -> None:
    expect(page.get_by_text("30 câu · 45 phút")).to_be_visible()
    page.get_by_role("button", name="Bắt đầu làm bài").click()
    expect(page.locator("fieldset.question")).to_have_count(30)
    attempt = Attempt.objects.get(pk=int(re.findall(r"/lan-thi/(\d+)/", page.url)[0]))
    walking.answer_all(page, right_answers(attempt))
    saved = page.locator("[data-status][data-state=saved]")
    expect(saved).to_have_count(30)
    expect(saved.nth(11)).to_have_text(re.compile(r"Đã lưu câu 12 lúc \d\d:\d\d:\d\d"))
    page.get_by_role("button", name="Nộp bài").click()
    page.get_by_role("dialog").get_by_role("button", name="Nộp bài").click()
    expect(page.locator(".verdict")).to_have_text(re.compile(r"Đạt\s+30/30 \(100 %\)"))


def get_certificate(page: Page, folder: Path) -> Path:
    """See it on its way, and download it as soon as it is there."""
    on_its_way = vi("Your certificate is being issued")
    ready = vi("Your certificate is ready")
    assert on_its_way == "Giấy chứng nhận đang được cấp"
    expect(page.get_by_text(re.compile(f"{on_its_way}|{ready}"))).to_be_visible()
    # The page asks by itself: nobody has to reload it.
    expect(page.get_by_text(ready)).to_be_visible(timeout=20_000)
    page.get_by_role("link", name=vi("Open the certificate")).click()
    with page.expect_download() as begun:
        page.get_by_role("link", name=vi("Download the PDF")).click()
    return keep(begun.value, folder)


def check_certificate(pdf: Path) -> str:
    """What the paper says, and the address in its QR."""
    entry = certificate_of_learner().entries.get(kind="issue")
    text = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
    words = " ".join(text.split())
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN TỈNH KHÁNH HÒA",
        "GIẤY CHỨNG NHẬN",
        "Nguyễn Thị Minh Hương",
        "02/09/1984",
        "Khóa đào tạo chuyên gia đánh giá nội bộ HTQLCL theo TCVN ISO 9001:2015",
        str(entry.number),
        f"{entry.entry_number:04d}/{entry.year}",
    ):
        assert expected in words, words
    page = subprocess.run(
        ["pdftoppm", "-r", "200", "-png", "-singlefile", str(pdf)], capture_output=True, check=True
    ).stdout
    (symbol,) = zxingcpp.read_barcodes(Image.open(BytesIO(page)))
    return str(symbol.text)


def look_up(page: Page, address: str) -> None:
    """Anyone who has the paper in hand: only what may be known."""
    page.goto(address)
    expect(page.locator(".verdict")).to_have_text(vi("The certificate is valid."))
    frozen = certificate_of_learner().entries.get(kind="issue").content
    facts = page.locator("dl.facts")
    allowed = ("Holder", "Course", "Number", "Issued on", "Issued by")
    assert facts.locator("dt").all_inner_texts() == [vi(label) for label in allowed]
    for name in ("full_name", "course_title", "number", "issuing_body"):
        expect(facts).to_contain_text(frozen[name])
    shown = page.content()
    assert "1984" not in shown
    assert frozen["workplace"]
    assert frozen["workplace"] not in shown


def read_counts(page: Page, town: Town) -> dict[str, Figures]:
    """The figures of this kind of course: in total, and where the learner belongs."""
    page.goto(f"{town.address}/admin/")
    page.get_by_role("link", name=vi("Counts"), exact=True).click()
    today = timezone.localdate()
    agency = learner().agency(on=today)
    assert agency is not None
    figures = {"kind": line(page.locator("#course_kind-section"), KIND)}
    page.goto(f"{town.address}/admin/counts/?course_kind=internal_auditor")
    total = page.locator(TOTALS).all_inner_texts()
    figures |= {
        "total": Figures(*map(int, total)),
        "level": line(page.locator("#level-section"), agency.get_level_display()),
        "year": line(page.locator("#year-section"), str(today.year)),
    }
    page.goto(f"{town.address}/admin/counts/agencies/?course_kind=internal_auditor")
    return figures | {"agency": line(page.locator("#listing-results"), agency.name)}


def line(place: Locator, label: str) -> Figures:
    """The line of a table of counts; zeros where nothing is counted yet."""
    expect(place.get_by_role("table")).to_be_visible()
    cell = place.page.get_by_role("cell", name=label, exact=True)
    row = place.get_by_role("row").filter(has=cell)
    return Figures(*map(int, row.locator("a").all_inner_texts())) if row.count() else Figures()


def open_figure_and_take_it_away(page: Page, town: Town, certified: int, folder: Path) -> None:
    """As many rows as the figure says, the learner's among them; the same in the sheet."""
    page.goto(f"{town.address}/admin/counts/?course_kind=internal_auditor")
    page.locator(TOTALS).nth(2).click()
    number = certificate_of_learner().entries.get(kind="issue").number
    row = page.get_by_role("row").filter(has_text=learner().full_name)
    expect(row).to_contain_text(str(number))
    expect(page.locator("#listing-results tbody tr")).to_have_count(certified)
    with page.expect_download() as begun:
        page.get_by_role("link", name=vi("Download XLSX")).click()
    sheet = load_workbook(keep(begun.value, folder)).active
    assert sheet is not None
    heads, *rows = sheet.values
    assert len(rows) == certified
    (mine,) = (dict(zip(heads, one, strict=True)) for one in rows if one[0] == learner().full_name)
    assert mine[vi("Latest certificate number")] == number
    assert mine[vi("Certificates")] == 1


def learner() -> Person:
    return Person.objects.get(user__username=LEARNER.username)


def certificate_of_learner() -> Certificate:
    return Certificate.objects.get(person=learner())


def keep(download: Download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path
