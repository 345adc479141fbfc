import unicodedata
from collections.abc import Iterator
from typing import ClassVar

import pytest
from django.db import connection, models
from django.db.models.functions import Upper

from vietnamese.fields import NFCCharField, NFCTextField

COMPOSED = "Nguyễn Thị Hường"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


class Note(models.Model):
    name = NFCCharField(max_length=40)
    text = NFCTextField(blank=True)

    objects: ClassVar[models.Manager["Note"]] = models.Manager()

    class Meta:
        app_label = "vietnamese_fields_under_test"

    def __str__(self) -> str:
        return self.name


@pytest.fixture
def _table(db: None) -> Iterator[None]:
    name = Note._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {name} (id integer PRIMARY KEY, name varchar(40), text text)"
        )
        yield
        cursor.execute(f"DROP TABLE {name}")


def stored() -> tuple[str, str]:
    """What the database holds, past the fields."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, text FROM {Note._meta.db_table}")
        [(name, text)] = cursor.fetchall()
    return name, text


@pytest.mark.usefixtures("_table")
def test_a_name_in_decomposed_unicode_is_stored_composed() -> None:
    note = Note(pk=1, name=f"  {DECOMPOSED}\n", text=DECOMPOSED)
    note.save(force_insert=True)
    assert stored() == (COMPOSED, COMPOSED)
    assert (note.name, note.text) == (COMPOSED, COMPOSED)


@pytest.mark.usefixtures("_table")
def test_white_space_around_a_text_stays() -> None:
    Note(pk=1, name="x", text=f"  {DECOMPOSED}\n").save(force_insert=True)
    assert stored()[1] == f"  {COMPOSED}\n"


@pytest.mark.usefixtures("_table")
def test_bulk_creation_and_updates_compose_too() -> None:
    [note] = Note.objects.bulk_create([Note(pk=1, name=f"{DECOMPOSED} ")])
    assert stored()[0] == note.name == COMPOSED
    Note.objects.update(name="Đỗ", text="")
    Note.objects.update(name=f" {DECOMPOSED}", text=DECOMPOSED)
    assert stored() == (COMPOSED, COMPOSED)


@pytest.mark.usefixtures("_table")
def test_a_look_up_by_decomposed_text_finds_the_composed_one() -> None:
    Note.objects.bulk_create([Note(pk=1, name=COMPOSED, text=COMPOSED)])
    assert Note.objects.get(name=DECOMPOSED).pk == 1
    assert Note.objects.get(name__in=[f" {DECOMPOSED}"], text=DECOMPOSED).pk == 1


@pytest.mark.usefixtures("_table")
def test_an_expression_is_left_to_the_database() -> None:
    Note.objects.bulk_create([Note(pk=1, name="an")])
    note = Note.objects.get()
    note.name = Upper("name")
    note.save()
    assert stored()[0] == "AN"


def test_validation_counts_composed_characters() -> None:
    note = Note(pk=1, name=unicodedata.normalize("NFD", "ễ" * 40))
    note.clean_fields()
    assert note.name == "ễ" * 40
