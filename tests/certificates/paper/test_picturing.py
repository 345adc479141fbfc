"""Pictures of certificates: the paper for its holder, a card for everybody else."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from certificates.issue import filing
from certificates.look_up import looking_up
from certificates.look_up.looking_up import Found
from certificates.models import Certificate, IssuingRule, RegisterEntry
from certificates.paper import designing, picturing
from jobs import paper
from tests.certificates.deciding import decide
from tests.factories import (
    IssuingRuleFactory,
    PersonFactory,
    UserFactory,
    filed_certificate,
    pending_certificate,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate() -> Certificate:
    return filed_certificate(person=PersonFactory(full_name="Nguyễn Thị Minh Khai"))


def entry_of(certificate: Certificate) -> RegisterEntry:
    return RegisterEntry.objects.get(certificate=certificate, kind="issue")


def holder(certificate: Certificate) -> Client:
    client = Client()
    client.force_login(UserFactory(person=certificate.person))
    return client


def picture(answer: Any) -> Image.Image:
    assert answer["Content-Type"] == "image/jpeg"
    return Image.open(io.BytesIO(answer.content))


def card_of(certificate: Certificate) -> str:
    text = filing.qr_address(entry_of(certificate)).rsplit("/T/")[1]
    return reverse("certificates:card", args=[text])


def test_the_holder_sees_the_paper_with_a_qr_that_can_be_read(certificate: Certificate) -> None:
    address = reverse("certificates:picture", args=[certificate.public_id])
    paper = picture(holder(certificate).get(address))
    assert paper.size == (1286, 909)
    (code,) = zxingcpp.read_barcodes(paper)
    assert code.text == filing.qr_address(entry_of(certificate))


def test_nobody_else_sees_it_and_nobody_before_it_is_issued(certificate: Certificate) -> None:
    address = reverse("certificates:picture", args=[certificate.public_id])
    stranger = Client()
    stranger.force_login(UserFactory())
    assert stranger.get(address).status_code == 404
    waiting = pending_certificate(person=certificate.person)
    address = reverse("certificates:picture", args=[waiting.public_id])
    assert holder(certificate).get(address).status_code == 404


def test_a_picture_is_drawn_once_and_again_where_it_is_lost(certificate: Certificate) -> None:
    first = picturing.picture(entry_of(certificate))
    name = f"certificates/pictures/paper/{entry_of(certificate).hash}.jpg"
    assert storages["private"].exists(name)
    storages["private"].delete(name)
    assert picturing.picture(entry_of(certificate)) == first


def test_the_shared_address_shows_a_card_to_everybody(certificate: Certificate) -> None:
    answer = Client().get(card_of(certificate))
    assert picture(answer).size == (1200, 630)
    assert answer["X-Robots-Tag"] == "noindex"


def test_a_message_with_the_address_tells_no_more_than_the_look_up(
    certificate: Certificate,
) -> None:
    entry = entry_of(certificate)
    text = filing.qr_address(entry).rsplit("/T/")[1]
    page = Client().get(reverse("certificates:look_up_qr", args=[text])).content.decode()
    assert f'property="og:image" content="http://127.0.0.1:8000{card_of(certificate)}"' in page
    head = page[: page.index("</head>")]
    assert "Nguyễn Thị Minh Khai" in head
    for secret in (entry.content["workplace"], "date_of_birth", entry.content["result"]):
        assert secret not in head
    found = {"number": entry.number, "full_name": "Nguyễn Thị Minh Khai"}
    assert "og:" not in Client().get(reverse("certificates:look_up"), found).content.decode()


def test_a_forged_address_and_a_certificate_that_is_not_valid_have_no_card(
    certificate: Certificate,
) -> None:
    address = card_of(certificate)
    forged = address.replace(address[10], "A" if address[10] != "A" else "B", 1)
    assert Client().get(forged).status_code == 404
    decide(entry_of(certificate), RegisterEntry.Kind.REVOKE)
    assert Client().get(address).status_code == 404


def test_the_longest_name_stays_on_the_card() -> None:
    found = Found(
        full_name="Công Tằng Tôn Nữ Hoàng Thị Diễm Phương Quỳnh Anh",
        course_title="Chuyên gia đánh giá nội bộ hệ thống quản lý chất lượng theo tiêu chuẩn"
        " quốc gia TCVN ISO 9001:2015 tại các cơ quan hành chính nhà nước tỉnh Khánh Hòa",
        number="12345/2026/ĐGVNB-KH",
        issued_on=date(2026, 11, 20),
        issuing_body="Trung tâm Ứng dụng tiến bộ khoa học và công nghệ",
        status="valid",
    )
    card = Image.open(io.BytesIO(picturing.card(found)))
    assert card.size == (1200, 630)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["GIẤY CHỨNG NHẬN", "Số 0001/2026/KH · 20/11/2026"]),
        ("en", ["CERTIFICATE OF COMPLETION", "No. 0001/2026/KH · 20 November 2026"]),
    ],
)
def test_a_card_speaks_the_language_of_its_paper(
    language: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    draw_picture = paper.draw_picture

    def draw_and_read(*, folder: Path, document: str, dots_per_inch: float) -> bytes:
        pdf = paper._compiler(folder).compile(input=document.encode(), format="pdf")
        assert isinstance(pdf, bytes)
        read.append(PdfReader(io.BytesIO(pdf)).pages[0].extract_text())
        return draw_picture(folder=folder, document=document, dots_per_inch=dots_per_inch)

    monkeypatch.setattr(paper, "draw_picture", draw_and_read)
    rule = IssuingRuleFactory()
    if language == "en":
        made = designing.create_template(name="English", language="en", at=timezone.now())
        designing.publish(version_id=made.versions.get().pk)
        IssuingRule.objects.filter(pk=rule.pk).update(template=made)
        rule.refresh_from_db()
    entry = entry_of(filed_certificate(rule=rule))
    found = replace(looking_up.of_entry(entry), number="0001/2026/KH", issued_on=date(2026, 11, 20))
    assert picturing.card(found)
    (text,) = read
    for part in words:
        assert part in text
    strange = "Số" if language == "en" else "No."
    assert strange not in text


def test_the_holders_page_shows_the_picture_and_its_words(certificate: Certificate) -> None:
    address = reverse("certificates:certificate", args=[certificate.public_id])
    page = holder(certificate).get(address).content.decode()
    assert reverse("certificates:picture", args=[certificate.public_id]) in page
    assert entry_of(certificate).content["course_title"] in page
