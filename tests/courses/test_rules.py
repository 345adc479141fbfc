from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from courses import rules
from courses.models import Course
from courses.rules import Evidence, Gathered
from tests import factories

DAY = datetime(2026, 11, 2, 8, tzinfo=UTC)


def hours(number: int) -> datetime:
    return DAY + timedelta(hours=number)


def gathered(done: int, wanted: int, *, amount: int = 1) -> Gathered:
    """One step an hour, the first at one o'clock."""
    steps = tuple((hours(number + 1), amount) for number in range(done))
    return Gathered(steps, wanted * amount)


NOTHING = Evidence(gathered(0, 5), gathered(0, 4, amount=90), gathered(0, 2))
ALL = Evidence(gathered(5, 5), gathered(4, 4, amount=90), gathered(2, 2))

leaves = st.one_of(
    st.integers(1, 100).map(lambda percent: {"lessons": percent}),
    st.integers(1, 100).map(lambda percent: {"attendance": percent}),
    st.just({"assessments": "required"}),
)
trees = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda key, parts: {key: parts},
        st.sampled_from(["all", "any"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
kinds = st.builds(
    lambda steps, missing: Gathered(
        tuple((hours(hour), amount) for hour, amount in steps),
        sum(amount for _hour, amount in steps) + missing,
    ),
    st.lists(st.tuples(st.integers(0, 99), st.integers(1, 9)), max_size=6),
    st.integers(0, 20),
)
evidence = st.builds(Evidence, kinds, kinds, kinds)


@given(trees)
def test_every_well_formed_rule_is_met_by_all_and_by_nothing_less_than_something(
    rule: rules.Rule,
) -> None:
    rules.check(rule)
    assert rules.met_at(rule, ALL)
    assert rules.met_at(rule, NOTHING) is None


@given(trees, evidence)
def test_a_rule_is_met_exactly_when_its_lines_say_so(rule: rules.Rule, known: Evidence) -> None:
    lines = rules.describe({"all": [rule]}, known)
    assert all(line.met for line in lines) == (rules.met_at(rule, known) is not None)
    assert all(line.text for line in lines)


@pytest.mark.parametrize(
    ("percent", "done", "is_met"), [(80, 4, True), (80, 3, False), (81, 4, False), (1, 1, True)]
)
def test_a_share_of_lessons_is_reached_or_not(percent: int, done: int, is_met: bool) -> None:
    known = Evidence(lessons=gathered(done, 5))
    assert (rules.met_at({"lessons": percent}, known) is not None) is is_met


def test_who_has_no_lessons_has_watched_no_share_of_them() -> None:
    for rule in ({"lessons": 1}, {"attendance": 1}, {"assessments": "required"}):
        assert rules.met_at(rule, Evidence()) is None


def test_a_rule_is_met_with_the_piece_that_decides_and_not_with_the_last() -> None:
    known = Evidence(gathered(5, 5), gathered(1, 2, amount=90), gathered(1, 1))
    assert rules.met_at({"lessons": 60}, known) == hours(3)
    assert rules.met_at({"all": [{"lessons": 60}, {"assessments": "required"}]}, known) == hours(3)
    assert rules.met_at({"any": [{"lessons": 60}, {"attendance": 50}]}, known) == hours(1)


def test_class_hours_count_by_their_length() -> None:
    long, short = (hours(2), 240), (hours(1), 60)
    rule = {"attendance": 80}
    assert rules.met_at(rule, Evidence(attendance=Gathered((long,), 300))) == hours(2)
    assert rules.met_at(rule, Evidence(attendance=Gathered((short,), 300))) is None


@given(trees, evidence, st.randoms(use_true_random=False))
def test_the_order_in_which_evidence_becomes_known_does_not_matter(
    rule: rules.Rule, known: Evidence, dice: Any
) -> None:
    def shuffled(one: Gathered) -> Gathered:
        steps = list(one.steps)
        dice.shuffle(steps)
        return Gathered(tuple(steps), one.wanted)

    mixed = Evidence(*(shuffled(one) for one in vars(known).values()))
    assert rules.met_at(rule, mixed) == rules.met_at(rule, known)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        {"lessons": 0},
        {"lessons": 101},
        {"lessons": True},
        {"lessons": "80"},
        {"all": []},
        {"all": {"lessons": 80}},
        {"any": [{"lessons": 80}, {}]},
        {"lessons": 80, "assessments": "required"},
        {"assessments": "optional"},
        {"attendance": 0},
        {"clicks": 80},
    ],
)
def test_a_malformed_rule_is_refused_with_the_reason(broken: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        rules.check(broken)
    assert refused.value.messages


@pytest.mark.django_db
def test_a_course_takes_no_malformed_rule() -> None:
    course: Course = factories.CourseFactory()
    course.completion_rule = {"lessons": 0}
    with pytest.raises(ValidationError, match="completion_rule"):
        course.full_clean()


def test_the_conditions_tell_what_is_there_already() -> None:
    known = Evidence(gathered(3, 5), gathered(1, 4, amount=90), gathered(1, 1))
    with translation.override("en"):
        lines = rules.describe(
            {"all": [{"lessons": 80}, {"attendance": 50}, {"assessments": "required"}]}, known
        )
    assert [(line.text, line.met) for line in lines] == [
        ("Watch 4 of 5 lessons (watched: 3)", False),
        ("Attend 3 of 6 class hours (attended: 1.5)", False),
        ("Pass the required tests: 1 of 1 passed", True),
    ]


def test_of_two_ways_the_one_that_a_run_does_not_offer_is_left_out() -> None:
    rule = {"any": [{"lessons": 100}, {"attendance": 80}]}
    with translation.override("en"):
        (online,) = rules.describe(rule, Evidence(lessons=gathered(1, 5)))
        (both,) = rules.describe(rule, Evidence(gathered(1, 5), gathered(4, 4, amount=60)))
    assert online.text == "Watch 5 of 5 lessons (watched: 1)"
    assert both.text == (
        "Watch 5 of 5 lessons (watched: 1) or attend 3.2 of 4 class hours (attended: 4)"
    )
    assert (online.met, both.met) == (False, True)
