import re
import unicodedata
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.issue import filing, issuing
from certificates.look_up.looking_up import by_number_and_name
from certificates.models import Certificate, IssuingRule, RegisterEntry
from certificates.proof import keys, payload
from people.models import Person
from tests import factories
from tests.certificates.deciding import decide

pytestmark = pytest.mark.django_db

NAME = "Nguyễn Thị Ánh Đức"
Kind = RegisterEntry.Kind


@pytest.fixture
def certificate() -> Certificate:
    return factories.filed_certificate(person=factories.PersonFactory(full_name=NAME))


@pytest.fixture
def issued(certificate: Certificate) -> RegisterEntry:
    return certificate.entries.get(kind=Kind.ISSUE)


@pytest.fixture
def visitor(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


def ask(visitor: Client, number: str | None, full_name: str = NAME, **more: Any) -> Any:
    asked = {"number": number, "full_name": full_name}
    return visitor.get(reverse("certificates:look_up"), asked, **more)


def scan(visitor: Client, entry: RegisterEntry) -> Any:
    """Open the address of the QR."""
    return visitor.get("/T/" + filing.qr_address(entry).rsplit("/T/")[1])


# --- By number and name ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [NAME, unicodedata.normalize("NFD", NAME), "nguyen thi anh duc", "NGUYỄN  THỊ ÁNH ĐỨC "],
)
def test_the_exact_number_and_the_name_in_any_spelling_find_the_certificate(
    visitor: Client, issued: RegisterEntry, name: str
) -> None:
    answer = ask(visitor, issued.number, name)
    assert answer.status_code == 200
    assert "The certificate is valid." in answer.text
    for words in (NAME, issued.number, issued.content["course_title"]):
        assert str(words) in answer.text


def test_the_answer_tells_nothing_else_about_the_holder(
    visitor: Client, issued: RegisterEntry
) -> None:
    text = ask(visitor, issued.number).text + scan(visitor, issued).text
    frozen = issued.content
    for secret in ("1985", "02/09", frozen["workplace"], frozen["result"], "8/10"):
        assert secret not in text
    assert issued.certificate.public_id.hex not in text


def test_only_the_exact_number_finds(visitor: Client, issued: RegisterEntry) -> None:
    number = issued.number or ""
    for asked in (number[:-1], number[1:], number.lower(), number + "0", "%", "*"):
        assert ask(visitor, asked).status_code == 404
    assert ask(visitor, f"  {number} ").status_code == 200


def test_the_number_of_another_holder_finds_nothing_under_ones_own_name(
    visitor: Client, issued: RegisterEntry
) -> None:
    answer = ask(visitor, issued.number, "Trần Văn Hòa")
    assert answer.status_code == 404
    assert NAME not in answer.text


def test_an_unknown_number_gives_a_page_that_helps(visitor: Client) -> None:
    answer = ask(visitor, "9999/2026/KH")
    assert answer.status_code == 404
    assert "No certificate has this number together with this name." in answer.text
    assert "Please check:" in answer.text
    assert 'value="9999/2026/KH"' in answer.text
    assert 'name="full_name"' in answer.text


def test_half_a_question_is_asked_again_without_looking(
    visitor: Client, issued: RegisterEntry
) -> None:
    assert visitor.get(reverse("certificates:look_up")).status_code == 200
    assert (
        visitor.get(reverse("certificates:look_up"), {"number": issued.number}).status_code == 200
    )
    answer = ask(visitor, issued.number, "")
    assert answer.status_code == 200
    assert NAME not in answer.text


@pytest.mark.parametrize("number", ["0" * 5000, "\x00", "' OR 1=1 --", "<script>alert(1)</script>"])
def test_malice_is_answered_like_an_unknown_number(visitor: Client, number: str) -> None:
    answer = ask(visitor, number)
    assert answer.status_code in (200, 404)
    assert "<script>alert" not in answer.text
    assert "valid." not in answer.text


