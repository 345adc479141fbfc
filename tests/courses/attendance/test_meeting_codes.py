from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from hypothesis import given
from hypothesis import strategies as st

from courses.attendance import codes
from courses.models.attendance import new_secret

secrets = st.binary(min_size=20, max_size=20).map(bytes.hex)
moments = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(secret=secrets, at=moments)
def test_the_codes_are_those_of_the_standard(secret: str, at: datetime) -> None:
    other = TOTP(
        bytes.fromhex(secret),
        length=6,
        algorithm=SHA1(),  # noqa: S303 - what the standard names
        time_step=20,
    )
    assert codes.code_at(secret=secret, at=at).encode() == other.generate(int(at.timestamp()))


@given(secret=secrets, shown_at=moments, later=st.floats(min_value=0, max_value=3600))
def test_a_code_holds_for_its_own_step_and_the_next_and_then_no_more(
    secret: str, shown_at: datetime, later: float
) -> None:
    code = codes.code_at(secret=secret, at=shown_at)
    given_at = shown_at + timedelta(seconds=later)
    steps = codes.step_of(given_at) - codes.step_of(shown_at)
    accepted = codes.is_right(secret=secret, code=code, at=given_at)
    if steps <= 1:
        assert accepted
    else:
        # Two steps may have the same six digits by chance; a photograph is not right by age.
        same = {codes.code_at(secret=secret, at=given_at - codes.STEP * n) for n in (0, 1)}
        assert accepted == (code in same)
    if later >= 60 and accepted:
        assert steps > 1


@given(secret=secrets, shown_at=moments, before=st.integers(min_value=1, max_value=1000))
def test_a_code_is_not_right_before_it_is_shown(
    secret: str, shown_at: datetime, before: int
) -> None:
    code = codes.code_at(secret=secret, at=shown_at)
    given_at = shown_at - codes.STEP * before
    earlier = {codes.code_at(secret=secret, at=given_at - codes.STEP * n) for n in (0, 1)}
    assert codes.is_right(secret=secret, code=code, at=given_at) == (code in earlier)


@pytest.mark.parametrize("code", ["", "1", "1234567", "abcdef", "١٢٣٤٥٦", "-00001"])
def test_what_is_no_code_is_not_right(code: str) -> None:
    assert not codes.is_right(secret=new_secret(), code=code, at=datetime(2026, 11, 20, tzinfo=UTC))


def test_every_meeting_has_codes_of_its_own() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    shown = {codes.code_at(secret=new_secret(), at=at) for _n in range(20)}
    assert len(shown) > 15
