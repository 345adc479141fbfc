"""How much one person may ask of the API, however many share an address."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jobs import counting
from people import throttling
from people.models import User
from quizzes.models import Attempt
from tests import factories

pytestmark = pytest.mark.django_db
NOW = 1_800_000_000.0  # the first second of a minute


@pytest.fixture(autouse=True)
def _at_the_beginning_of_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("people.throttling.time.time", lambda: NOW)


@pytest.fixture
def attempt() -> Attempt:
    return factories.sitting()


def a_client(attempt: Attempt) -> Client:
    client = Client()
    person = attempt.enrolment.person
    client.force_login(
        User.objects.filter(person=person).first() or factories.UserFactory(person=person)
    )
    return client


def ask(client: Client, attempt: Attempt) -> Any:
    return client.get(reverse("api:attempt", args=[attempt.pk]))


def test_one_too_many_is_a_429_that_says_when_to_come_again(
    attempt: Attempt, settings: Any
) -> None:
    settings.API_RATES = settings.API_RATES | {"read": "2/min"}
    client = a_client(attempt)
    assert [ask(client, attempt).status_code for _time in range(3)] == [200, 200, 429]
    answer = ask(client, attempt)
    assert answer.headers["Retry-After"] == "60"
    assert answer.json().keys() == {"code", "detail"}
    assert answer.json()["code"] == "throttled"


def test_in_the_next_minute_one_may_ask_again(
    attempt: Attempt, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_RATES = settings.API_RATES | {"read": "1/min"}
    client = a_client(attempt)
    for second, status in ((0, 200), (59, 429), (60, 200), (61, 429)):
        monkeypatch.setattr(
            "people.throttling.time.time", lambda second=second: NOW + float(second)
        )
        assert ask(client, attempt).status_code == status


def test_neighbours_at_one_address_do_not_take_it_from_each_other(
    attempt: Attempt, settings: Any
) -> None:
    settings.API_RATES = settings.API_RATES | {"read": "1/min"}
    neighbour = factories.sitting()
    for one in (attempt, neighbour):
        assert ask(a_client(one), one).status_code == 200
    # Another browser is still the same person.
    assert ask(a_client(attempt), attempt).status_code == 429


def test_saving_starting_and_reading_are_counted_apart(attempt: Attempt, settings: Any) -> None:
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "1/min")
    client = a_client(attempt)
    assert ask(client, attempt).status_code == 200
    address = reverse("api:answers", args=[attempt.pk])
    saves = [
        client.put(address, {"answers": []}, content_type="application/json").status_code
        for _time in range(2)
    ]
    assert saves == [200, 429]
    assert client.post(reverse("api:submit", args=[attempt.pk])).status_code == 200


def test_counting_that_fails_lets_everybody_pass(
    attempt: Attempt, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_RATES = settings.API_RATES | {"read": "1/min"}
    monkeypatch.setattr(counting, "_redis_address", lambda: "redis://127.0.0.1:1/0")
    client = a_client(attempt)
    assert [ask(client, attempt).status_code for _time in range(3)] == [200, 200, 200]


def test_counts_of_a_window_are_forgotten_with_it() -> None:
    windows = counting.Windows()
    asked = [(1, "a"), (1, "a"), (1, "b"), (2, "a"), (2, "a")]
    counts = [windows.count(key, seconds=60, window=window) for window, key in asked]
    assert counts == [1, 2, 1, 1, 2]


def test_where_there_is_a_redis_it_counts_for_all_processes() -> None:
    if counting._redis_address() is None:
        pytest.skip("no Redis")
    counted = [counting.count("one", seconds=60, now=NOW) for _time in range(3)]
    assert counted == [1, 2, 3]
    assert counting.count("one", seconds=60, now=NOW + 60) == 1
    # The first ones of a process it is not told.
    free = [counting.count("two", seconds=60, now=NOW, free=2) for _time in range(4)]
    assert free == [1, 2, 1, 2]


@pytest.mark.parametrize(("rate", "parsed"), [("120/min", (120, 60)), ("9/hour", (9, 3600))])
def test_a_rate_is_so_many_in_a_period(rate: str, parsed: tuple[int, int]) -> None:
    assert throttling._parsed(rate) == parsed
