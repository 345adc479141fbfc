from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from certificates.models import (
    CredentialStatus,
    HandOut,
    RegisterEntry,
    RegisterHead,
    TemplateVersion,
    UnsignedFile,
    UsedKey,
)
from certificates.register import heads
from courses.models import (
    Amendment,
    AttendanceChange,
    EnrolmentEvent,
    ResultRevision,
    SubmissionStep,
)
from jobs import append_only
from quizzes.models import (
    AttemptEvent,
    GradeRevision,
    KeyCorrection,
    LateAnswer,
    PrintedVariant,
    QuestionVersion,
)
from reports.models import Fact
from tests import factories

WITH_ROWS = [RegisterEntry, RegisterHead, UsedKey, QuestionVersion, Fact]
PROTECTED = [
    *WITH_ROWS,
    CredentialStatus,
    HandOut,
    TemplateVersion,
    UnsignedFile,
    Amendment,
    AttendanceChange,
    EnrolmentEvent,
    ResultRevision,
    SubmissionStep,
    AttemptEvent,
    GradeRevision,
    KeyCorrection,
    LateAnswer,
    PrintedVariant,
]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rows_in_every_table() -> None:
    factories.filed_certificate()
    heads.sign_ended_day(timezone.now() + timedelta(days=1))
    factories.BankFactory()


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def drop_triggers(table: str) -> None:
    if connection.vendor == "postgresql":
        run(f'DROP TRIGGER "{table}_append_only" ON "{table}"')
    else:
        run(f'DROP TRIGGER "{table}_no_update"')
        run(f'DROP TRIGGER "{table}_no_delete"')


def test_what_is_never_rewritten_asks_for_protection() -> None:
    assert set(append_only.append_only_models()) == set(PROTECTED)


@pytest.mark.parametrize("model", WITH_ROWS)
def test_no_row_is_changed_through_the_models(model: type[models.Model]) -> None:
    rows = model._default_manager.all()
    row = rows[0]
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        row.save()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        rows.update(id=models.F("id") + 1000)


@pytest.mark.parametrize("model", WITH_ROWS)
def test_no_row_is_deleted_by_any_statement(model: type[models.Model]) -> None:
    table = model._meta.db_table
    before = model._default_manager.count()
    with pytest.raises(IntegrityError, match="never changed"):
        run(f'DELETE FROM "{table}"')
    if connection.vendor == "postgresql":
        connection.check_constraints()  # a table with checks to come cannot be truncated anyway
        with pytest.raises(IntegrityError, match="never changed"):
            run(f'TRUNCATE "{table}" CASCADE')
    assert model._default_manager.count() == before > 0


def test_a_table_without_its_triggers_is_reported_and_the_next_migrate_protects_it() -> None:
    table = RegisterEntry._meta.db_table
    drop_triggers(table)
    assert append_only.missing(connection) == [table]
    append_only.install_for(sender=apps.get_app_config("certificates"), using="default")
    assert append_only.missing(connection) == []
    with pytest.raises(IntegrityError, match="never changed"):
        run(f'UPDATE "{table}" SET reason = reason')


def test_protecting_a_table_twice_changes_nothing() -> None:
    append_only.install(connection, Fact._meta.db_table)
    append_only.install(connection, Fact._meta.db_table)
    assert append_only.missing(connection) == []
