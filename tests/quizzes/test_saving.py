from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizzes import attempts, saving
from quizzes.models import Answer, Attempt, AttemptEvent, LateAnswer
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()
POSTGRESQL = connection.vendor == "postgresql"


@pytest.fixture
def attempt() -> Attempt:
    return factories.sitting(at=NOW)


def save(attempt: Attempt, *changes: tuple[int, int, Any], after: float = 0) -> dict[int, int]:
    """Save and return the acknowledged sequence numbers by slot."""
    return {receipt.slot: receipt.seq for receipt in saved(attempt, *changes, after=after).receipts}


def saved(attempt: Attempt, *changes: tuple[int, int, Any], after: float = 0) -> saving.Saved:
    return attempts.save_answers(
        attempt_id=attempt.pk,
        person_id=attempt.enrolment.person_id,
        changes=[attempts.RawChange(*change) for change in changes],
        at=NOW + timedelta(seconds=after),
    )


def held(attempt: Attempt) -> dict[int, tuple[int, Any]]:
    rows = Answer.objects.filter(attempt=attempt).values_list("slot", "seq", "response")
    return {slot: (seq, response) for slot, seq, response in rows}


def test_an_answer_is_kept_and_acknowledged(attempt: Attempt) -> None:
    assert save(attempt, (1, 1, True), (3, 2, False)) == {1: 1, 3: 2}
    assert held(attempt) == {1: (1, 1), 3: (2, 2)}


def test_a_batch_that_comes_twice_changes_nothing(attempt: Attempt) -> None:
    save(attempt, (1, 5, True))
    assert save(attempt, (1, 5, False), after=9) == {1: 5}
    assert held(attempt) == {1: (5, 1)}
    assert Answer.objects.get().saved_at == NOW


def test_an_older_answer_that_arrives_late_is_acknowledged_with_what_is_held(
    attempt: Attempt,
) -> None:
    save(attempt, (1, 5, True))
    assert save(attempt, (1, 4, False)) == {1: 5}
    assert held(attempt) == {1: (5, 1)}


def test_a_newer_answer_replaces_and_an_answer_can_be_taken_back(attempt: Attempt) -> None:
    save(attempt, (1, 1, True))
    assert save(attempt, (1, 2, None), after=3) == {1: 2}
    assert held(attempt) == {1: (2, None)}
    assert Answer.objects.get().saved_at == NOW + timedelta(seconds=3)


def test_an_empty_batch_is_no_error(attempt: Attempt) -> None:
    assert save(attempt) == {}


@pytest.mark.parametrize("slot", [0, -1, 5, 999])
def test_an_answer_for_a_slot_that_is_not_in_the_paper_keeps_nothing_of_the_batch(
    attempt: Attempt, slot: int
) -> None:
    with pytest.raises(attempts.UnknownSlot, match=str(slot)):
        save(attempt, (1, 1, True), (slot, 1, True))
    assert held(attempt) == {}


@pytest.mark.parametrize("response", ["maybe", 3, [True], {"a": 1}, 1.5])
def test_an_answer_that_its_question_cannot_have_keeps_nothing_of_the_batch(
    attempt: Attempt, response: Any
) -> None:
    with pytest.raises(attempts.BadAnswer):
        save(attempt, (1, 1, True), (2, 1, response))
    assert held(attempt) == {}


def late(attempt: Attempt) -> list[tuple[int, int, Any]]:
    rows = LateAnswer.objects.filter(attempt=attempt).order_by("slot", "seq")
    return list(rows.values_list("slot", "seq", "response"))


def test_what_comes_after_the_submission_is_kept_as_evidence_only(attempt: Attempt) -> None:
    save(attempt, (1, 1, True))
    attempts.finish(attempt_id=attempt.pk, at=NOW)
    came_late = saved(attempt, (1, 2, False), (2, 1, True), after=5)
    assert (came_late.receipts, came_late.late) == ((), [1, 2])
    assert held(attempt) == {1: (1, 1)}
    assert late(attempt) == [(1, 2, 2), (2, 1, 1)]


def test_a_script_cannot_fill_the_database_with_evidence(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "MOST_LATE", 2)
    monkeypatch.setattr(saving, "MOST_EVENTS", 3)
    reports = [saving.Reported("left", NOW + timedelta(seconds=n)) for n in range(1, 10)]
    for number in range(1, 6):
        saving.store(
            attempt_id=attempt.pk,
            person_id=attempt.enrolment.person_id,
            changes=[],
            reported=reports[number - 1 : number],
            at=NOW + timedelta(seconds=number),
        )
    assert AttemptEvent.objects.filter(attempt=attempt).count() == 3
    attempts.finish(attempt_id=attempt.pk, at=NOW + timedelta(seconds=20))
    for number in range(1, 6):
        assert saved(attempt, (1, number, True), after=20 + number).late == [1]
    assert len(late(attempt)) == 2


