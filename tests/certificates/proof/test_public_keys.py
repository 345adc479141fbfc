"""The published keys, and putting a new one in: what an old key has signed stays genuine."""

import base64
import hashlib
import io
import json
import shutil
import subprocess
from datetime import date, timedelta
from typing import Any

import environ
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from PIL import Image

from certificates.issue import filing
from certificates.models import RegisterEntry
from certificates.proof import keys, payload
from tests import factories

pytestmark = pytest.mark.django_db

OLD = bytes(range(32))


def public_of(private: bytes) -> str:
    key = Ed25519PrivateKey.from_private_bytes(private).public_key()
    return base64.b64encode(key.public_bytes_raw()).decode()


@pytest.fixture
def visitor(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture(autouse=True)
def one_key(settings: Any) -> None:
    settings.REGISTER_SIGNING_KEY = base64.b64encode(OLD).decode()
    settings.REGISTER_SIGNING_KEY_ID = 1
    settings.REGISTER_PUBLIC_KEYS = {}
    settings.PUBLIC_URL = "https://iso.khanhhoa.gov.vn"


def rotate(settings: Any, last_day: date | None = None) -> None:
    """Key 2 signs from now on; key 1 is retired."""
    settings.REGISTER_SIGNING_KEY = base64.b64encode(b"\x02" * 32).decode()
    settings.REGISTER_SIGNING_KEY_ID = 2
    settings.REGISTER_PUBLIC_KEYS = {1: public_of(OLD) + (f"@{last_day}" if last_day else "")}


def issued() -> RegisterEntry:
    return factories.filed_certificate().entries.get(kind="issue")


def text_of(entry: RegisterEntry) -> str:
    return filing.qr_address(entry).rsplit("/T/")[1]


# --- The QR of a real certificate -----------------------------------------------------------------


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils is not installed")
def test_the_printed_symbol_says_the_address_that_shows_the_certificate(visitor: Client) -> None:
    entry = issued()
    with filing.storage().open(filing.filed_name(entry)) as file:
        drawn = subprocess.run(
            ["pdftoppm", "-png", "-r", "150", "-"],
            input=file.read(),
            capture_output=True,
            check=True,
        )
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(drawn.stdout)))
    host, text = code.text.split("/T/")
    assert host == "HTTPS://ISO.KHANHHOA.GOV.VN"
    answer = visitor.get(f"/T/{text}")
    assert "The certificate is valid." in answer.text
    assert len(base64.b32decode(text + "=" * (-len(text) % 8))) <= 160


# --- What is published ----------------------------------------------------------------------------


def test_the_key_set_verifies_a_qr_without_asking_us(visitor: Client) -> None:
    text = text_of(issued())
    (key,) = visitor.get("/khoa-cong-khai/jwks.json").json()["keys"]
    assert (key["kty"], key["crv"], key["alg"]) == ("OKP", "Ed25519", "EdDSA")
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    assert payload.decode(text, public_keys={1: public}).key_id == 1


def test_each_key_can_be_read_at_the_address_that_is_its_id(visitor: Client, settings: Any) -> None:
    rotate(settings, last_day=date(2027, 3, 1))
    told = visitor.get("/khoa-cong-khai/jwks.json").json()["keys"]
    assert [key["kid"].rsplit("/", 1)[1] for key in told] == ["1.json", "2.json"]
    for key in told:
        path = key["kid"].removeprefix("https://iso.khanhhoa.gov.vn")
        assert visitor.get(path).json() == key
    # The first second of the day after, in Vietnam.
    assert told[0]["exp"] == 1_803_920_400
    assert "exp" not in told[1]
    assert visitor.get("/khoa-cong-khai/3.json").status_code == 404


