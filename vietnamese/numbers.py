"""Numbers as Vietnamese officials write them: 1.640 and 78,6 %."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

Number = int | float | Decimal | Fraction


def format_number(value: Number, places: int | None = None) -> str:
    """The number with points between thousands and a decimal comma: 1640 is "1.640".

    With `places` it is rounded half up to that many decimals; without, all its decimals are
    shown (a fraction that has no end to them is shown with six).
    """
    number = _exact(value)
    if places is not None:
        number = _rounded(number, places)
    return f"{number:,f}".translate({ord(","): ".", ord("."): ","})


def format_percent(share: Number, places: int = 1) -> str:
    """A share of one as a percentage: 0.786 is "78,6 %", 0.8 is "80 %"."""
    percent = _rounded(_exact(share) * 100, places)
    return f"{format_number(percent.normalize())} %"


def _exact(value: Number) -> Decimal:
    if isinstance(value, Fraction):
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
        exact = Fraction(quotient) == value
        return quotient if exact else _rounded(quotient, 6)
    # By its shortest text, so that the float 0.786 is 0.786 and not 0.78600000000000003.
    return Decimal(str(value))


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
