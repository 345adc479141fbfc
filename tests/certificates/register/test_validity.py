"""In force on a date: one question, one answer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.models import StandardEdition
from certificates.models import Certificate, IssuingRule, RegisterEntry
from certificates.register import entering, validity
from certificates.register.validity import Status, add_months
from tests import factories

pytestmark = pytest.mark.django_db

Kind = RegisterEntry.Kind
FIRST = date(2026, 1, 10)
YEAR = 366


@pytest.fixture
def rule() -> IssuingRule:
    rule: IssuingRule = factories.IssuingRuleFactory()
    return rule


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, tzinfo=UTC)


def enter(
    certificate: Certificate,
    kind: Kind,
    day: date,
    *,
    of: RegisterEntry | None = None,
    valid_until: date | None = None,
    transition_months: int | None = None,
) -> RegisterEntry:
    """An entry of that day, without drawing a paper."""
    register = entering.lock(certificate.rule.register_id)
    numbers = None
    content: dict[str, Any] = {}
    if kind != Kind.FILED:
        numbers = entering.next_numbers(register=register, at=noon(day))
    if kind in RegisterEntry.NUMBERED:
        content = {
            "issued_on": day.isoformat(),
            "standard_edition": "TCVN ISO 9001:2015",
            "valid_until": valid_until.isoformat() if valid_until else None,
            "transition_months": transition_months,
        }
    elif numbers:
        numbers = numbers.without_certificate()
    decided = kind not in (Kind.ISSUE, Kind.FILED)
    return entering.write(
        register=register,
        certificate=certificate,
        kind=kind,
        content=content,
        at=noon(day),
        numbers=numbers,
        of=of,
        decision_number="1" if decided else "",
        decision_date=day if decided else None,
        reason="vì" if decided else "",
    )


def certificate_of(rule: IssuingRule) -> Certificate:
    return Certificate.objects.create(
        person=factories.PersonFactory(), rule=rule, pending_since=noon(FIRST)
    )


def issued(
    rule: IssuingRule, *, filed: bool = True, **terms: Any
) -> tuple[Certificate, RegisterEntry]:
    certificate = certificate_of(rule)
    entry = enter(certificate, Kind.ISSUE, FIRST, **terms)
    if filed:
        enter(certificate, Kind.FILED, FIRST, of=entry)
    return certificate, entry


def in_force(certificate: Certificate, on: date) -> bool:
    """The one answer; both ways of asking give it."""
    alone = validity.in_force(certificate, on=on)
    assert Certificate.objects.in_force(on=on).filter(pk=certificate.pk).exists() == alone
    return alone


def days_in_force(certificate: Certificate, *days: date) -> list[bool]:
    return [in_force(certificate, day) for day in days]


def test_a_certificate_without_end_is_in_force_from_the_day_of_issue(rule: IssuingRule) -> None:
    certificate, _entry = issued(rule)
    before, after = FIRST - timedelta(days=1), FIRST + timedelta(days=20000)
    assert days_in_force(certificate, before, FIRST, after) == [False, True, True]


def test_nothing_is_in_force_before_its_paper_is_there(rule: IssuingRule) -> None:
    certificate, _entry = issued(rule, filed=False)
    assert not in_force(certificate, FIRST)


def test_years_end_with_their_last_day(rule: IssuingRule) -> None:
    certificate, entry = issued(rule, valid_until=date(2029, 1, 10))
    assert days_in_force(certificate, date(2029, 1, 10), date(2029, 1, 11)) == [True, False]
    history = list(certificate.entries.all())
    assert validity.judge(entry, history=history, on=date(2029, 1, 11)).status == Status.EXPIRED


def test_an_edition_that_is_superseded_leaves_the_time_of_transition(rule: IssuingRule) -> None:
    certificate, _entry = issued(rule, transition_months=6)
    assert in_force(certificate, date(2050, 1, 1))
    StandardEdition.objects.update(superseded_on=date(2026, 8, 31))
    certificate = Certificate.objects.get(pk=certificate.pk)
    # Six months after 31/8 is 28/2, and that day is not in it any more.
    assert days_in_force(certificate, date(2027, 2, 27), date(2027, 2, 28)) == [True, False]


def test_a_revoked_one_was_in_force_until_then_and_a_void_one_never(rule: IssuingRule) -> None:
    later = FIRST + timedelta(days=30)
    days = (FIRST, later - timedelta(days=1), later)
    certificate, entry = issued(rule)
    enter(certificate, Kind.REVOKE, later, of=entry)
    assert days_in_force(certificate, *days) == [True, True, False]
    certificate, entry = issued(rule)
    enter(certificate, Kind.VOID, later, of=entry)
    assert days_in_force(certificate, *days) == [False, False, False]


def test_between_expiry_and_a_late_renewal_nothing_was_in_force(rule: IssuingRule) -> None:
    until, renewed = FIRST + timedelta(days=10), FIRST + timedelta(days=20)
    certificate, entry = issued(rule, valid_until=until)
    again = enter(
        certificate, Kind.RENEW, renewed, of=entry, valid_until=FIRST + timedelta(days=YEAR)
    )
    enter(certificate, Kind.FILED, renewed, of=again)
    days = (until, until + timedelta(days=1), renewed - timedelta(days=1), renewed)
    assert days_in_force(certificate, *days) == [True, False, False, True]


STEPS = st.lists(
    st.tuples(
        st.sampled_from([Kind.CORRECT, Kind.REISSUE, Kind.RENEW, Kind.REVOKE, Kind.VOID]),
        st.integers(0, 200),  # days after the step before
        st.booleans(),  # whether its paper was made
        st.none() | st.integers(0, YEAR),  # days of validity
        st.none() | st.integers(0, 7),  # months of transition
    ),
    max_size=4,
)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=STEPS,
    filed=st.booleans(),
    superseded=st.none() | st.integers(0, YEAR),
    asked=st.lists(st.integers(-2, 2 * YEAR), min_size=1, max_size=6),
)
def test_whatever_happened_a_list_and_a_certificate_give_the_same_answer(
    rule: IssuingRule, steps: Any, filed: bool, superseded: int | None, asked: list[int]
) -> None:
    since = FIRST + timedelta(days=superseded) if superseded is not None else None
    StandardEdition.objects.update(superseded_on=since)
    certificate, entry = issued(rule, filed=filed, transition_months=3)
    day, changes = FIRST, {FIRST}
    for kind, after, paper, valid_days, months in steps:
        day += timedelta(days=after)
        until = day + timedelta(days=valid_days) if valid_days is not None else None
        written = enter(
            certificate, kind, day, of=entry, valid_until=until, transition_months=months
        )
        changes |= {day, until or day}
        if kind in RegisterEntry.ENDING:
            break
        entry = written
        if paper:
            enter(certificate, Kind.FILED, day, of=entry)
    if since:
        changes |= {add_months(since, months) for months in range(8)}
    near = {one + timedelta(days=shift) for one in changes for shift in (-1, 0, 1)}
    for on in sorted(near | {FIRST + timedelta(days=number) for number in asked}):
        standing = in_force(certificate, on)
        history = list(certificate.entries.select_related("valid_edition"))
        valid = [
            one
            for one in history
            if one.kind in RegisterEntry.NUMBERED
            and validity.judge(one, history=history, on=on).status == Status.VALID
        ]
        assert len(valid) == standing, "never two numbers at once"


def test_what_the_rule_says_is_frozen_at_issue(rule: IssuingRule) -> None:
    IssuingRule.objects.update(validity="edition", transition_months=18)
    rule.refresh_from_db()
    certificate = factories.filed_certificate(rule=rule)
    entry = certificate.entries.get(kind=Kind.ISSUE)
    assert entry.content["transition_months"] == entry.transition_months == 18
    assert entry.valid_edition == rule.course.edition
    IssuingRule.objects.update(validity="years", valid_years=1, transition_months=None)
    StandardEdition.objects.update(name="Tên khác", superseded_on=date(2020, 1, 1))
    assert not Certificate.objects.in_force(on=date(2040, 1, 1)).exists()
    assert entry.content["standard_edition"] == "TCVN ISO 9001:2015"


@pytest.mark.parametrize("values", [{"validity": "years"}, {"validity": "edition"}])
def test_a_rule_says_how_long(rule: IssuingRule, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(rule, name, value)
    with pytest.raises(ValidationError):
        rule.full_clean()


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 5, 15), 0, date(2026, 5, 15)),
    ],
)
def test_months_end_where_the_month_ends(day: date, months: int, found: date) -> None:
    assert add_months(day, months) == found
