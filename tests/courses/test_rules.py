from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from courses import rules
from courses.models import Course
from courses.rules import Evidence
from tests import factories

NOTHING = Evidence(lessons=(0, 5), assessments=(0, 2))
ALL = Evidence(lessons=(5, 5), assessments=(2, 2))

leaves = st.one_of(
    st.integers(1, 100).map(lambda percent: {"lessons": percent}),
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
counts = st.integers(0, 6).flatmap(
    lambda wanted: st.tuples(st.integers(0, wanted), st.just(wanted))
)
evidence = st.builds(Evidence, lessons=counts, assessments=counts)


@given(trees)
def test_every_well_formed_rule_is_met_by_all_and_by_nothing_less_than_something(
    rule: rules.Rule,
) -> None:
    rules.check(rule)
    assert rules.met(rule, ALL)
    assert not rules.met(rule, NOTHING)


@given(trees, evidence)
def test_a_rule_is_met_exactly_when_its_lines_say_so(rule: rules.Rule, known: Evidence) -> None:
    lines = rules.describe({"all": [rule]}, known)
    assert all(line.met for line in lines) == rules.met(rule, known)
    assert all(line.text for line in lines)


@pytest.mark.parametrize(
    ("percent", "done", "is_met"), [(80, 4, True), (80, 3, False), (81, 4, False), (1, 1, True)]
)
def test_a_share_of_lessons_is_reached_or_not(percent: int, done: int, is_met: bool) -> None:
    known = Evidence(lessons=(done, 5), assessments=(0, 0))
    assert rules.met({"lessons": percent}, known) is is_met


def test_who_has_no_lessons_has_watched_no_share_of_them() -> None:
    nothing = Evidence(lessons=(0, 0), assessments=(0, 0))
    assert not rules.met({"lessons": 1}, nothing)
    assert not rules.met({"assessments": "required"}, nothing)


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
        {"attendance": 80},
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
    with translation.override("en"):
        lines = rules.describe(
            {"all": [{"lessons": 80}, {"assessments": "required"}]},
            Evidence(lessons=(3, 5), assessments=(1, 1)),
        )
    assert [(line.text, line.met) for line in lines] == [
        ("Watch 4 of 5 lessons (watched: 3)", False),
        ("Pass the required tests: 1 of 1 passed", True),
    ]
