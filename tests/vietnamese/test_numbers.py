from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese.numbers import Number, format_number, format_percent


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (1640, "1.640"),
        (-1_234_567, "-1.234.567"),
        (7.5, "7,5"),
        (Decimal("1640.50"), "1.640,50"),
        (Fraction(1, 4), "0,25"),
        (Fraction(2, 3), "0,666667"),
    ],
)
def test_numbers_have_points_between_thousands_and_a_decimal_comma(
    value: Number, shown: str
) -> None:
    assert format_number(value) == shown


def test_a_number_is_rounded_half_up_where_decimals_are_asked_for() -> None:
    assert format_number(2.25, places=1) == "2,3"
    assert format_number(1640, places=2) == "1.640,00"


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.786, "78,6 %"),
        (0.8, "80 %"),
        (1, "100 %"),
        (Fraction(1, 3), "33,3 %"),
        (Decimal("0.0005"), "0,1 %"),
    ],
)
def test_shares_are_shown_as_percentages(share: Number, shown: str) -> None:
    assert format_percent(share) == shown


@given(st.integers())
def test_a_formatted_number_reads_back(number: int) -> None:
    assert int(format_number(number).replace(".", "")) == number
