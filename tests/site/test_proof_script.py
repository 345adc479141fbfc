"""The reader of QR payloads in a real browser agrees with the one on the server."""

import base64
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page

from certificates.proof import payload
from tests.site.answering import Server

pytestmark = pytest.mark.browser

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
FIELDS: dict[str, Any] = {
    "number": "0001/2026/ĐGVNB-KH",
    "full_name": "Nguyễn Thị Ánh Đức",
    "issued_on": date(2026, 11, 20),
    "course_code": "ĐGVNB-2015",
    "register_code": "DGVNB-KH",
}
READ = """async ([texts, keys]) => {
  const { read } = await import("/static/site/proof/payload.js");
  return Promise.all(texts.map((text) => read(text, keys)));
}"""


def jwk(private: Ed25519PrivateKey, key_id: int = 1, **more: Any) -> dict[str, Any]:
    x = base64.urlsafe_b64encode(private.public_key().public_bytes_raw()).decode().rstrip("=")
    kid = f"https://iso.example.vn/khoa-cong-khai/{key_id}.json"
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": x, "kid": kid, **more}


def signed(**changes: Any) -> str:
    return payload.encode(**{**FIELDS, **changes}, private_key=KEY, key_id=1)


def as_text(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


@pytest.fixture
def read(page: Page, server: Server) -> Any:
    page.goto(f"{server.url}/elsewhere")

    def ask(*texts: str, keys: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
        asked = [list(texts), [jwk(KEY)] if keys is None else keys]
        answers: list[dict[str, Any]] = page.evaluate(READ, asked)
        return answers

    return ask


def test_what_the_server_signs_the_browser_reads_in_either_case(read: Any) -> None:
    names = [FIELDS["full_name"], "H'Rôda Niê Kđăm", "Vũ An", "Nguyễn Phúc " * 25, "a", "ab", "abc"]
    texts = [signed(full_name=name) for name in names]
    expected = [
        FIELDS | {"verdict": "genuine", "issued_on": "2026-11-20", "full_name": name}
        for name in names
    ]
    assert read(*texts) == expected
    assert read(*[text.lower() for text in texts]) == expected


def test_dates_from_first_to_last_are_read(read: Any) -> None:
    days = [date(2000, 1, 1), date(2028, 2, 29), date(2179, 6, 6)]
    found = read(*[signed(issued_on=day) for day in days])
    assert [one["issued_on"] for one in found] == [day.isoformat() for day in days]


def test_one_changed_bit_anywhere_is_found(read: Any) -> None:
    raw = base64.b32decode(signed() + "=" * (-len(signed()) % 8))
    forged = []
    for position in range(len(raw)):
        changed = bytearray(raw)
        changed[position] ^= 1 << position % 8
        forged.append(as_text(bytes(changed)))
    verdicts = [one["verdict"] for one in read(*forged)]
    assert len(verdicts) == len(raw)
    assert "genuine" not in verdicts
    assert verdicts[0] == "unreadable"  # another version
    assert verdicts[1] == "unknown"  # another key
    assert set(verdicts[2:]) == {"forged"}


def test_a_payload_cut_continued_or_spelt_otherwise_is_not_genuine(read: Any) -> None:
    text = next(t for n in range(20) if len(t := signed(full_name="a" * n)) % 8)
    twin = text[:-1] + chr(ord(text[-1]) + 1)
    texts = [twin, text[:-1], text[:20], "", "A", text + "A", text + "=", text + "\n", "Ă" * 200]
    for one in read(*texts):
        assert one["verdict"] in {"unreadable", "forged"}


def test_another_key_under_the_same_id_makes_a_forgery(read: Any) -> None:
    assert read(signed(), keys=[jwk(OTHER)]) == [{"verdict": "forged"}]


def test_a_key_that_is_not_published_is_unknown(read: Any) -> None:
    assert read(signed(), keys=[jwk(KEY, 11), jwk(KEY, 2)]) == [{"verdict": "unknown"}]
    assert read(signed(), keys=[]) == [{"verdict": "unknown"}]


def test_a_retired_key_counts_until_its_last_day(read: Any) -> None:
    # 21 November 2026, midnight in Vietnam: the 20th was the last day.
    retired = jwk(KEY, exp=1_795_194_000)
    texts = [signed(issued_on=date(2026, 11, day)) for day in (19, 20, 21)]
    verdicts = [one["verdict"] for one in read(*texts, keys=[retired])]
    assert verdicts == ["genuine", "genuine", "forged"]


def test_a_wrong_form_is_refused_even_under_a_genuine_signature(read: Any) -> None:
    bodies = [
        b"\x01\x01\x00\x00" + b"\x00\x00" * 3,
        b"\x01\x01\x00\x00" + b"\x00\x00" * 5,
        b"\x01\x01\x00\x00" + b"\x00\x00" * 3 + b"\x00\x09short",
        b"\x01\x01\x00\x00" + b"\x00\x00" * 3 + b"\x00",
        b"\x01\x01\x00\x00" + b"\x00\x00" * 3 + b"\x00\x01\xff",
    ]
    texts = [as_text(body + KEY.sign(payload.PURPOSE + body)) for body in bodies]
    assert [one["verdict"] for one in read(*texts)] == ["unreadable"] * len(bodies)


def test_a_browser_without_ed25519_says_so(page: Page, read: Any) -> None:
    page.evaluate(
        """() => {
          crypto.subtle.importKey = () =>
            Promise.reject(new DOMException("Unrecognized name", "NotSupportedError"));
        }"""
    )
    assert read(signed()) == [{"verdict": "unsupported"}]
