"""Queries written into SQL once answer what the querysets would have answered."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import DateTimeField, F, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.models import Enrolment
from jobs.compiled import Compiled, Given, prepared
from tests import factories

pytestmark = pytest.mark.django_db

OF_RUN = Compiled(
    lambda: (
        Enrolment.objects.filter(run=Given("run"))
        .select_related("person", "run__course")
        .order_by("pk")
    )
)


@pytest.fixture
def enrolment() -> Enrolment:
    made: Enrolment = factories.EnrolmentFactory()
    return made


def test_instances_come_with_what_was_selected_beside_them(enrolment: Enrolment) -> None:
    factories.EnrolmentFactory()
    (found,) = OF_RUN.ask(run=enrolment.run_id)
    with CaptureQueriesContext(connection) as asked:
        seen = (found.person.full_name, found.run.course.title)
    assert len(asked) == 0
    assert found == enrolment
    assert seen == (enrolment.person.full_name, enrolment.run.course.title)
    found.withdrawn_at = timezone.now()
    found.save(update_fields=["withdrawn_at"])
    assert Enrolment.objects.get(pk=found.pk).withdrawn_at == found.withdrawn_at


def test_each_question_is_answered_by_its_own_values(enrolment: Enrolment) -> None:
    other = factories.EnrolmentFactory()
    for one in (enrolment, other, enrolment):
        assert OF_RUN.ask(run=one.run_id) == [one]
    assert OF_RUN.first(run=0) is None
    with pytest.raises(KeyError):
        OF_RUN.ask()


def test_values_and_unions_come_as_python_knows_them(enrolment: Enrolment) -> None:
    none = Value(None, output_field=DateTimeField())
    enrolments = Enrolment.objects.filter(pk=Given("key"))
    times = Compiled(
        lambda: (
            enrolments.annotate(at=F("enrolled_at"))
            .values_list("pk", "at")
            .union(enrolments.annotate(at=none).values_list("pk", "at"), all=True)
        )
    )
    found: list[Any] = times.ask(key=enrolment.pk)
    assert set(found) == {(enrolment.pk, enrolment.enrolled_at), (enrolment.pk, None)}


def test_a_time_is_compared_as_the_database_keeps_it(enrolment: Enrolment) -> None:
    until = Compiled(
        lambda: Enrolment.objects.filter(enrolled_at__lte=Given("at", DateTimeField()))
    )
    assert until.ask(at=enrolment.enrolled_at) == [enrolment]
    assert until.ask(at=enrolment.enrolled_at - timezone.timedelta(seconds=1)) == []


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_a_number_longer_than_any_key_finds_nothing(number: int) -> None:
    assert OF_RUN.ask(run=number) == []


def test_what_is_none_equals_nothing() -> None:
    Enrolment.objects.filter(pk=factories.EnrolmentFactory().pk).update(agency=None)
    of_agency = Compiled(lambda: Enrolment.objects.filter(agency=Given("agency")))
    assert of_agency.ask(agency=None) == []


def test_what_is_locked_is_asked_in_a_transaction(enrolment: Enrolment) -> None:
    locked = Compiled(lambda: Enrolment.objects.select_for_update().filter(pk=Given("key")))
    with transaction.atomic():
        assert locked.first(key=enrolment.pk) == enrolment


@pytest.mark.django_db(transaction=True)
def test_threads_share_what_was_written_and_nothing_else() -> None:
    made = [factories.EnrolmentFactory() for _number in range(8)]
    wrong: list[Any] = []

    def ask(mine: Enrolment) -> None:
        try:
            wrong.extend(
                found
                for _time in range(50)
                for found in OF_RUN.ask(run=mine.run_id)
                if found != mine or found.person_id != mine.person_id
            )
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(one,)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.django_db(transaction=True)
def test_on_postgresql_a_statement_is_planned_once_per_connection(enrolment: Enrolment) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite keeps its plans by itself")
    known = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"
    for _time in range(3):
        OF_RUN.ask(run=enrolment.run_id)
    with connection.cursor() as cursor:
        cursor.execute(known, ["%courses_enrolment%run_id%"])
        assert cursor.fetchone() == (1,)
    with prepared() as cursor:
        cursor.execute("SELECT %s::int", [7])
        assert cursor.fetchone() == (7,)
