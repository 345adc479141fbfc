"""The register book (sổ gốc) of a year: every decision in the order of its entry number.

The book is in Vietnamese whatever language the officer reads.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby, islice

from django.db.models import Count, QuerySet
from django.utils import timezone

from certificates.models import Register, RegisterEntry
from certificates.register import validity
from certificates.register.validity import Status

CHUNK = 500
VOLUME = 1000  # entries of one PDF
COLUMNS = (
    "Số vào sổ",
    "Số hiệu",
    "Họ và tên",
    "Ngày sinh",
    "Đơn vị công tác",
    "Khóa đào tạo",
    "Ngày vào sổ",
    "Nội dung",
    "Quyết định",
    "Tình trạng",
)
KINDS = {
    RegisterEntry.Kind.ISSUE: "Cấp",
    RegisterEntry.Kind.CORRECT: "Chỉnh sửa, thay thế số",
    RegisterEntry.Kind.REISSUE: "Cấp lại, thay thế số",
    RegisterEntry.Kind.RENEW: "Gia hạn, thay thế số",
    RegisterEntry.Kind.REVOKE: "Thu hồi số",
    RegisterEntry.Kind.VOID: "Hủy bỏ số",
}
STATUSES = {
    Status.VALID: "Có giá trị",
    Status.BEING_ISSUED: "Đang cấp",
    Status.EXPIRED: "Hết hạn",
    Status.SUPERSEDED: "Đã được thay thế",
    Status.REVOKED: "Đã thu hồi",
    Status.VOIDED: "Đã hủy bỏ",
}


@dataclass(frozen=True)
class Line:
    """One decision as the book shows it; ``texts`` by COLUMNS."""

    entry: RegisterEntry
    texts: tuple[str, ...]


def years(register: Register) -> list[tuple[int, int]]:
    """The years that have a book, latest first, with the number of their decisions."""
    counted = (
        _decisions(register)
        .order_by()
        .values_list("year")
        .annotate(number=Count("pk"))
        .order_by("-year")
    )
    return list(counted)


def lines(*, register: Register, year: int, volume: int = 0, on: date) -> Iterator[Line]:
    """The lines of a year, or of one volume of it (from 1), with their status on a day.

    Read in chunks: a year of any length needs the same memory.
    """
    found = _decisions(register).filter(year=year).order_by("entry_number")
    if volume:
        found = found.filter(
            entry_number__gt=(volume - 1) * VOLUME, entry_number__lte=volume * VOLUME
        )
    rows = found.select_related("of").iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        yield from _lines(chunk, on=on)


def _decisions(register: Register) -> QuerySet[RegisterEntry]:
    return RegisterEntry.objects.filter(register=register, entry_number__isnull=False)


def _lines(chunk: list[RegisterEntry], *, on: date) -> Iterator[Line]:
    said = (
        RegisterEntry.objects.filter(certificate__in={one.certificate_id for one in chunk})
        .select_related("valid_edition")
        .defer("content")
        .order_by("certificate", "position")
    )
    histories = {key: list(group) for key, group in groupby(said, lambda one: one.certificate_id)}
    for entry in chunk:
        yield Line(entry, _texts(entry, histories[entry.certificate_id], on=on))


def _texts(entry: RegisterEntry, history: list[RegisterEntry], *, on: date) -> tuple[str, ...]:
    concerned = entry.of or entry
    content = entry.content if entry.kind in RegisterEntry.NUMBERED else concerned.content
    kind = KINDS[RegisterEntry.Kind(entry.kind)]
    if entry.on_paper:
        kind = f"Vào sổ từ bản giấy, cấp ngày {_day(content['issued_on'])}"
    decided = ""
    if entry.decision_date:
        decided = f"{entry.decision_number} ngày {entry.decision_date:%d/%m/%Y}: {entry.reason}"
    status = ""
    if entry.kind in RegisterEntry.NUMBERED:
        status = STATUSES[validity.judge(entry, history=history, on=on).status]
    return (
        f"{entry.entry_number:04d}/{entry.year}",
        entry.number or "",
        content["full_name"],
        _day(content.get("date_of_birth")),
        content.get("workplace") or "",
        content["course_title"],
        f"{timezone.localdate(entry.at):%d/%m/%Y}",
        f"{kind} {concerned.number}" if entry.of else kind,
        decided,
        status,
    )


def _day(iso: str | None) -> str:
    return "/".join(reversed(iso.split("-"))) if iso else ""
