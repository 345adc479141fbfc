import unicodedata
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from agencies import establishing
from agencies.models import (
    AdministrativeUnit,
    Agency,
    LegalDocument,
    Level,
    Programme,
    QualityManagementSystem,
    StandardEdition,
    SystemMember,
)
from tests import factories

pytestmark = pytest.mark.django_db

KHANH_HOA = {"name": "Tỉnh Khánh Hòa", "level": Level.PROVINCE}
DAY = date(2020, 2, 1)


def test_entering_a_list_twice_adds_nothing() -> None:
    for _time in range(2):
        province = establishing.establish_unit(name="Tỉnh Khánh Hòa", level=Level.PROVINCE)
        ward = establishing.establish_unit(name="Xã Vĩnh Hải", level=Level.COMMUNE, parent=province)
        agency = establishing.establish_agency(
            name="UBND xã Vĩnh Hải", level=Level.COMMUNE, territory=ward
        )
        establishing.form_system(name="HTQLCL xã Vĩnh Hải", agencies=[agency], on=DAY)
        decision = establishing.register_document(
            number="1439/QĐ-UBND", issuer="UBND tỉnh", issued_on=date(2019, 5, 15)
        )
        programme = establishing.adopt_programme(
            slug="de-an-1439",
            name="Đề án 1439",
            starts_on=date(2019, 5, 15),
            decision=decision,
            territories=[province],
        )
        establishing.add_phase(
            programme=programme, order=1, name="Giai đoạn 1", starts_on=DAY, agencies=[agency]
        )
        factories.edition()
    assert AdministrativeUnit.objects.count() == 2
    assert Agency.objects.count() == 1
    assert SystemMember.objects.count() == QualityManagementSystem.objects.count() == 1
    assert LegalDocument.objects.count() == StandardEdition.objects.count() == 1
    phase = Programme.objects.get().phases.get()
    assert list(phase.agencies.all()) == [agency]


def test_a_name_in_decomposed_unicode_is_the_same_agency() -> None:
    unit = factories.UnitFactory()
    composed = "Sở Khoa học và Công nghệ"
    first = factories.AgencyFactory(name=composed, territory=unit)
    second = factories.AgencyFactory(name=unicodedata.normalize("NFD", composed), territory=unit)
    assert first == second
    assert Agency.objects.get().name == composed


def test_units_of_one_name_may_lie_in_different_provinces() -> None:
    for name in ("Tỉnh Khánh Hòa", "Tỉnh Phú Yên"):
        province = establishing.establish_unit(name=name, level=Level.PROVINCE)
        establishing.establish_unit(name="Xã An Phú", level=Level.COMMUNE, parent=province)
    assert AdministrativeUnit.objects.filter(name="Xã An Phú").count() == 2


def test_the_database_refuses_a_second_unit_even_without_dates_and_parent() -> None:
    AdministrativeUnit.objects.create(**KHANH_HOA)
    with pytest.raises(IntegrityError), transaction.atomic():
        AdministrativeUnit.objects.create(**KHANH_HOA)
    with translation.override("en"), pytest.raises(ValidationError, match="already there"):
        AdministrativeUnit(**KHANH_HOA).full_clean()


def test_a_unit_may_come_back_under_its_name_at_another_time() -> None:
    establishing.establish_unit(**KHANH_HOA, valid_to=date(2025, 6, 30))
    establishing.establish_unit(**KHANH_HOA, valid_from=date(2025, 7, 1))
    assert AdministrativeUnit.objects.count() == 2


def test_nothing_ends_before_it_begins() -> None:
    dates = {"valid_from": date(2025, 7, 1), "valid_to": date(2025, 6, 30)}
    with translation.override("en"), pytest.raises(ValidationError, match="before the first"):
        AdministrativeUnit(**KHANH_HOA, **dates).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        AdministrativeUnit.objects.create(**KHANH_HOA, **dates)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.AgencyFactory(**dates)


def test_first_and_last_day_belong_to_the_time_of_validity() -> None:
    factories.UnitFactory(valid_from=date(2020, 1, 1), valid_to=date(2025, 6, 30))
    for day, count in (
        (date(2019, 12, 31), 0),
        (date(2020, 1, 1), 1),
        (date(2025, 6, 30), 1),
        (date(2025, 7, 1), 0),
    ):
        assert AdministrativeUnit.objects.valid(on=day).count() == count


def test_an_agency_is_in_one_quality_system_at_a_time() -> None:
    agency = factories.AgencyFactory()
    system = establishing.form_system(name="HTQLCL một", agencies=[agency], on=DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        establishing.form_system(name="HTQLCL hai", agencies=[agency], on=DAY)
    assert not QualityManagementSystem.objects.filter(name="HTQLCL hai").exists()
    system.members.update(left_on=date(2022, 12, 31))
    other = establishing.form_system(name="HTQLCL hai", agencies=[agency], on=date(2023, 1, 1))
    assert list(other.agencies.all()) == [agency]


def test_a_system_may_be_run_by_several_agencies() -> None:
    agencies = [factories.AgencyFactory(), factories.AgencyFactory()]
    system = establishing.form_system(name="HTQLCL huyện", agencies=agencies, on=DAY)
    assert set(system.agencies.all()) == set(agencies)


def test_agencies_are_kept_in_searchable_form() -> None:
    agency = factories.AgencyFactory(name="Văn phòng Đăng ký đất đai")
    assert agency.search_text == "van phong dang ky dat dai"
