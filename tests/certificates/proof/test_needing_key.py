"""What is said where the register's key is gone: never that a genuine certificate is forged."""

import base64
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.issue import filing
from certificates.models import RegisterEntry
from certificates.proof import keys
from tests import factories

pytestmark = pytest.mark.django_db

ANOTHER = base64.b64encode(b"\x09" * 32).decode()
BROKEN = "no key at all"


@pytest.fixture
def entry(settings: Any) -> RegisterEntry:
    settings.REGISTER_SIGNING_KEY = base64.b64encode(bytes(range(32))).decode()
    settings.PUBLIC_URL = "https://iso.khanhhoa.gov.vn"
    return factories.filed_certificate().entries.get(kind="issue")


@pytest.fixture
def qr(entry: RegisterEntry) -> str:
    return filing.qr_address(entry).rsplit("/", 1)[-1]


@pytest.mark.parametrize("key", [ANOTHER, BROKEN])
@pytest.mark.parametrize("name", ["look_up_qr", "card", "public_keys", "key_set", "public_key"])
def test_what_needs_the_key_says_that_it_cannot_be_checked(
    client: Client, settings: Any, qr: str, name: str, key: str
) -> None:
    of = {"look_up_qr": [qr], "card": [qr], "public_key": [1]}
    address = reverse(f"certificates:{name}", args=of.get(name, []))
    assert client.get(address).status_code == 200
    settings.REGISTER_SIGNING_KEY = key
    answer = client.get(address, headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "không nói lên điều gì về giấy chứng nhận" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("key", [ANOTHER, BROKEN])
def test_the_api_says_so_too_and_still_answers_number_and_name(
    client: Client, settings: Any, entry: RegisterEntry, qr: str, key: str
) -> None:
    settings.REGISTER_SIGNING_KEY = key
    address = reverse("api:look_up")
    asked = client.post(address, {"qr": qr}, content_type="application/json")
    assert (asked.status_code, asked.json()["code"]) == (503, "key_unusable")
    known = {"number": entry.number, "full_name": entry.content["full_name"]}
    found = client.post(address, known, content_type="application/json")
    assert (found.status_code, found.json()["status"]) == (200, "valid")


@pytest.mark.parametrize("key", [ANOTHER, BROKEN])
def test_the_holder_still_gets_the_file_but_no_address_that_would_not_hold(
    client: Client, settings: Any, entry: RegisterEntry, key: str
) -> None:
    certificate = entry.certificate
    client.force_login(factories.UserFactory(person=certificate.person))
    address = reverse("certificates:certificate", args=[certificate.public_id])
    assert "/T/" in client.get(address).text
    settings.REGISTER_SIGNING_KEY = key
    answer = client.get(address)
    assert answer.status_code == 200
    assert "/T/" not in answer.text
    assert reverse("certificates:download", args=[certificate.public_id]) in answer.text


def test_a_key_whose_first_use_is_a_credential_is_not_replaced_under_its_id(
    client: Client, settings: Any, entry: RegisterEntry
) -> None:
    settings.REGISTER_PUBLIC_KEYS = {
        key_id: base64.b64encode(key.public_bytes_raw()).decode()
        for key_id, key in keys.public_keys().items()
    }
    settings.REGISTER_SIGNING_KEY_ID = 2
    settings.REGISTER_SIGNING_KEY = base64.b64encode(b"\x07" * 32).decode()
    client.force_login(factories.UserFactory(person=entry.certificate.person))
    address = reverse("certificates:credential", args=[entry.certificate.public_id])
    assert client.get(address).status_code == 200
    settings.REGISTER_SIGNING_KEY = ANOTHER
    assert client.get(address).status_code == 503