def test_what_is_late_is_kept_once_however_often_it_is_sent(attempt: Attempt) -> None:
    attempts.finish(attempt_id=attempt.pk, at=NOW)
    for seconds in (5, 6, 7):
        assert saved(attempt, (2, 1, True), after=seconds).late == [2]
    assert late(attempt) == [(2, 1, 1)]
    assert [event.kind for event in attempt.events.all()] == [AttemptEvent.Kind.LATE]


def test_nobody_saves_into_the_attempt_of_another(attempt: Attempt) -> None:
    stranger = factories.PersonFactory()
    for _cached in range(2):
        with pytest.raises(saving.NoSuchAttempt):
            attempts.save_answers(
                attempt_id=attempt.pk,
                person_id=stranger.pk,
                changes=[attempts.RawChange(1, 1, True)],
                at=NOW,
            )
        save(attempt, (2, 1, True))
    assert held(attempt) == {2: (1, 1)}


def test_a_batch_leaves_one_line_in_the_trail_and_its_repetition_none(attempt: Attempt) -> None:
    save(attempt, (1, 1, True), (2, 1, True), (4, 1, False))
    save(attempt, (1, 1, True), after=1)
    save(attempt, (1, 2, False), after=2)
    assert list(attempt.events.order_by("noted_at").values_list("kind", "detail")) == [
        (AttemptEvent.Kind.SAVED, "1-2,4"),
        (AttemptEvent.Kind.SAVED, "1"),
    ]


def test_what_a_device_reports_of_itself_is_kept_once_at_its_own_time(attempt: Attempt) -> None:
    lost = saving.Reported("offline", NOW - timedelta(minutes=3))
    back = saving.Reported("back", NOW - timedelta(minutes=1))
    for seconds in (0, 4):
        attempts.save_answers(
            attempt_id=attempt.pk,
            person_id=attempt.enrolment.person_id,
            changes=[],
            at=NOW + timedelta(seconds=seconds),
            reported=[lost, back],
        )
    received = {"received": NOW.isoformat()}
    assert list(attempt.events.order_by("noted_at").values_list("noted_at", "kind", "detail")) == [
        (lost.at, AttemptEvent.Kind.OFFLINE, received),
        (back.at, AttemptEvent.Kind.BACK, received),
    ]


@pytest.mark.parametrize(
    ("slots", "words"),
    [([], ""), ([3], "3"), ([1, 2], "1-2"), ([1, 2, 3, 7, 9, 10], "1-3,7,9-10")],
)
def test_slots_are_told_in_ranges(slots: list[int], words: str) -> None:
    assert saving.in_ranges(slots) == words


def test_answers_are_taken_until_the_grace_is_over(attempt: Attempt) -> None:
    assert attempt.deadline is not None
    limit = (attempt.deadline + attempts.GRACE - NOW).total_seconds()
    assert save(attempt, (1, 1, True), after=limit) == {1: 1}
    assert saved(attempt, (1, 2, False), after=limit + 0.001).late == [1]
    assert held(attempt) == {1: (1, 1)}


changes = st.tuples(st.integers(1, 4), st.integers(1, 6), st.sampled_from([True, False, None]))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(changes, max_size=5), max_size=6))
def test_however_batches_are_doubled_and_reordered_the_highest_number_stands(
    attempt: Attempt, batches: list[list[tuple[int, int, Any]]]
) -> None:
    stored = {True: 1, False: 2, None: None}
    expected: dict[int, tuple[int, Any]] = {}
    with transaction.atomic():
        for batch in batches:
            for slot, seq, response in batch:
                if slot not in expected or seq > expected[slot][0]:
                    expected[slot] = (seq, stored[response])
            receipts = save(attempt, *batch)
            assert receipts == {slot: expected[slot][0] for slot, _seq, _response in batch}
        assert held(attempt) == expected
        transaction.set_rollback(True)


def test_a_save_of_many_answers_is_a_handful_of_statements(
    attempt: Attempt, django_assert_num_queries: Any
) -> None:
    """One on PostgreSQL; on SQLite the steps one by one, two of them the savepoint's."""
    save(attempt, (1, 1, True))
    changes = [(slot, 2, True) for slot in range(1, 5)]
    with transaction.atomic(), django_assert_num_queries(1 if POSTGRESQL else 7):
        save(attempt, *changes)


@pytest.mark.django_db(transaction=True)
def test_batches_that_arrive_at_once_lose_nothing(attempt: Attempt) -> None:
    def device(seq: int) -> Any:
        answers = [(slot, seq, seq % 2 == 0) for slot in range(1, 5)]
        return lambda: save(attempt, *answers)

    answers = together([device(seq) for seq in range(1, 9)])
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert held(attempt) == dict.fromkeys(range(1, 5), (8, 1))
