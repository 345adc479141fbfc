"""Which tests need not run on both profiles: those that ask no database, broker or cache."""

from typing import Any

import pytest


def is_profile_free(request: pytest.FixtureRequest) -> bool:
    return request.node.get_closest_marker("profile_free") is not None


def test_one_that_asks_nothing_runs_on_one_profile(request: pytest.FixtureRequest) -> None:
    assert is_profile_free(request)


@pytest.mark.django_db
def test_one_that_is_marked_runs_on_both(request: pytest.FixtureRequest) -> None:
    assert not is_profile_free(request)


def test_one_with_rows_runs_on_both(request: pytest.FixtureRequest, db: None) -> None:
    assert not is_profile_free(request)


def test_one_that_makes_its_rows_once_runs_on_both(
    request: pytest.FixtureRequest, once: Any
) -> None:
    assert not is_profile_free(request)


@pytest.mark.skipif(False, reason="as one of a single profile says")
def test_one_that_may_be_skipped_runs_on_both(request: pytest.FixtureRequest) -> None:
    assert not is_profile_free(request)
