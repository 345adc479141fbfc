import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from courses import rules
from courses.plain_rules import PlainRule, in_words, plain, rule_of

shares = st.none() | st.integers(1, 100)


@st.composite
def wanted(draw: st.DrawFn) -> PlainRule:
    lessons, attendance = draw(shares), draw(shares)
    either = bool(lessons and attendance) and draw(st.booleans())
    tests = draw(st.booleans()) or not (lessons or attendance)
    return PlainRule(lessons, attendance, either, tests)


@given(wanted())
def test_what_people_set_is_a_well_formed_rule_that_reads_back(terms: PlainRule) -> None:
    rule = rule_of(terms)
    rules.check(rule)
    assert plain(rule) == terms


def test_the_proposed_rules_can_be_set_in_plain_fields() -> None:
    assert plain(rules.default_participation()) == PlainRule(80, 80, either=True)
    assert plain(rules.default_completion()) == PlainRule(100, 80, either=True, tests=True)


@pytest.mark.parametrize(
    "rule",
    [
        {"any": [{"lessons": 30}, {"assessments": "required"}]},
        {"any": [{"lessons": 30}, {"lessons": 40}]},
        {"all": [{"lessons": 30}, {"lessons": 40}]},
        {"all": [{"all": [{"lessons": 30}]}]},
        {"all": [{"any": [{"lessons": 30}, {"attendance": 40}]}, {"lessons": 50}]},
    ],
)
def test_a_rule_of_another_form_is_not_mistaken_for_a_plain_one(rule: rules.Rule) -> None:
    rules.check(rule)
    assert plain(rule) is None


def test_nothing_is_no_rule() -> None:
    with pytest.raises(ValueError, match="asks for something"):
        rule_of(PlainRule())
    with pytest.raises(ValidationError):
        rules.check({"all": []})


def test_any_rule_can_be_said_in_one_phrase() -> None:
    with translation.override("en"):
        assert in_words(rules.default_completion()) == (
            "(100 % of the lessons or 80 % of the class hours) and a pass in each required test"
        )
        assert in_words({"lessons": 80}) == "80 % of the lessons"
