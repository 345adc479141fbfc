"""The page that checks a QR without a network, and the worker that keeps it on the device."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from certificates.issue import filing
from tests import factories

pytestmark = pytest.mark.django_db


def kept(worker: str) -> list[str]:
    (listed,) = re.findall(r"^self\.KEPT = (.*);$", worker, re.MULTILINE)
    found: list[str] = json.loads(listed)
    return found


def test_all_that_the_worker_keeps_can_be_had(client: Client) -> None:
    answer = client.get("/T/worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    addresses = kept(answer.text)
    assert "/T/" in addresses
    assert "/khoa-cong-khai/jwks.json" in addresses
    (imported,) = re.findall(r'^importScripts\("(.*)"\);$', answer.text, re.MULTILINE)
    for address in [*addresses, imported]:
        assert client.get(address).status_code == 200, address


def test_all_that_the_page_loads_is_kept(client: Client) -> None:
    addresses = kept(client.get("/T/worker.js").text)
    page = client.get("/T/").text
    loaded = re.findall(r'(?:<script[^>]* src|<link[^>]* href)="([^"]+)"', page)
    assert loaded
    assert set(loaded) <= set(addresses)


def test_the_kept_page_tells_nothing_of_an_account(client: Client) -> None:
    anonymous = client.get("/T/").text
    user = factories.UserFactory(person=factories.PersonFactory(full_name="Trần Văn Kín"))
    client.force_login(user)
    assert client.get("/T/").text == anonymous
    assert "csrf" not in anonymous


def test_another_language_makes_another_worker(client: Client) -> None:
    vietnamese = client.get("/T/worker.js").text
    client.cookies["django_language"] = "en"
    english = client.get("/T/worker.js").text
    assert english != vietnamese
    assert kept(english) == kept(vietnamese)


def test_no_search_engine_lists_it(client: Client) -> None:
    assert client.get("/T/").headers["X-Robots-Tag"] == "noindex"


def test_the_page_of_a_qr_prepares_for_the_next_one(client: Client) -> None:
    entry: Any = factories.filed_certificate().entries.get(kind="issue")
    page = client.get("/T/" + filing.qr_address(entry).rsplit("/T/")[1]).text
    assert 'data-worker-url="/T/worker.js"' in page
    assert "data-proof" not in client.get("/tra-cuu/").text
