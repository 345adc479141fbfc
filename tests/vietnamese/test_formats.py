from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.utils import formats, translation


@pytest.fixture(params=["vi", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


def test_numbers_follow_the_language(language: str) -> None:
    shown = formats.number_format(Decimal("1640.5"), use_l10n=True, force_grouping=True)
    assert shown == {"vi": "1.640,5", "en": "1,640.5"}[language]


@pytest.mark.usefixtures("language")
def test_dates_are_day_month_year_in_both_languages() -> None:
    assert formats.date_format(date(2026, 11, 2)) == "02/11/2026"
    assert formats.date_format(datetime(2026, 11, 2, 14, 5), "DATETIME_FORMAT") == (  # noqa: DTZ001
        "14:05 02/11/2026"
    )


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("typed", ["02/11/2026", "2/11/2026", "2026-11-02"])
def test_dates_are_read_as_people_and_browsers_write_them(typed: str) -> None:
    assert forms.DateField().clean(typed) == date(2026, 11, 2)


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize(
    "typed", ["02/11/2026 14:05", "14:05 02/11/2026", "2026-11-02 14:05", "2026-11-02T14:05"]
)
def test_moments_are_read_as_people_and_browsers_write_them(typed: str) -> None:
    moment = forms.DateTimeField().clean(typed)
    assert moment.strftime("%Y-%m-%d %H:%M") == "2026-11-02 14:05"
