"""The test suite keeps its own promises: what one test commits, the next does not see."""

import socket

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from wagtail.models import Page, Site

from agencies.models import AdministrativeUnit
from jobs import append_only
from tests import factories
from tests.together import together


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_undone_after_it(time: int) -> None:
    assert not AdministrativeUnit.objects.exists()
    factories.filed_certificate()
    assert Group.objects.count() >= 3
    assert Site.objects.get().root_page.specific.title
    assert append_only.missing(connection) == []


@pytest.mark.django_db
def test_pages_roles_and_triggers_are_there_after_it() -> None:
    assert not AdministrativeUnit.objects.exists()
    assert Page.objects.filter(depth=3).exists()
    assert Group.objects.get(name="Trainers").permissions.exists()
    assert append_only.missing(connection) == []


@pytest.mark.django_db(transaction=True)
def test_threads_see_what_the_test_has_committed() -> None:
    unit = factories.UnitFactory()
    seen = together([lambda: AdministrativeUnit.objects.get().pk] * 3)
    assert seen == [unit.pk] * 3


def test_no_test_reaches_a_foreign_host() -> None:
    with pytest.raises(RuntimeError, match=r"example\.org"):
        socket.create_connection(("example.org", 80), timeout=1)
    with pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
