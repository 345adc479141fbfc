"""What requests and tasks meet after the database was away."""

import psycopg
import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a file is never restarted"),
]


def session() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (found,) = cursor.fetchone()
    return int(found)


def test_a_connection_that_was_cut_while_it_waited_in_the_pool_is_given_to_nobody() -> None:
    before = session()
    connection.close()  # as a request does at its end: it goes back into the pool
    names = ("host", "port", "dbname", "user", "password")
    parameters = connection.get_connection_params()
    with psycopg.connect(**{name: parameters.get(name) for name in names}) as another:
        another.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert session() != before
