"""Tables whose rows are never changed or deleted, held by triggers on both databases.

A model asks for it with ``append_only = True``. Triggers are installed after every ``migrate``,
idempotently, because SQLite drops them whenever a migration remakes the table.
"""

from typing import Any

from django.apps import apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of %% are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_OPERATIONS = ("UPDATE", "DELETE")


def append_only_models() -> list[type[models.Model]]:
    """Every model of the project that asks for protection."""
    return [model for model in apps.get_models() if getattr(model, "append_only", False)]


def install(connection: BaseDatabaseWrapper, table: str) -> None:
    """Make UPDATE, DELETE (and TRUNCATE on PostgreSQL) of ``table`` fail with IntegrityError."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION.replace("%%", "%"))
            cursor.execute(
                f'CREATE OR REPLACE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE '
                f'ON "{table}" FOR EACH ROW EXECUTE FUNCTION refuse_change()'
            )
            cursor.execute(
                f'CREATE OR REPLACE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE '
                f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()'
            )
            return
        for operation in _OPERATIONS:
            cursor.execute(
                f'CREATE TRIGGER IF NOT EXISTS "{table}_no_{operation.lower()}" '
                f'BEFORE {operation} ON "{table}" BEGIN '
                f"SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"
            )


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables that should be protected and are not."""
    query = (
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE t.tgname LIKE '%_append_only' AND t.tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' "
        "GROUP BY tbl_name HAVING count(*) >= 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        protected = {name for (name,) in cursor.fetchall()}
    return sorted({model._meta.db_table for model in append_only_models()} - protected)


def install_for(sender: Any, using: str, **_kwargs: Any) -> None:
    """Receiver of ``post_migrate``: protect the tables of the app that was just migrated."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    for model in append_only_models():
        if model._meta.app_label == sender.label and model._meta.db_table in tables:
            install(connection, model._meta.db_table)
