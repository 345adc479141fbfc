from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizzes import attempts, saving
from quizzes.models import Answer, Attempt
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def attempt() -> Attempt:
    return factories.sitting(at=NOW)


def save(attempt: Attempt, *changes: tuple[int, int, Any], after: float = 0) -> dict[int, int]:
    """Save and return the acknowledged sequence numbers by slot."""
    receipts = attempts.save_answers(
        attempt=attempt,
        changes=[attempts.RawChange(*change) for change in changes],
        at=NOW + timedelta(seconds=after),
    )
    return {receipt.slot: receipt.seq for receipt in receipts}


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


def test_a_submitted_attempt_takes_no_more_answers(attempt: Attempt) -> None:
    save(attempt, (1, 1, True))
    attempts.finish(attempt_id=attempt.pk, at=NOW)
    with pytest.raises(attempts.AttemptClosed):
        save(attempt, (1, 2, False))
    assert held(attempt) == {1: (1, 1)}


def test_answers_are_taken_until_the_grace_is_over(attempt: Attempt) -> None:
    assert attempt.deadline is not None
    limit = (attempt.deadline + attempts.GRACE - NOW).total_seconds()
    assert save(attempt, (1, 1, True), after=limit) == {1: 1}
    with pytest.raises(attempts.AttemptClosed):
        save(attempt, (1, 2, False), after=limit + 0.001)


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
    change = [saving.Change(slot, 1, 1) for slot in range(1, 5)]
    with transaction.atomic(), django_assert_num_queries(4):  # two of them the savepoint's
        saving.store(attempt=attempt, changes=change, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_batches_that_arrive_at_once_lose_nothing(attempt: Attempt) -> None:
    def device(seq: int) -> Any:
        answers = [(slot, seq, seq % 2 == 0) for slot in range(1, 5)]
        return lambda: save(attempt, *answers)

    answers = together([device(seq) for seq in range(1, 9)])
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert held(attempt) == dict.fromkeys(range(1, 5), (8, 1))
