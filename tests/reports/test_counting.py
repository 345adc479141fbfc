from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from agencies.models import Level
from courses.models import Course
from reports import counting
from reports.counting import Figures
from reports.dimensions import AGENCY, COURSE_KIND, LEVEL, NONE, PHASE, YEAR, in_vietnamese_order
from reports.models import Fact
from tests.factories import AgencyFactory, PersonFactory
from tests.reports.training import certified, moment, run_of, take_back, turn

pytestmark = pytest.mark.django_db


def totals() -> counting.Totals:
    return counting.totals(Fact.objects.all())


def lines(dimension: Any) -> list[tuple[str, bool, Figures]]:
    return [
        (line.key, line.supplementary, line.figures)
        for line in counting.by(Fact.objects.all(), dimension)
    ]


def test_where_nothing_is_counted_every_figure_is_zero() -> None:
    assert totals() == counting.Totals(0, 0, 0, Figures(0, 0, 0))
    assert lines(LEVEL) == []


def test_turns_are_participations_and_persons_are_people() -> None:
    person, agency = PersonFactory.create(), AgencyFactory.create()
    turn(person, run_of(), agency)
    certified(turn(person, run_of(Course.Kind.INTERNAL_AUDITOR), agency))
    assert totals() == counting.Totals(turns=2, persons=1, certified=1)


def test_who_holds_two_certificates_is_one_certified_person() -> None:
    person = PersonFactory.create()
    certified(turn(person, run_of(), None))
    certified(turn(person, run_of(), None))
    assert totals().certified == 1


def test_a_person_in_two_agencies_counts_in_each_and_once_in_the_totals() -> None:
    person, one, other = PersonFactory.create(), AgencyFactory.create(), AgencyFactory.create()
    turn(person, run_of(), one)
    turn(person, run_of(), other)
    assert totals().persons == 1
    by_agency = {key: figures for key, _supplementary, figures in lines(AGENCY)}
    assert by_agency == {str(one.pk): Figures(1, 1, 0), str(other.pk): Figures(1, 1, 0)}


def test_supplementary_runs_stand_on_their_own_line() -> None:
    person, agency = PersonFactory.create(), AgencyFactory.create()
    turn(person, run_of(), agency)
    turn(person, run_of(supplementary=True), agency)
    turn(PersonFactory.create(), run_of(supplementary=True), agency)
    assert totals() == counting.Totals(1, 1, 0, supplementary=Figures(2, 2, 0))
    assert lines(COURSE_KIND) == [
        ("awareness", False, Figures(1, 1, 0)),
        ("awareness", True, Figures(2, 2, 0)),
    ]


def test_levels_and_kinds_stand_in_their_own_order_and_what_is_missing_last() -> None:
    for level in (Level.COMMUNE, Level.PROVINCE, Level.DISTRICT):
        turn(PersonFactory.create(), run_of(), AgencyFactory.create(level=level))
    turn(PersonFactory.create(), run_of(Course.Kind.INSPECTOR), None)
    assert [key for key, *_ in lines(LEVEL)] == ["province", "district", "commune", NONE]
    assert [key for key, *_ in lines(COURSE_KIND)] == ["awareness", "inspector"]
    assert lines(PHASE) == [(NONE, False, Figures(4, 4, 0))]


def test_a_certificate_of_the_next_year_counts_there() -> None:
    certified(turn(PersonFactory.create(), run_of(), None, at=moment(2020, 12)), at=moment(2021, 1))
    assert lines(YEAR) == [
        ("2020", False, Figures(1, 1, 0)),
        ("2021", False, Figures(0, 0, 1)),
    ]


def test_agencies_stand_in_vietnamese_order() -> None:
    names = ["Ủy ban nhân dân", "Đảng ủy", "Sở Tư pháp", "Sở Nội vụ", "Ban Dân tộc", "Chi cục"]
    assert sorted(names, key=in_vietnamese_order) == [
        "Ban Dân tộc",
        "Chi cục",
        "Đảng ủy",
        "Sở Nội vụ",
        "Sở Tư pháp",
        "Ủy ban nhân dân",
    ]


def test_what_is_taken_back_is_gone_from_figures_lines_and_rows() -> None:
    person, agency = PersonFactory.create(), AgencyFactory.create()
    kept = turn(person, run_of(), agency)
    gone = turn(PersonFactory.create(), run_of(), agency)
    take_back(gone)
    assert totals() == counting.Totals(turns=1, persons=1, certified=0)
    assert lines(YEAR) == [("2020", False, Figures(1, 1, 0))]
    assert list(counting.turns(Fact.objects.all())) == [kept]
    assert list(counting.persons(Fact.objects.all())) == [person]


def test_a_person_with_another_certificate_stays_certified_when_one_is_taken_back() -> None:
    person = PersonFactory.create()
    first = certified(turn(person, run_of(), None))
    second = certified(turn(person, run_of(), None))
    take_back(first)
    assert (totals().turns, totals().certified) == (2, 1)
    take_back(second)
    assert (totals().turns, totals().certified) == (2, 0)


def test_a_figure_and_its_rows_agree() -> None:
    people = [PersonFactory.create() for _ in range(4)]
    for number, person in enumerate(people):
        taken = turn(person, run_of(), AgencyFactory.create(), at=moment(2020 + number % 2))
        if number:
            certified(taken)
        turn(person, run_of(), None, at=moment(2021))
    for facts in (Fact.objects.all(), Fact.objects.filter(year=2021)):
        counted = counting.totals(facts)
        assert counting.turns(facts).count() == counted.turns
        assert counting.persons(facts).count() == counted.persons
        assert counting.certified(facts).count() == counted.certified


def test_a_person_is_listed_with_turns_certificates_and_the_latest_agency() -> None:
    person, before, after = PersonFactory.create(), AgencyFactory.create(), AgencyFactory.create()
    certified(turn(person, run_of(), before, at=moment(2020)), number="0001/2020/KH")
    turn(person, run_of(), after, at=moment(2021))
    row: Any = counting.persons(Fact.objects.all()).get()
    assert (row.turn_count, row.certificate_count) == (2, 1)
    assert (row.agency_name, row.certificate_number) == (after.name, "0001/2020/KH")


def test_counting_is_one_statement_with_3_and_with_300_rows(
    django_assert_num_queries: Any,
) -> None:
    run, agencies = run_of(), [AgencyFactory.create() for _ in range(3)]
    counts: list[Callable[[], object]] = [
        totals,
        *(partial(lines, dimension) for dimension in (LEVEL, YEAR, COURSE_KIND, PHASE, AGENCY)),
        lambda: list(counting.persons(Fact.objects.all())),
    ]
    for rows in (3, 297):
        for number in range(rows):
            turn(PersonFactory.create(agency=agencies[0]), run, agencies[number % 3])
        for count in counts:
            with django_assert_num_queries(1):
                assert count()
