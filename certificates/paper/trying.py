"""Trying a design out with the longest plausible texts, before any certificate takes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from certificates.paper import wording
from certificates.paper.rendering import Design, Document
from certificates.proof import payload

DOTS_PER_INCH = 96
WATERMARKS = {"vi": "MẪU", "en": "SPECIMEN"}

# Long names as they occur, not as a form would allow them.
_LONGEST: dict[str, Any] = {
    "full_name": "Công Tằng Tôn Nữ Hoàng Thị Diễm Phương Quỳnh Anh",
    "date_of_birth": "1989-09-28",
    "workplace": "Phòng Nông nghiệp và Phát triển nông thôn, Ủy ban nhân dân huyện Khánh Sơn, tỉnh"
    " Khánh Hòa, đầu mối hệ thống quản lý chất lượng",
    "course_title": "Chuyên gia đánh giá nội bộ hệ thống quản lý chất lượng theo tiêu chuẩn quốc"
    " gia TCVN ISO 9001:2015 tại các cơ quan hành chính nhà nước tỉnh Khánh Hòa",
    "course_code": "ĐGVNB-2015",
    "hours": 120,
    "starts_on": "2026-09-28",
    "ends_on": "2026-11-29",
    "result": "Trung bình khá",
    "place": "Thành phố Nha Trang",
    "issued_on": "2026-11-29",
    "parent_body": "Ủy ban nhân dân tỉnh Khánh Hòa",
    "issuing_body": "Trung tâm Ứng dụng tiến bộ khoa học và công nghệ",
    "signer_authority": "TUQ. CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH",
    "signer_title": "Phó Giám đốc Sở Khoa học và Công nghệ",
    "signer_name": "Nguyễn Trương Hoàng Phương Nghiêm",
    "number": "12345/2026/ĐGVNB-KH",
    "register_entry_number": "12345/2026",
    "standard_edition": "TCVN ISO/IEC 17025:2017",
    "signed": True,
}


@dataclass(frozen=True)
class Trial:
    """The picture of the paper (PNG), and what does not fit, in words."""

    png: bytes
    problems: list[str]


def try_out(*, design: Design, language: str, problems: Iterable[str] = ()) -> Trial:
    """Draw the longest plausible certificate; ``problems`` are those known already, which spare
    the search for others. Raises RenderingError where nothing can be drawn."""
    document = _document(design, language)
    png = document.png(dots_per_inch=DOTS_PER_INCH)
    return Trial(png, list(problems) or document.problems())


def problems(*, design: Design, language: str) -> list[str]:
    """What does not fit, in words with the names of the fields."""
    return _document(design, language).problems()


def specimen(*, design: Design, language: str) -> bytes:
    """The longest plausible certificate as PDF. Raises RenderingError."""
    return _document(design, language).pdf()


def refuse_too_long(*, content: Mapping[str, Any], design: Design | None) -> None:
    """Raise RenderingError where a text is longer than any that the design was tried with, and
    does not fit: said before a number is taken. What is shorter costs nothing here."""
    if design is None or not any(
        len(str(content[name] or "")) > len(str(longest))
        for name, longest in _LONGEST.items()
        if name in content
    ):
        return
    tried = {"number": _LONGEST["number"], "register_entry_number": "12345/2026"}
    address = _address(content["full_name"], content["course_code"])
    Document(content={**content, **tried}, qr_address=address, design=design).pdf()


def content(language: str) -> dict[str, Any]:
    """The longest plausible content of a certificate."""
    of_signature = max(wording.SIGNATURES[language].values(), key=len)
    later = {"language": language, "valid_until": "2028-12-31", "replaces": _LONGEST["number"]}
    return _LONGEST | {
        "language": language,
        "title": wording.TITLES[language],
        "form_of_study": max(wording.FORMS_OF_STUDY[language].values(), key=len),
        "notice": wording.notice(later, of_signature.format(by=_LONGEST["issuing_body"])),
    }


def _document(design: Design, language: str) -> Document:
    return Document(
        content=content(language),
        qr_address=_address(_LONGEST["full_name"], _LONGEST["course_code"]),
        watermark=WATERMARKS[language],
        design=design,
    )


@lru_cache(maxsize=8)
def _address(full_name: str, course_code: str) -> str:
    """As long as a real one; the key is nobody's, so that it proves nothing."""
    signed = payload.encode(
        number=_LONGEST["number"],
        full_name=full_name,
        issued_on=date.fromisoformat(_LONGEST["issued_on"]),
        course_code=course_code,
        register_code="ĐGVNB-KH",
        private_key=Ed25519PrivateKey.from_private_bytes(bytes(32)),
        key_id=1,
    )
    return f"{settings.PUBLIC_URL.upper()}/T/{signed}"
