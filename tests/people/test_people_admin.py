"""Coming into the admin; people, agencies and systems there."""

import unicodedata
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log

from agencies.models import Agency, QualityManagementSystem, SystemMember
from people.models import Person, Posting, User
from tests.factories import AgencyFactory, EnrolmentFactory, PersonFactory, UserFactory
from tests.staff import at_work, said, sheet, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency() -> Agency:
    found: Agency = AgencyFactory()
    return found


@pytest.fixture
def focal_point(agency: Agency) -> User:
    user: User = UserFactory(focal_point=True, focal_point_of=[agency])
    return user


@pytest.fixture
def officer() -> User:
    user: User = UserFactory(officer=True)
    return user


def listed(user: User, **query: Any) -> list[Person]:
    return list(at_work(user).get(reverse("persons:index"), query).context["object_list"])


# --- Coming in ------------------------------------------------------------------------------------


def test_a_visitor_logs_in_with_everybody_and_comes_back() -> None:
    answer = Client().get("/admin/pages/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{reverse('account_login')}?next=/admin/pages/"
    answer = Client().get("/admin/login/?next=/admin/pages/")
    assert answer.headers["Location"] == f"{reverse('account_login')}?next=/admin/pages/"


def test_a_learner_is_brought_to_the_site_and_not_round_in_circles() -> None:
    client = Client()
    client.force_login(UserFactory())
    page = client.get("/admin/", follow=True)
    assert page.status_code == 200
    assert page.redirect_chain[-1][0] == reverse("courses:mine")


def test_what_everybody_did_is_read_by_officers_only(focal_point: User, officer: User) -> None:
    somebody = PersonFactory(full_name="Người Cơ Quan Khác")
    log(somebody, "wagtail.edit", user=officer)
    history = reverse("wagtailadmin_reports:site_history")
    for address in (history, f"{history}results/", f"{history}?export=csv"):
        assert at_work(focal_point).get(address).status_code == 302
    assert "Người Cơ Quan Khác" in at_work(officer).get(history).content.decode()


def test_the_menus_hold_what_a_role_can_use(focal_point: User, officer: User) -> None:
    page = at_work(focal_point).get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("persons:index") in page
    for closed in ("agencies:index", "banks:index", "issued:index", "runs:index"):
        assert f'"{reverse(closed)}"' not in page
    assert reverse("agencies:index") in at_work(officer).get("/admin/").content.decode()


# --- People ---------------------------------------------------------------------------------------


def test_a_focal_point_sees_the_people_of_the_own_agency(focal_point: User, agency: Agency) -> None:
    own = PersonFactory(agency=agency)
    foreign = PersonFactory()
    assert listed(focal_point) == [own]
    client = at_work(focal_point)
    assert client.get(reverse("persons:inspect", args=[own.pk])).status_code == 200
    assert client.get(reverse("persons:inspect", args=[foreign.pk])).status_code == 404
    assert client.get(reverse("persons:edit", args=[own.pk])).status_code == 302


def test_who_left_the_agency_is_no_longer_seen(focal_point: User, agency: Agency) -> None:
    PersonFactory(agency=agency)
    Posting.objects.update(left_on=timezone.localdate())
    assert listed(focal_point) == []


def test_people_are_found_without_diacritics_and_stand_by_their_given_names(officer: User) -> None:
    for name in ("Nguyễn Văn Ước", "Nguyễn Thị Ánh", "Trần Văn Đức", "Nguyễn Đức An"):
        PersonFactory(full_name=name)
    names = [person.full_name for person in listed(officer)]
    assert names == ["Nguyễn Đức An", "Nguyễn Thị Ánh", "Trần Văn Đức", "Nguyễn Văn Ước"]
    assert [person.full_name for person in listed(officer, q="NGUYEN duc")] == ["Nguyễn Đức An"]
    backwards = [person.full_name for person in listed(officer, ordering="-sort_name")]
    assert backwards == names[::-1]


def test_people_are_filtered_by_agency(officer: User, agency: Agency) -> None:
    here = PersonFactory(agency=agency)
    PersonFactory()
    assert listed(officer, agency=agency.pk) == [here]


def test_a_focal_point_takes_away_the_own_people_without_formulas(
    focal_point: User, agency: Agency
) -> None:
    PersonFactory(agency=agency, full_name="=cmd|' /C calc'!A0")
    PersonFactory()
    page = at_work(focal_point).get(reverse("persons:index"), {"export": "xlsx"})
    heading, *rows = sheet(page)
    assert heading[:3] == ["Full name", "Date of birth", "Agency"]
    assert [row[0] for row in rows] == ["=cmd|' /C calc'!A0"]
    assert rows[0][2] == agency.name
    page = at_work(focal_point).get(reverse("persons:index"), {"export": "csv"})
    assert "\n'=cmd" in text(page)


def test_a_person_is_entered_with_the_agency(officer: User, agency: Agency) -> None:
    data = {
        "full_name": unicodedata.normalize("NFD", "Nguyễn Đức"),
        "agency": agency.pk,
        "position": "Chuyên viên",
        "joined_on": "01/02/2020",
        "language": "vi",
    }
    page = at_work(officer).post(reverse("persons:add"), data, follow=True)
    person = Person.objects.get()
    assert "created" in said(page)
    assert person.full_name == "Nguyễn Đức"
    assert person.postings.get().agency == agency


def test_a_correction_stays_in_the_history(officer: User) -> None:
    person = PersonFactory(full_name="Nguyễn Văn Đức")
    data = {
        "full_name": "Nguyễn Minh Đức",
        "staff_category": "civil_servant",
        "language": "en",
    }
    at_work(officer).post(reverse("persons:edit", args=[person.pk]), data)
    person.refresh_from_db()
    assert person.full_name == "Nguyễn Minh Đức"
    assert person.history.last().full_name == "Nguyễn Văn Đức"
    page = at_work(officer).get(reverse("persons:history", args=[person.pk]))
    assert len(page.context["object_list"]) == 1


def test_a_person_shows_the_enrolments_that_one_may_see(focal_point: User, agency: Agency) -> None:
    person = PersonFactory(agency=agency)
    enrolment = EnrolmentFactory(person=person)
    page = at_work(focal_point).get(reverse("persons:inspect", args=[person.pk]))
    assert enrolment.run.name in page.content.decode()


def test_the_home_page_of_a_focal_point_counts_the_own_learners(
    focal_point: User, agency: Agency
) -> None:
    EnrolmentFactory(person=PersonFactory(agency=agency))
    EnrolmentFactory(completed=True)
    page = at_work(focal_point).get("/admin/").content.decode()
    assert "1 enrolment under way" in page
    assert "0 completed" in page


# --- Agencies -------------------------------------------------------------------------------------


def test_an_officer_enters_an_agency_and_finds_it_without_diacritics(
    officer: User, agency: Agency
) -> None:
    data = {
        "name": "Sở Khoa học và Công nghệ",
        "kind": "administrative",
        "level": "province",
        "territory": agency.territory_id,
    }
    client = at_work(officer)
    client.post(reverse("agencies:add"), data)
    page = client.get(reverse("agencies:index"), {"q": "so khoa hoc"})
    assert [found.name for found in page.context["object_list"]] == ["Sở Khoa học và Công nghệ"]


def test_agencies_join_a_system_once(officer: User, agency: Agency) -> None:
    client = at_work(officer)
    data = {"name": "HTQLCL xã", "joining": [agency.pk], "joining_on": "01/06/2020"}
    client.post(reverse("systems:add"), data)
    system = QualityManagementSystem.objects.get()
    assert list(system.agencies.all()) == [agency]
    page = client.post(reverse("systems:add"), data | {"name": "HTQLCL khác"})
    assert "joining" in page.context["form"].errors
    assert SystemMember.objects.count() == 1


@pytest.mark.parametrize("role", ["trainer", "focal_point"])
@pytest.mark.parametrize(
    "name",
    ["agencies", "units", "systems", "programmes", "phases", "legal_documents", "editions"],
)
def test_other_staff_change_no_agencies(role: str, name: str, agency: Agency) -> None:
    client = at_work(UserFactory(**{role: True}))
    assert client.get(reverse(f"{name}:index")).status_code == 302
    assert client.get(reverse(f"{name}:add")).status_code == 302
