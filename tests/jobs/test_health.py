from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from jobs.models import Heartbeat

# The checks run in threads of their own.
pytestmark = pytest.mark.django_db(transaction=True)


def beat(seconds_ago: float) -> None:
    at = timezone.now() - timedelta(seconds=seconds_ago)
    Heartbeat.objects.create(name="one", beat_at=at)


def test_a_service_whose_worker_sweeps_is_healthy(client: Client) -> None:
    beat(1)
    assert client.get("/health/").status_code == 200


def test_a_service_that_never_swept_is_not_healthy(client: Client) -> None:
    response = client.get("/health/")
    assert response.status_code == 500
    assert "is a worker running?" in response.text


def test_a_service_that_missed_three_sweeps_is_not_healthy(client: Client) -> None:
    beat(3 * settings.SWEEP_SECONDS + 1)
    assert client.get("/health/").status_code == 500


def test_the_youngest_heartbeat_counts(client: Client) -> None:
    beat(1)
    at = timezone.now() - timedelta(days=9)
    Heartbeat.objects.create(name="retired long ago", beat_at=at)
    assert client.get("/health/").status_code == 200


def test_asking_often_uses_up_no_connections(client: Client) -> None:
    beat(1)
    assert [client.get("/health/").status_code for _time in range(25)] == [200] * 25
