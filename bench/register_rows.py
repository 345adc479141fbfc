"""A register of many entries, written as rows: an entry issued, an entry filed, and so on."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from certificates.issue import filing
from certificates.models import Certificate, Register, RegisterEntry
from certificates.register import entering, validity
from people.models import Person

AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
_FILE = b"%PDF-1.7\n".ljust(1024, b"\n")
_CHUNK = 2000


def write(entries: int) -> None:
    """Write so many entries, an even number, with a true chain; all name one small file."""
    register = Register.objects.create(
        code="BENCH",
        name="Sổ gốc cấp giấy chứng nhận",
        issuing_body="Sở Khoa học và Công nghệ",
        place="Khánh Hòa",
        signer_title="Phó Giám đốc",
        signer_name="Trần Văn Hòa",
    )
    person = Person.objects.create(full_name="Nguyễn Thị Minh Khai")
    name = filing.storage().save("certificates/BENCH/file.pdf", ContentFile(_FILE))
    file = {"sha256": hashlib.sha256(_FILE).hexdigest(), "size": len(_FILE), "name": name}
    hashed = entering.FIRST_HASH
    with transaction.atomic():
        numbers = range(1, entries // 2 + 1)
        for first in range(0, len(numbers), _CHUNK):
            issued = [_certificate(one, person) for one in numbers[first : first + _CHUNK]]
            Certificate.objects.bulk_create(issued)
            chained = []
            for certificate in issued:
                for entry in _entries(certificate, register, file):
                    entry.previous_hash = hashed
                    entry.hash = hashed = entering.digest(entry)
                    chained.append(entry)
            RegisterEntry.objects.bulk_create(chained)


def _certificate(number: int, person: Person) -> Certificate:
    return Certificate(pk=number, person=person, state=Certificate.State.FILED, pending_since=AT)


def _entries(
    certificate: Certificate, register: Register, file: dict[str, Any]
) -> Iterator[RegisterEntry]:
    number, year = certificate.pk, AT.year
    shared: dict[str, Any] = {"register": register, "certificate": certificate, "at": AT}
    issued = RegisterEntry(
        pk=2 * number - 1,
        position=2 * number - 1,
        kind=RegisterEntry.Kind.ISSUE,
        year=year,
        sequence=number,
        number=register.number_format.format(sequence=number, year=year),
        entry_number=number,
        **shared,
    )
    issued.content = _content(issued)
    validity.set_columns(issued)
    yield issued
    yield RegisterEntry(
        pk=2 * number,
        position=2 * number,
        kind=RegisterEntry.Kind.FILED,
        year=year,
        of=issued,
        content=file,
        **shared,
    )


def _content(issued: RegisterEntry) -> dict[str, Any]:
    """As long as a real one."""
    return {
        "language": "vi",
        "parent_body": "Ủy ban nhân dân tỉnh Khánh Hòa",
        "issuing_body": issued.register.issuing_body,
        "title": "Giấy chứng nhận",
        "full_name": "Nguyễn Thị Minh Khai",
        "date_of_birth": "1985-09-02",
        "workplace": "Ủy ban nhân dân xã Diên Khánh",
        "course_title": "Đánh giá viên nội bộ hệ thống quản lý chất lượng TCVN ISO 9001:2015",
        "course_code": "DGV",
        "hours": 24,
        "starts_on": "2026-02-02",
        "ends_on": "2026-03-02",
        "form_of_study": "Trực tuyến",
        "result": "Đạt",
        "place": issued.register.place,
        "issued_on": AT.date().isoformat(),
        "signer_authority": "KT. GIÁM ĐỐC",
        "signer_title": issued.register.signer_title,
        "signer_name": issued.register.signer_name,
        "number": issued.number,
        "register_entry_number": f"{issued.entry_number:04d}/{issued.year}",
        "standard_edition": "TCVN ISO 9001:2015",
        "valid_until": None,
        "transition_months": None,
        "signing": "unsigned",
        "signed": False,
        "signed_by": "",
        "notice": "Bản điện tử này chưa ký số; giá trị của nó được xác nhận khi tra cứu.",
    }
