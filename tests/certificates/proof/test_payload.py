import base64
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from certificates.proof.payload import PURPOSE, InvalidPayload, Payload, decode, encode

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {1: KEY.public_key()}

ORDINARY: dict[str, Any] = {
    "number": "0001/2026/ĐGVNB-KH",
    "full_name": "Nguyễn Thị Minh Khai",
    "issued_on": date(2026, 11, 20),
    "course_code": "ĐGVNB-2015",
    "register_code": "ĐGVNB-KH",
}


def signed(**changes: Any) -> str:
    return encode(**{**ORDINARY, **changes}, private_key=KEY, key_id=1)


def as_text(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


def as_bytes(text: str) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % 8))


def with_signature(body: bytes) -> str:
    return as_text(body + KEY.sign(PURPOSE + body))


def test_what_was_encoded_is_read_back() -> None:
    assert decode(signed(), public_keys=KEYS) == Payload(**ORDINARY, key_id=1)


def test_the_text_fits_the_alphanumeric_mode_of_a_qr_symbol_without_padding() -> None:
    assert set(signed()) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_a_reader_that_returns_small_letters_does_no_harm() -> None:
    assert decode(signed().lower(), public_keys=KEYS).full_name == ORDINARY["full_name"]


@pytest.mark.parametrize(
    "full_name",
    [
        "Nguyễn Thị Minh Khai",
        "Nguyễn Trần Thị Phương Thảo",
        "Công Tằng Tôn Nữ Diễm Phương",
        "H'Rôda Niê Kđăm",
        "Vũ An",
    ],
)
def test_an_ordinary_name_takes_at_most_160_bytes(full_name: str) -> None:
    assert len(as_bytes(signed(full_name=full_name))) <= 160


def test_a_long_name_is_never_cut() -> None:
    name = "Nguyễn Phúc " * 25
    assert decode(signed(full_name=name), public_keys=KEYS).full_name == name


@given(
    number=st.text(max_size=60),
    full_name=st.text(max_size=300),
    issued_on=st.dates(min_value=date(2000, 1, 1), max_value=date(2179, 6, 6)),
    course_code=st.text(max_size=20),
    register_code=st.text(max_size=20),
)
def test_any_text_and_date_survive(
    number: str, full_name: str, issued_on: date, course_code: str, register_code: str
) -> None:
    fields: dict[str, Any] = {
        "number": number,
        "full_name": full_name,
        "issued_on": issued_on,
        "course_code": course_code,
        "register_code": register_code,
    }
    assert decode(signed(**fields), public_keys=KEYS) == Payload(**fields, key_id=1)


def test_one_changed_bit_anywhere_is_found() -> None:
    raw = as_bytes(signed())
    for position in range(len(raw)):
        for bit in range(8):
            forged = bytearray(raw)
            forged[position] ^= 1 << bit
            with pytest.raises(InvalidPayload):
                decode(as_text(bytes(forged)), public_keys=KEYS)


def test_a_payload_cut_or_continued_anywhere_is_refused() -> None:
    text = signed()
    for end in range(len(text)):
        with pytest.raises(InvalidPayload):
            decode(text[:end], public_keys=KEYS)
    for more in ("A", "AA", "=", "======", " ", "\n"):
        with pytest.raises(InvalidPayload):
            decode(text + more, public_keys=KEYS)


def test_bits_left_over_by_base32_are_not_a_second_spelling() -> None:
    text = next(t for n in range(20) if len(t := signed(full_name="a" * n)) % 8)
    twin = text[:-1] + chr(ord(text[-1]) + 1)
    assert as_bytes(twin) == as_bytes(text)
    with pytest.raises(InvalidPayload):
        decode(twin, public_keys=KEYS)


def test_another_key_under_the_same_id_is_a_forgery() -> None:
    stranger = {1: Ed25519PrivateKey.generate().public_key()}
    with pytest.raises(InvalidPayload):
        decode(signed(), public_keys=stranger)


def test_a_key_id_that_is_not_known_is_refused() -> None:
    with pytest.raises(InvalidPayload):
        decode(signed(), public_keys={2: KEY.public_key()})


def test_a_signature_made_for_another_purpose_does_not_count() -> None:
    body = as_bytes(signed())[:-64]
    with pytest.raises(InvalidPayload):
        decode(as_text(body + KEY.sign(body)), public_keys=KEYS)
    assert decode(with_signature(body), public_keys=KEYS).number == ORDINARY["number"]


@pytest.mark.parametrize(
    "body",
    [
        b"\x02\x01\x00\x00" + b"\x00\x00" * 4,
        b"\x01\x01\x00\x00" + b"\x00\x00" * 3,
        b"\x01\x01\x00\x00" + b"\x00\x00" * 5,
        b"\x01\x01\x00\x00" + b"\x00\x00" * 3 + b"\x00\x09short",
        b"\x01\x01\x00\x00" + b"\x00\x00" * 3 + b"\x00",
        b"\x01\x01\x00\x00" + b"\x00\x00" * 3 + b"\x00\x01\xff",
        b"\x01\x01\x00",
        b"",
    ],
)
def test_a_wrong_form_is_refused_even_under_a_genuine_signature(body: bytes) -> None:
    with pytest.raises(InvalidPayload):
        decode(with_signature(body), public_keys=KEYS)


@given(st.text(max_size=400) | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=", max_size=400))
def test_any_other_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(InvalidPayload):
        decode(text, public_keys=KEYS)


def test_a_text_longer_than_any_symbol_is_refused() -> None:
    with pytest.raises(InvalidPayload):
        decode("A" * 10_000_000, public_keys=KEYS)


@pytest.mark.parametrize(
    ("change", "key_id"),
    [
        ({"issued_on": date(1999, 12, 31)}, 1),
        ({"issued_on": date(2180, 1, 1)}, 1),
        ({"full_name": "x" * 65_536}, 1),
        ({}, 256),
        ({}, -1),
    ],
)
def test_what_the_form_cannot_hold_is_not_encoded(change: Any, key_id: int) -> None:
    with pytest.raises(ValueError, match="QR payload"):
        encode(**{**ORDINARY, **change}, private_key=KEY, key_id=key_id)
