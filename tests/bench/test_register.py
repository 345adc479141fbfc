"""The register that is written for measuring is one that verification finds in order."""

import pytest

from bench import register_rows
from certificates.register import verifying

pytestmark = pytest.mark.django_db


def test_the_register_that_is_measured_is_in_order() -> None:
    register_rows.write(12)
    found = verifying.verify()
    assert (found.problem, found.entries, found.files) == ("", 12, 6)
