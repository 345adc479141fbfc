"""A focal point takes the agency's certificates away together, and records who got the paper."""

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from agencies.models import Agency
from certificates.holder import handing_out, holding
from certificates.issue import filing, issuing
from certificates.models import Certificate, HandOut, IssuingRule, Register, RegisterEntry
from people.models import User
from tests import factories
from tests.certificates.deciding import decide
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency() -> Agency:
    agency: Agency = factories.AgencyFactory(name="Sở Xây dựng")
    return agency


@pytest.fixture
def focal_point(agency: Agency) -> User:
    user: User = factories.UserFactory(focal_point=True, focal_point_of=[agency])
    return user


def held_by(agency: Agency, name: str) -> Certificate:
    return factories.filed_certificate(
        person=factories.PersonFactory(agency=agency, full_name=name)
    )


def entries_of(response: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def test_the_zip_holds_every_filed_pdf_of_the_own_agency_and_no_other(
    agency: Agency, focal_point: User
) -> None:
    certificates = [held_by(agency, name) for name in ("Đặng Quốc Ổn", "Lê Hoàng Ánh")]
    factories.pending_certificate(person=factories.PersonFactory(agency=agency))
    held_by(factories.AgencyFactory(), "Người Khác")
    response = at_work(focal_point).get(reverse("agency_certificates:bundle"))
    with entries_of(response) as archive:
        assert archive.testzip() is None
        names = [name.split("-", 2)[-1] for name in archive.namelist()]
        assert any("le-hoang-anh" in name for name in names)
        assert len(names) == 2
        found = {archive.read(name) for name in archive.namelist()}
    kept = set()
    for certificate in certificates:
        with filing.storage().open(filing.filed_name(certificate.entries.get(kind="issue"))) as pdf:
            kept.add(pdf.read())
    assert found == kept


def test_a_file_that_is_gone_is_named_and_the_others_come(
    agency: Agency, focal_point: User
) -> None:
    gone, there = (held_by(agency, name) for name in ("Đặng Quốc Ổn", "Lê Hoàng Ánh"))
    entry = gone.entries.get(kind="issue")
    filing.storage().delete(filing.filed_name(entry))
    response = at_work(focal_point).get(reverse("agency_certificates:bundle"))
    with entries_of(response) as archive:
        assert archive.read(handing_out.MISSING).decode() == entry.number
        assert len(archive.namelist()) == 2
    assert there.state == Certificate.State.FILED


def test_it_is_made_piece_by_piece(agency: Agency) -> None:
    for name in ("Đặng Quốc Ổn", "Lê Hoàng Ánh", "Võ Thị Bích Hạnh"):
        held_by(agency, name)
    pieces = list(handing_out.zipped(holding.of_agencies([agency.pk])))
    assert len(pieces) == 4
    assert all(pieces)


def test_many_that_end_with_their_edition_are_read_in_few_statements(
    agency: Agency, django_assert_max_num_queries: Any
) -> None:
    rule = factories.IssuingRuleFactory()
    IssuingRule.objects.update(validity="edition", transition_months=18)
    rule.refresh_from_db()
    for _time in range(6):
        factories.filed_certificate(rule=rule, person=factories.PersonFactory(agency=agency))
    with django_assert_max_num_queries(5):
        assert len(holding.of_agencies([agency.pk])) == 6


def test_another_agency_cannot_be_asked_for(focal_point: User) -> None:
    other = factories.AgencyFactory()
    held_by(other, "Người Khác")
    client = at_work(focal_point)
    response = client.get(reverse("agency_certificates:bundle"), {"agency": other.pk})
    with entries_of(response) as archive:
        assert archive.namelist() == []
    page = client.get(reverse("agency_certificates:index"), {"agency": other.pk})
    assert "Người Khác" not in page.content.decode()


def test_an_officer_chooses_the_agency(agency: Agency) -> None:
    held_by(agency, "Đặng Quốc Ổn")
    client = at_work(factories.UserFactory(officer=True))
    page = client.get(reverse("agency_certificates:index"), {"agency": agency.pk})
    assert "Đặng Quốc Ổn" in page.content.decode()


@pytest.mark.parametrize("signing", [Register.Signing.UNSIGNED, Register.Signing.OUTSIDE])
def test_what_is_valid_stays_with_the_agency_while_its_correction_is_made(
    agency: Agency, focal_point: User, signing: str
) -> None:
    own = held_by(agency, "Đặng Quốc Ổn")
    issued = own.entries.select_related("register").get(kind="issue")
    Register.objects.filter(pk=issued.register_id).update(signing=signing)
    decide(issued, RegisterEntry.Kind.CORRECT)
    for _time in range(2):  # numbered, and then, signed outside, for weeks unsigned
        (held,) = holding.of_agencies([agency.pk])
        assert (held.entry, held.filed) == (issued, True)
        response = at_work(focal_point).get(reverse("agency_certificates:bundle"))
        with entries_of(response) as archive:
            (name,) = archive.namelist()
            assert name.endswith("dang-quoc-on.pdf")
        if signing == Register.Signing.OUTSIDE:
            issuing.issue(certificate_id=own.pk, at=timezone.now())


def test_the_sheet_lists_number_name_and_agency_with_a_place_to_sign(
    agency: Agency, focal_point: User
) -> None:
    certificate = held_by(agency, "Đặng Quốc Ổn")
    response = at_work(focal_point).get(reverse("agency_certificates:sheet"))
    assert response.headers["Content-Type"] == "application/pdf"
    text = PdfReader(io.BytesIO(response.content)).pages[0].extract_text()
    number = certificate.entries.get(kind="issue").number
    for words in ("Đặng Quốc Ổn", "Sở Xây dựng", "Ký nhận", str(number)):
        assert words in " ".join(text.split())


def test_papers_handed_out_are_recorded_once_and_shown(agency: Agency, focal_point: User) -> None:
    own, other = held_by(agency, "Đặng Quốc Ổn"), held_by(factories.AgencyFactory(), "Người Khác")
    client, address = at_work(focal_point), reverse("agency_certificates:index")
    posted = {
        "certificate": [own.pk, other.pk],
        "handed_on": timezone.localdate().isoformat(),
        "to": "",
        "remark": "Nhận tại hội trường",
    }
    assert "1 paper is" in said(client.post(address, posted, follow=True))
    assert "No paper was ticked" in said(client.post(address, posted, follow=True))
    row = HandOut.objects.get()
    assert (row.certificate, row.to, row.by) == (own, "Đặng Quốc Ổn", focal_point)
    assert "Nhận tại hội trường" in client.get(address).content.decode()


def test_another_may_take_the_paper_for_the_holder(agency: Agency, focal_point: User) -> None:
    own = held_by(agency, "Đặng Quốc Ổn")
    recorded = handing_out.record(
        agency_ids=[agency.pk],
        certificate_ids=[own.pk],
        handed_on=date(2026, 1, 5),
        to="Văn thư",
        remark="",
        by=focal_point,
        at=timezone.now(),
    )
    assert recorded == 1
    assert HandOut.objects.get().to == "Văn thư"


@pytest.mark.parametrize("day", ["", "32/13/2026", "2026-13-32"])
def test_a_day_that_is_none_records_nothing(agency: Agency, focal_point: User, day: str) -> None:
    own = held_by(agency, "Đặng Quốc Ổn")
    posted = {"certificate": own.pk, "handed_on": day}
    answer = at_work(focal_point).post(reverse("agency_certificates:index"), posted, follow=True)
    assert "Nothing was changed" in said(answer)
    assert not HandOut.objects.exists()


def test_nothing_is_handed_out_tomorrow_and_no_row_is_changed(
    agency: Agency, focal_point: User
) -> None:
    own = held_by(agency, "Đặng Quốc Ổn")
    values: dict[str, Any] = {
        "agency_ids": [agency.pk],
        "certificate_ids": [own.pk],
        "to": "",
        "remark": "",
        "by": focal_point,
        "at": timezone.now(),
    }
    with pytest.raises(handing_out.NotRecorded):
        handing_out.record(handed_on=timezone.localdate() + timedelta(days=1), **values)
    handing_out.record(handed_on=timezone.localdate(), **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOut.objects.update(remark="Khác")