def test_the_issuer_of_a_register_names_the_keys_that_speak_for_it(
    visitor: Client, settings: Any
) -> None:
    register = factories.RegisterFactory(issuing_body="Sở Khoa học và Công nghệ Khánh Hòa")
    rotate(settings)
    told = visitor.get(f"/don-vi-cap/{register.code}.json").json()
    assert told["id"] == f"https://iso.khanhhoa.gov.vn/don-vi-cap/{register.code}.json"
    assert told["name"] == "Sở Khoa học và Công nghệ Khánh Hòa"
    methods = [method["id"] for method in told["verificationMethod"]]
    assert told["assertionMethod"] == methods
    assert len(methods) == 2
    assert visitor.get("/don-vi-cap/KHONG-CO.json").status_code == 404


def test_any_site_may_read_them_and_no_private_part_is_among_them(visitor: Client) -> None:
    for path in ("/khoa-cong-khai/jwks.json", "/khoa-cong-khai/1.json"):
        answer = visitor.get(path)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert '"d"' not in answer.text
        assert base64.urlsafe_b64encode(OLD).decode().rstrip("=") not in answer.text


def test_people_see_each_key_its_fingerprint_and_its_time(visitor: Client, settings: Any) -> None:
    rotate(settings, last_day=date(2027, 3, 1))
    page = visitor.get("/khoa-cong-khai/")
    assert "Signs now" in page.text
    assert "Signed until 01/03/2027" in page.text
    assert public_of(OLD) in page.text
    x = base64.urlsafe_b64encode(base64.b64decode(public_of(OLD))).decode().rstrip("=")
    essence = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"))
    digest = hashlib.sha256(essence.encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") in page.text


# --- Rotation -------------------------------------------------------------------------------------


def test_after_a_new_key_what_the_old_one_signed_is_still_found(
    visitor: Client, settings: Any
) -> None:
    entry = issued()
    old = text_of(entry)
    rotate(settings, last_day=timezone.localdate())
    new = text_of(entry)
    assert new != old
    for text in (old, new):
        assert "The certificate is valid." in visitor.get(f"/T/{text}").text


def test_what_a_retired_key_signs_with_a_later_date_is_called_forged(
    visitor: Client, settings: Any
) -> None:
    entry = issued()
    text = text_of(entry)
    rotate(settings, last_day=date.fromisoformat(entry.content["issued_on"]) - timedelta(days=1))
    answer = visitor.get(f"/T/{text}")
    assert answer.status_code == 404
    assert "This QR does not come from our register." in answer.text


def test_a_key_that_is_published_no_longer_proves_nothing(visitor: Client, settings: Any) -> None:
    text = text_of(issued())
    rotate(settings)
    settings.REGISTER_PUBLIC_KEYS = {}
    assert visitor.get(f"/T/{text}").status_code == 404


def test_the_command_tells_the_settings_that_put_a_new_key_in(
    visitor: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, said = text_of(issued()), io.StringIO()
    call_command("register_keys", rotate=True, stdout=said)
    for line in said.getvalue().splitlines():
        name, _equals, value = line.partition("=")
        monkeypatch.setenv(name, value)
    env = environ.Env()
    settings.REGISTER_SIGNING_KEY = env("REGISTER_SIGNING_KEY")
    settings.REGISTER_SIGNING_KEY_ID = env.int("REGISTER_SIGNING_KEY_ID")
    settings.REGISTER_PUBLIC_KEYS = env.dict("REGISTER_PUBLIC_KEYS")
    old, new = keys.published().values()
    assert (old.key_id, old.signs, old.last_day) == (1, False, timezone.localdate())
    assert (new.key_id, new.signs) == (2, True)
    assert "The certificate is valid." in visitor.get(f"/T/{text}").text


def test_the_command_tells_the_keys_and_no_secret(settings: Any) -> None:
    rotate(settings, last_day=date(2027, 3, 1))
    said = io.StringIO()
    call_command("register_keys", stdout=said)
    first, second = said.getvalue().splitlines()
    assert first.startswith(f"1: {public_of(OLD)}")
    assert first.endswith("signed until 2027-03-01")
    assert second.endswith("signs now")
    assert settings.REGISTER_SIGNING_KEY not in said.getvalue()
