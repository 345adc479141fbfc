import re
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from agencies.establishing import add_phase, adopt_programme
from agencies.models import Agency, Level, Phase
from courses.models import Course
from jobs.templatetags.bars import LONGEST
from people.models import User
from tests.factories import AgencyFactory, PersonFactory, UserFactory
from tests.reports.training import certified, moment, run_of, turn

pytestmark = pytest.mark.django_db
COUNTS = "/admin/counts/"


class Figures(HTMLParser):
    """The figures of a page: where each leads, and how much it says."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, int]] = []
        self._href = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if "counts-figure" in (values.get("class") or "").split():
            self._href = values["href"] or ""

    def handle_data(self, data: str) -> None:
        if self._href and data.strip():
            self.found.append((self._href, int(data.strip().replace(".", ""))))
            self._href = ""


def figures(client: Client, url: str) -> list[tuple[str, int]]:
    response = client.get(url)
    assert response.status_code == 200
    return Figures(response.content.decode()).found


def rows(client: Client, url: str) -> int:
    """How many rows a listing says it has, over all its pages."""
    return int(client.get(url).context["paginator"].count)


def sheets(client: Client, url: str) -> dict[str, list[tuple[Any, ...]]]:
    response = client.get(url)
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    workbook = load_workbook(BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in workbook}


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def officer() -> Client:
    return logged_in(UserFactory.create(officer=True))


@pytest.fixture
def province() -> list[Agency]:
    """Three agencies, two phases, two years; a person in two agencies, one in none."""
    programme = adopt_programme(slug="1439", name="Đề án 1439", starts_on=date(2019, 5, 15))
    first, second = [
        add_phase(
            programme=programme, order=n, name=f"Giai đoạn {n}", starts_on=date(2019 + n, 1, 2)
        )
        for n in (1, 2)
    ]
    agencies = [AgencyFactory.create(level=level) for level in Level.values]
    awareness, auditors = run_of(phase=first), run_of(Course.Kind.INTERNAL_AUDITOR, phase=second)
    for number in range(8):
        person, agency = PersonFactory.create(), agencies[number % 3]
        turn(person, awareness, agency)
        if number % 2:
            taken = turn(person, auditors, agencies[0], at=moment(2021))
            certified(taken, at=moment(2021 + number % 3))
    turn(
        PersonFactory.create(),
        run_of(phase=first, supplementary=True),
        agencies[2],
        at=moment(2021),
    )
    turn(PersonFactory.create(), run_of(), None, at=moment(2022))
    return agencies


@pytest.mark.parametrize(
    "conditions",
    ["", "?year=2021", "?level=none", "?programme=none&supplementary=0", "?supplementary=1"],
)
def test_every_figure_opens_as_many_rows_as_it_says(
    officer: Client, province: list[Agency], conditions: str
) -> None:
    found = figures(officer, COUNTS + conditions)
    assert len(found) >= 9
    assert any(number for _url, number in found)
    for url, number in found:
        assert rows(officer, url) == number, url


def test_the_figures_of_every_agency_open_their_rows(
    officer: Client, province: list[Agency]
) -> None:
    found = figures(officer, f"{COUNTS}agencies/")
    assert len(found) == 3 * 5, "three agencies, one of them also supplementary, and none"
    for url, number in found:
        assert rows(officer, url) == number, url


def test_the_totals_are_those_of_the_rows(officer: Client, province: list[Agency]) -> None:
    context = officer.get(COUNTS).context
    assert [figure["number"] for figure in context["figures"]] == [13, 9, 4]
    assert [figure["number"] for figure in context["supplementary_figures"]] == [1, 1, 0]


def test_a_phase_and_an_agency_are_conditions_too(officer: Client, province: list[Agency]) -> None:
    agency = province[0]
    phase = Phase.objects.get(order=1)
    found = figures(officer, f"{COUNTS}?agency={agency.pk}&phase={phase.pk}")
    assert found[0][1] == 3
    assert f"agency={agency.pk}" in found[0][0]
    assert rows(officer, found[0][0]) == 3


def test_a_turn_is_listed_with_day_person_agency_course_run_and_certificate(
    officer: Client,
) -> None:
    agency, run = AgencyFactory.create(), run_of()
    person = PersonFactory.create(full_name="Nguyễn Thị Đào")
    certified(turn(person, run, agency, at=moment(2020, 3, 2)), number="0007/2020/KH")
    html = officer.get(f"{COUNTS}turns/").content.decode()
    for text in ("02/03/2020", "Nguyễn Thị Đào", agency.name, run.course.title, run.name):
        assert text in html
    assert "0007/2020/KH" in html


def test_rows_are_taken_away_with_real_dates_and_numbers(officer: Client) -> None:
    person, agency, run = PersonFactory.create(full_name="=1+1"), AgencyFactory.create(), run_of()
    at = moment(2020, 3, 2, hour=9)
    certified(turn(person, run, agency, at=at), number="0007/2020/KH")
    turn(PersonFactory.create(), run, agency, at=moment(2021))

    [turns] = sheets(officer, f"{COUNTS}turns/?year=2020&export=xlsx").values()
    assert turns[1:] == [
        (at.replace(tzinfo=None), "=1+1", agency.name, run.course.title, run.name, "0007/2020/KH")
    ]
    [persons] = sheets(officer, f"{COUNTS}persons/?year=2020&export=xlsx").values()
    assert persons[1:] == [("=1+1", agency.name, 1, 1, "0007/2020/KH")]


def test_a_name_that_looks_like_a_formula_stays_text(officer: Client) -> None:
    turn(PersonFactory.create(full_name="=1+1"), run_of(), None)
    response: Any = officer.get(f"{COUNTS}turns/?export=xlsx")
    workbook = load_workbook(BytesIO(b"".join(response.streaming_content)))
    assert workbook.worksheets[0]["B2"].data_type == "s"


def test_all_rows_are_taken_away_and_not_a_page_of_them(officer: Client) -> None:
    run = run_of()
    for _ in range(60):
        turn(PersonFactory.create(), run, None)
    [turns] = sheets(officer, f"{COUNTS}turns/?export=xlsx&p=2").values()
    assert len(turns) == 61


def test_the_tables_are_taken_away_with_all_their_lines(
    officer: Client, province: list[Agency]
) -> None:
    run = run_of()
    for _ in range(12):
        turn(PersonFactory.create(), run, AgencyFactory.create(), at=moment(2023))
    taken = list(sheets(officer, f"{COUNTS}?export=xlsx").values())
    totals, levels, years, kinds, phases, agencies = taken
    no, yes = totals[1][1], totals[2][1]
    assert [row[1:] for row in totals[1:]] == [(no, 25, 21, 4), (yes, 1, 1, 0)]
    assert (2023, no, 12, 12, 1) in years
    assert len(agencies) == 1 + 5 + 12, "the page shows ten"
    for table in (levels, kinds, phases):
        assert sum(row[2] for row in table[1:]) == 26


def test_the_link_to_the_spreadsheet_keeps_the_conditions(
    officer: Client, province: list[Agency]
) -> None:
    html = officer.get(f"{COUNTS}turns/?year=2021").content.decode()
    assert f"{COUNTS}turns/?year=2021&amp;export=xlsx" in html
    assert "export=csv" not in html


def test_agencies_are_in_vietnamese_order_or_in_that_of_a_figure(officer: Client) -> None:
    run = run_of()
    for name, turns in (("Ủy ban nhân dân", 1), ("Đảng ủy", 3), ("Ban Dân tộc", 2)):
        agency = AgencyFactory.create(name=name)
        for _ in range(turns):
            turn(PersonFactory.create(), run, agency)

    def order(query: str) -> list[str]:
        page = officer.get(f"{COUNTS}agencies/{query}").context
        return [line.label for line in page["object_list"]]

    assert order("") == ["Ban Dân tộc", "Đảng ủy", "Ủy ban nhân dân"]
    assert order("?ordering=-turns") == ["Đảng ủy", "Ban Dân tộc", "Ủy ban nhân dân"]
    assert order("?ordering=certified;drop") == order("")


def test_bars_begin_at_zero_and_have_a_title(officer: Client) -> None:
    run = run_of()
    for level, turns in ((Level.PROVINCE, 1), (Level.COMMUNE, 4)):
        agency = AgencyFactory.create(level=level)
        for _ in range(turns):
            turn(PersonFactory.create(), run, agency)
    html = officer.get(COUNTS).content.decode()
    picture = re.search(r'<svg class="bars".*?</figure>', html, re.DOTALL)
    assert picture
    assert 'role="img"' in picture[0]
    assert re.search(r'aria-labelledby="(.+?)">\s*<title id="\1">', picture[0])
    widths = re.findall(r'<rect [^>]* width="([^"]*)"', picture[0])
    third = LONGEST * 100 / 3
    quarter, whole = f"{third / 4:.3f}%", f"{third:.3f}%"
    assert widths == [quarter, quarter, "0.000%", whole, whole, "0.000%"]


def test_filters_replace_the_figures_without_the_page(
    officer: Client, province: list[Agency]
) -> None:
    response = officer.get(f"{COUNTS}results/?year=2021&_w_filter_fragment=1")
    html = response.content.decode()
    assert "<html" not in html
    assert Figures(html).found[0][1] == 4


@pytest.mark.parametrize(
    "conditions", ["year=1066", "level=village", "agency=999999", "phase=x", "supplementary=maybe"]
)
def test_a_condition_that_names_nothing_is_not_found(
    officer: Client, province: list[Agency], conditions: str
) -> None:
    for page in ("", "agencies/", "turns/", "persons/", "certified/", "results/"):
        assert officer.get(f"{COUNTS}{page}?{conditions}").status_code == 404


# --- Who sees what --------------------------------------------------------------------------------


def test_a_focal_point_counts_the_own_agency_only(province: list[Agency]) -> None:
    own, foreign, _other = province
    client = logged_in(UserFactory.create(focal_point=True, focal_point_of=[own]))
    found = figures(client, COUNTS)
    assert [number for _url, number in found[:3]] == [7, 6, 4]
    for url, number in found:
        assert rows(client, url) == number, url
    html = client.get(COUNTS).content.decode() + client.get(f"{COUNTS}turns/").content.decode()
    assert own.name in html
    assert foreign.name not in html


def test_a_foreign_agency_is_not_found_by_a_focal_point(province: list[Agency]) -> None:
    own, foreign, _other = province
    client = logged_in(UserFactory.create(focal_point=True, focal_point_of=[own]))
    for page in ("", "agencies/", "turns/", "persons/", "certified/"):
        assert client.get(f"{COUNTS}{page}?agency={own.pk}").status_code == 200
        assert client.get(f"{COUNTS}{page}?agency={foreign.pk}").status_code == 404


def test_of_a_person_a_focal_point_sees_what_was_done_from_the_own_agency() -> None:
    own, foreign, person = AgencyFactory.create(), AgencyFactory.create(), PersonFactory.create()
    turn(person, run_of(), own)
    turn(person, run_of(), foreign)
    stranger = turn(PersonFactory.create(), run_of(), foreign).person
    client = logged_in(UserFactory.create(focal_point=True, focal_point_of=[own]))

    url = reverse("reports:person", kwargs={"person_id": person.pk})
    assert rows(client, url) == 1
    assert foreign.name not in client.get(url).content.decode()
    [persons] = sheets(client, f"{COUNTS}persons/?export=xlsx").values()
    assert persons[1:] == [(person.full_name, own.name, 1, 0, None)]

    url = reverse("reports:person", kwargs={"person_id": stranger.pk})
    assert client.get(url).status_code == 404
    assert logged_in(UserFactory.create(officer=True)).get(url).status_code == 200


def test_a_focal_point_of_no_agency_counts_nothing(province: list[Agency]) -> None:
    client = logged_in(UserFactory.create(focal_point=True, focal_point_of=[]))
    assert [number for _url, number in figures(client, COUNTS)] == [0] * 6


@pytest.mark.parametrize("page", ["", "agencies/", "turns/", "persons/", "certified/"])
def test_counts_are_closed_to_everybody_else(province: list[Agency], page: str) -> None:
    for client in (
        Client(),
        logged_in(UserFactory.create()),
        logged_in(UserFactory.create(trainer=True)),
    ):
        for export in ("", "?export=xlsx"):
            response = client.get(f"{COUNTS}{page}{export}")
            assert response.status_code == 302
            assert not response.content


@pytest.mark.parametrize(
    ("role", "shown"), [("officer", True), ("focal_point", True), ("trainer", False)]
)
def test_the_menu_offers_counts_to_those_who_may_see_them(role: str, shown: bool) -> None:
    html = logged_in(UserFactory.create(**{role: True})).get("/admin/").content.decode()
    assert (f'"{COUNTS}"' in html) is shown


# --- Statements -----------------------------------------------------------------------------------


@pytest.fixture
def grow() -> Callable[[int], None]:
    runs = [run_of(), run_of(Course.Kind.INTERNAL_AUDITOR), run_of(supplementary=True)]
    agencies = [AgencyFactory.create(level=level) for level in Level.values]

    def grow(rows: int) -> None:
        for number in range(rows):
            person = PersonFactory.create(agency=agencies[0])
            certified(turn(person, runs[number % 3], agencies[number // 3 % 3]))

    return grow


def test_statements_do_not_grow_with_the_rows(officer: Client, grow: Callable[[int], None]) -> None:
    over_facts = {  # the years to choose from, then the figures, or how many rows and the rows
        "": 1 + 6,
        "?year=2020": 1 + 6,
        "?export=xlsx": 1 + 6,
        "agencies/": 1 + 1,
        "turns/": 1 + 2,
        "turns/?export=xlsx": 1 + 1,
        "persons/": 1 + 2,
        "certified/": 1 + 2,
    }

    def statements() -> dict[str, list[str]]:
        asked = {}
        for page in over_facts:
            officer.get(COUNTS + page)  # what Wagtail keeps from then on is not measured
            with CaptureQueriesContext(connection) as captured:
                officer.get(COUNTS + page)
            asked[page] = [query["sql"] for query in captured]
        return asked

    def numbers(asked: dict[str, list[str]], table: str = "") -> dict[str, int]:
        return {page: sum(table in sql for sql in asked[page]) for page in asked}

    grow(3)
    few = statements()
    grow(297)
    many = statements()
    assert numbers(many) == numbers(few)
    assert numbers(many, "reports_fact") == over_facts
