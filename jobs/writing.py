"""Writing one row of what a busy hour writes most: the statement is made once per process.

Receivers of ``pre_save`` and ``post_save`` are not told, so it is for models without a history.
"""

from functools import cache
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Model

from jobs.compiled import prepared


def insert_new(row: Model) -> bool:
    """Insert the row unless one like it is there by a unique constraint; whether it was new.

    No transaction is spoilt where it was not. The row gets its key.
    """
    fields, sql = _insert(type(row))
    with prepared() as cursor:
        cursor.execute(sql, _values(row, fields, cursor.db, add=True))
        returned = cursor.fetchone()
    if returned is None:
        return False
    row.pk, row._state.adding, row._state.db = returned[0], False, cursor.db.alias
    return True


def update(row: Model, *names: str) -> None:
    """Write these fields of a row that is there, as ``save(update_fields=names)`` does.

    Raises DatabaseError where it is not, as that does.
    """
    fields, sql = _update(type(row), names)
    with prepared() as cursor:
        cursor.execute(sql, [*_values(row, fields, cursor.db, add=False), row.pk])
        if cursor.rowcount != 1:
            raise DatabaseError(f"There is no {row._meta.label} {row.pk} to update.")


def _values(row: Model, fields: list[Any], db: Any, *, add: bool) -> list[Any]:
    return [field.get_db_prep_save(field.pre_save(row, add=add), db) for field in fields]


@cache
def _insert(model: type[Model]) -> tuple[list[Any], str]:
    """The fields but the key, and the statement that wants their values."""
    meta = model._meta
    fields = [field for field in meta.local_concrete_fields if field is not meta.pk]
    columns = ", ".join(_quoted(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return fields, (
        f"INSERT INTO {_quoted(meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608 - names
        f" ON CONFLICT DO NOTHING RETURNING {_quoted(meta.pk.column)}"
    )


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> tuple[list[Any], str]:
    """The fields of these names, and the statement that wants their values and the key."""
    meta = model._meta
    fields: list[Any] = [meta.get_field(name) for name in names]
    columns = ", ".join(f"{_quoted(field.column)} = %s" for field in fields)
    table, key = _quoted(meta.db_table), _quoted(meta.pk.column)
    return fields, f"UPDATE {table} SET {columns} WHERE {key} = %s"  # noqa: S608 - names


def _quoted(name: Any) -> str:
    return str(connection.ops.quote_name(name))