def test_the_name_on_the_paper_counts_not_todays(issued: RegisterEntry) -> None:
    Person.objects.update(full_name="Trần Thị Khác")
    number = issued.number or ""
    assert by_number_and_name(number=number, full_name=NAME) is not None
    assert by_number_and_name(number=number, full_name="Trần Thị Khác") is None


# --- By QR ----------------------------------------------------------------------------------------


def test_the_address_in_the_qr_shows_the_certificate(
    visitor: Client, issued: RegisterEntry
) -> None:
    answer = scan(visitor, issued)
    assert answer.status_code == 200
    assert "The certificate is valid." in answer.text
    assert NAME in answer.text


def test_the_address_in_the_qr_is_the_public_one_in_capitals(
    issued: RegisterEntry, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://iso.khanhhoa.gov.vn"
    assert filing.qr_address(issued).startswith("HTTPS://ISO.KHANHHOA.GOV.VN/T/")


def test_a_forged_qr_is_called_so(visitor: Client, issued: RegisterEntry) -> None:
    key_id, _key = keys.signing_key()
    forged = payload.encode(
        number=issued.number or "",
        full_name="Kẻ Gian",
        issued_on=date(2026, 11, 20),
        course_code="ISO9001",
        register_code=issued.register.code,
        private_key=Ed25519PrivateKey.generate(),
        key_id=key_id,
    )
    answer = visitor.get(f"/T/{forged}")
    assert answer.status_code == 404
    assert "This QR does not come from our register." in answer.text


@pytest.mark.parametrize("text", ["X", "A7A7", "%00", "Ă", "A" * 3000])
def test_a_damaged_qr_is_no_error_of_the_server(visitor: Client, text: str) -> None:
    assert visitor.get(f"/T/{text}").status_code == 404


def test_a_signature_on_something_that_is_not_in_the_register_finds_nothing(
    visitor: Client, issued: RegisterEntry
) -> None:
    key_id, key = keys.signing_key()
    values: dict[str, Any] = {
        "number": issued.number,
        "full_name": NAME,
        "issued_on": date(2026, 11, 20),
        "course_code": "ISO9001",
        "register_code": issued.register.code,
        "private_key": key,
        "key_id": key_id,
    }
    for other in ({"number": "9999/2026/KH"}, {"full_name": "Kẻ Gian"}, {"register_code": "XX"}):
        answer = visitor.get(f"/T/{payload.encode(**values | other)}")
        assert answer.status_code == 404
        assert "The register has no certificate" in answer.text


# --- Status ---------------------------------------------------------------------------------------


def test_a_certificate_is_not_valid_before_its_file_is_filed(visitor: Client) -> None:
    person = factories.PersonFactory(full_name=NAME)
    pending = factories.pending_certificate(person=person)
    entry = issuing._number(certificate_id=pending.pk, at=timezone.now())
    for answer in (ask(visitor, entry.number), scan(visitor, entry)):
        assert answer.status_code == 200
        assert "it is not valid yet" in answer.text
        assert "The certificate is valid." not in answer.text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.REVOKE, "Revoked on {today} by decision 12/QĐ-SKHCN."),
        (Kind.VOID, "Declared void on {today} by decision 12/QĐ-SKHCN."),
    ],
)
def test_a_certificate_taken_back_says_by_which_decision(
    visitor: Client, issued: RegisterEntry, kind: RegisterEntry.Kind, words: str
) -> None:
    decide(issued, kind)
    words = words.format(today=f"{timezone.localdate():%d/%m/%Y}")
    for answer in (ask(visitor, issued.number), scan(visitor, issued)):
        assert words in answer.text
        assert "The certificate is valid." not in answer.text


