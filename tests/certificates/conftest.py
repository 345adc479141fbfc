from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture
def in_english() -> Iterator[None]:
    """What is said to people is said in English."""
    with translation.override("en"):
        yield
