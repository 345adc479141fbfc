"""Other systems look certificates up: the same answers as the page, and no more."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.utils import timezone

from certificates.issue import filing, issuing
from certificates.models import RegisterEntry
from certificates.proof import keys, payload
from tests import factories
from tests.certificates.deciding import decide

pytestmark = pytest.mark.django_db

NAME = "Nguyễn Thị Ánh Đức"
Kind = RegisterEntry.Kind
Ask = Callable[..., Any]


@pytest.fixture
def issued() -> RegisterEntry:
    person = factories.PersonFactory(full_name=NAME)
    return factories.filed_certificate(person=person).entries.get(kind=Kind.ISSUE)


@pytest.fixture
def ask() -> Ask:
    """Ask from outside: no account, no cookie, no token, and CSRF checked as for a browser."""
    client = Client(enforce_csrf_checks=True)

    def send(**content: Any) -> Any:
        return client.post("/api/v1/certificates/look-up/", content, "application/json")

    return send


def told(entry: RegisterEntry) -> dict[str, Any]:
    frozen = entry.content
    return {
        "status": "valid",
        "full_name": NAME,
        "course_title": frozen["course_title"],
        "number": frozen["number"],
        "issued_on": frozen["issued_on"],
        "issuing_body": frozen["issuing_body"],
        "decision": "",
        "decided_on": None,
        "successor": "",
        "valid_until": None,
        "entered_on": None,
    }


@pytest.mark.parametrize("full_name", [NAME, "nguyen thi anh duc", "  NGUYỄN THỊ ÁNH ĐỨC "])
def test_number_and_name_find_it(ask: Ask, issued: RegisterEntry, full_name: str) -> None:
    answer = ask(number=issued.number, full_name=full_name)
    assert (answer.status_code, answer.json()) == (200, told(issued))


def test_the_text_of_the_qr_finds_it_whole_or_in_part(ask: Ask, issued: RegisterEntry) -> None:
    address = filing.qr_address(issued)
    for text in (address, address.lower(), address.rsplit("/T/")[1]):
        answer = ask(qr=text)
        assert (answer.status_code, answer.json()) == (200, told(issued))


def test_a_wrong_name_and_a_wrong_number_are_answered_alike(
    ask: Ask, issued: RegisterEntry
) -> None:
    wrong_name = ask(number=issued.number, full_name="Kẻ Gian")
    wrong_number = ask(number="9999/2026/KH", full_name=NAME)
    assert wrong_name.status_code == wrong_number.status_code == 404
    assert wrong_name.content == wrong_number.content
    assert wrong_name.json()["code"] == "not_found"
    assert issued.content["course_title"] not in wrong_name.text


def test_a_forged_qr_is_called_so(ask: Ask, issued: RegisterEntry) -> None:
    forged = payload.encode(
        number=issued.number or "",
        full_name=NAME,
        issued_on=date(2026, 11, 20),
        course_code="ISO9001",
        register_code=issued.register.code,
        private_key=Ed25519PrivateKey.generate(),
        key_id=keys.signing_key()[0],
    )
    for text in (forged, "HTTPS://ISO.VN/T/A7A7", "x", "A" * 3999):
        answer = ask(qr=text)
        assert (answer.status_code, answer.json()["code"]) == (404, "forged")


@pytest.mark.parametrize(
    ("kind", "status"),
    [(Kind.REVOKE, "revoked"), (Kind.VOID, "voided"), (Kind.CORRECT, "superseded")],
)
def test_it_tells_the_status_and_the_decision(
    ask: Ask, issued: RegisterEntry, kind: RegisterEntry.Kind, status: str
) -> None:
    later = decide(issued, kind)
    issuing.issue(certificate_id=later.certificate_id, at=timezone.now())  # a new number's paper
    for answer in (
        ask(number=issued.number, full_name=NAME),
        ask(qr=filing.qr_address(issued)),
    ):
        assert answer.json() == told(issued) | {
            "status": status,
            "decision": "12/QĐ-SKHCN",
            "decided_on": timezone.localdate().isoformat(),
            "successor": later.number or "",
        }


def test_others_with_the_same_number_and_name_are_told_the_one_that_stands_last(
    ask: Ask,
) -> None:
    one, two = factories.twins(NAME)
    decide(one, Kind.REVOKE)
    answer = ask(number=one.number, full_name=NAME).json()
    assert answer["status"] == "revoked"
    assert answer["issuing_body"] == one.content["issuing_body"]
    assert answer["others"] == [told(two)]
    assert ask(qr=filing.qr_address(two)).json() == told(two)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"number": "1"},
        {"full_name": NAME},
        {"qr": "A", "number": "1", "full_name": NAME},
        {"qr": ""},
        {"number": "1" * 61, "full_name": NAME},
        {"number": ["1"], "full_name": {}},
    ],
)
def test_what_asks_for_neither_is_refused(ask: Ask, content: dict[str, Any]) -> None:
    answer = ask(**content)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_nobody_walks_through_the_numbers_here_or_by_turns_with_the_page(
    ask: Ask, issued: RegisterEntry
) -> None:
    page = Client()
    for number in range(15):
        assert ask(number=f"{number}/2026/KH", full_name=NAME).status_code == 404
        asked = {"number": f"{number}/2026/KH", "full_name": NAME}
        assert page.get("/tra-cuu/", asked).status_code == 404
    answer = ask(number=issued.number, full_name=NAME)
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert int(answer.headers["Retry-After"]) > 0


def test_it_lists_nothing(ask: Ask) -> None:
    assert Client().get("/api/v1/certificates/look-up/").status_code == 405
    assert Client().get("/api/v1/certificates/").status_code == 404


def test_no_search_engine_and_no_cache_keeps_an_answer(ask: Ask, issued: RegisterEntry) -> None:
    for answer in (
        ask(number=issued.number, full_name=NAME),
        ask(number="0", full_name=NAME),
        ask(),
    ):
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "no-store" in answer.headers["Cache-Control"]
