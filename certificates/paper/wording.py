"""What a certificate says, in the words of its language, from its frozen content."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from vietnamese.dates import date_in_words

_MONTHS = (
    "January February March April May June July August September October November December"
).split()

# What is frozen in words of the paper's language, whatever language the worker runs in.
TITLES = {"vi": "GIẤY CHỨNG NHẬN", "en": "CERTIFICATE OF COMPLETION"}
NUMBERS = {"vi": "Số {number}", "en": "No. {number}"}
FORMS_OF_STUDY = {
    "vi": {"online": "Trực tuyến", "in_person": "Trực tiếp", "blended": "Kết hợp"},
    "en": {"online": "Online", "in_person": "In person", "blended": "Blended"},
}
SIGNATURES = {
    "vi": {
        "test": "BẢN THỬ (TEST): chữ ký số của “{by}” chỉ để thử, không có giá trị pháp lý.",
        "server": "Bản điện tử có chữ ký số của {by}; tra cứu bằng mã QR để xác nhận giá trị.",
        "outside": (
            "Bản điện tử chỉ có giá trị khi có chữ ký số của {by}; tra cứu bằng mã QR để xác nhận."
        ),
        "unsigned": "Bản điện tử chưa ký số; tra cứu bằng mã QR để xác nhận giá trị.",
    },
    "en": {
        "test": "TEST: the digital signature of “{by}” is for trial only, without legal value.",
        "server": "Electronic copy with the digital signature of {by}; verify it by the QR code.",
        "outside": (
            "The electronic copy counts only with the digital signature of {by};"
            " verify it by the QR code."
        ),
        "unsigned": "Electronic copy without a digital signature; verify it by the QR code.",
    },
}
_UNTIL = {"vi": "Có giá trị đến ngày {day}.", "en": "Valid until {day}."}
_REPLACES = {
    "vi": "Thay thế Giấy chứng nhận số {number}.",
    "en": "It replaces certificate no. {number}.",
}


def notice(content: Mapping[str, Any], of_signature: str) -> str:
    """What stands at the foot of the paper: first what it says of its signature."""
    language, said = content["language"], [of_signature]
    if until := content.get("valid_until"):
        said.append(_UNTIL[language].format(day=day(until, language == "en")))
    if replaced := content.get("replaces"):
        said.append(_REPLACES[language].format(number=replaced))
    return " ".join(said)


def values(content: Mapping[str, Any]) -> dict[str, str | None]:
    """What each data field of a layout shows (``layout.DATA``); None where there is nothing."""
    english = content["language"] == "en"
    hours = content["hours"]
    shown: dict[str, str | None] = {
        key: content[key]
        for key in (
            "title",
            "full_name",
            "workplace",
            "course_title",
            "form_of_study",
            "standard_edition",
            "result",
            "number",
            "register_entry_number",
            "parent_body",
            "issuing_body",
            "signer_authority",
            "signer_title",
            "signer_name",
            "notice",
        )
    }
    born = content["date_of_birth"]
    return shown | {
        "date_of_birth": day(born, english) if born else None,
        "hours": None if hours is None else f"{hours} {'hours' if english else 'giờ'}",
        "period": _period(content["starts_on"], content["ends_on"], english),
        "place_and_date": _place_and_date(content["place"], content["issued_on"], english),
    }


def day(iso: str, english: bool = False) -> str:
    """A birth date may be known to the month or the year only ("1965-03", "1965")."""
    parts = iso.split("-")
    if not english:
        return "/".join(reversed(parts))
    named = [*parts[:1], *(_MONTHS[int(month) - 1] for month in parts[1:2])]
    return " ".join(reversed([*named, *(str(int(day)) for day in parts[2:3])]))


def _period(start: str | None, end: str | None, english: bool) -> str | None:
    on, first, last = ("On", "From", "to") if english else ("Ngày", "Từ ngày", "đến ngày")
    if start and end and start != end:
        return f"{first} {day(start, english)} {last} {day(end, english)}"
    only = end or start
    return f"{on} {day(only, english)}" if only else None


def _place_and_date(place: str, iso: str, english: bool) -> str:
    if english:
        return f"{place}, {day(iso, english)}"
    return f"{place}, {date_in_words(date.fromisoformat(iso))}"