def test_an_old_number_names_its_successor_once_that_has_its_paper(
    visitor: Client, issued: RegisterEntry
) -> None:
    successor = decide(issued, Kind.REISSUE)
    meanwhile = ask(visitor, issued.number).text
    assert "The certificate is valid." in meanwhile
    assert f"will be superseded by no. {successor.number}" in meanwhile
    assert "it is not valid yet" in ask(visitor, successor.number).text
    issuing.issue(certificate_id=issued.certificate_id, at=timezone.now())
    assert f"Superseded by no. {successor.number}" in ask(visitor, issued.number).text
    assert "The certificate is valid." in ask(visitor, successor.number).text


def test_an_expired_certificate_says_until_when_it_was_valid(visitor: Client) -> None:
    rule = factories.IssuingRuleFactory()
    IssuingRule.objects.update(validity="years", valid_years=2)
    rule.refresh_from_db()
    certificate = factories.filed_certificate(rule=rule)
    issued = certificate.entries.get(kind=Kind.ISSUE)
    name, until = issued.content["full_name"], issued.valid_until
    assert until
    answer = ask(visitor, issued.number, name).text
    assert "The certificate is valid." in answer
    assert f"{until:%d/%m/%Y}" in answer
    with time_machine.travel(until + timedelta(days=1)):
        answer = ask(visitor, issued.number, name).text
    assert f"Expired: it was valid until {until:%d/%m/%Y}." in answer
    assert "The certificate is valid." not in answer


# --- Limits ---------------------------------------------------------------------------------------


def test_nobody_walks_through_the_numbers(
    visitor: Client, issued: RegisterEntry, settings: Any
) -> None:
    for _time in range(30):
        assert ask(visitor, "9999/2026/KH").status_code == 404
    assert ask(visitor, issued.number).status_code == 429
    assert scan(visitor, issued).status_code == 429
    answer = ask(visitor, issued.number, headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.status_code == 429
    assert "Too many look-ups" in answer.text
    assert ask(visitor, issued.number, REMOTE_ADDR="198.51.100.9").status_code == 200


def test_logging_in_lifts_no_limit(visitor: Client, issued: RegisterEntry) -> None:
    for _time in range(30):
        ask(visitor, "9999/2026/KH")
    visitor.force_login(factories.UserFactory())
    assert ask(visitor, issued.number).status_code == 429


def test_the_empty_form_costs_nothing(visitor: Client, issued: RegisterEntry) -> None:
    for _time in range(40):
        assert visitor.get(reverse("certificates:look_up")).status_code == 200
    assert ask(visitor, issued.number).status_code == 200


def test_no_search_engine_and_no_cache_keeps_an_answer(
    visitor: Client, issued: RegisterEntry
) -> None:
    for answer in (ask(visitor, issued.number), scan(visitor, issued), ask(visitor, "0")):
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "no-store" in answer.headers["Cache-Control"]


# --- One number in two registers ------------------------------------------------------------------


def test_every_certificate_with_this_number_and_name_is_shown_with_its_issuer(
    visitor: Client,
) -> None:
    one, two = factories.twins(NAME)
    answer = ask(visitor, one.number)
    assert answer.status_code == 200
    assert "2 certificates have this number" in answer.text
    assert answer.text.count("The certificate is valid.") == 2
    for entry in (one, two):
        assert entry.content["issuing_body"] in answer.text
        assert entry.content["course_title"] in answer.text
    ids = re.findall(r'\bid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))


def test_the_one_that_does_not_stand_is_never_hidden_behind_the_one_that_does(
    visitor: Client,
) -> None:
    for turn in (0, 1):
        name = f"{NAME} {turn}"
        twins = factories.twins(name)
        decide(twins[turn], Kind.REVOKE)
        answer = ask(visitor, twins[0].number, name).text
        assert answer.index("Revoked on") < answer.index("The certificate is valid.")


def test_of_two_with_one_number_the_name_tells_which(visitor: Client) -> None:
    one, two = factories.twins(NAME, "Trần Văn Hòa")
    answer = ask(visitor, one.number)
    assert "certificates have this number" not in answer.text
    assert one.content["issuing_body"] in answer.text
    assert two.content["issuing_body"] not in answer.text
    assert "Trần Văn Hòa" not in answer.text
