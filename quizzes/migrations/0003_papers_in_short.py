"""Write the papers that stand in their short form; what could be taken goes on being published."""

import json
from typing import Any

from django.db import migrations
from django.utils import timezone

from quizzes.models.paper import PaperSlot, written

BATCH = 500


def shorten(apps: Any, schema_editor: Any) -> None:
    """Read past the field, which knows the new form only."""
    cursor = schema_editor.connection.cursor()
    last = 0
    while True:
        cursor.execute(
            "SELECT id, paper FROM quizzes_attempt WHERE id > %s ORDER BY id LIMIT %s",
            [last, BATCH],
        )
        rows = cursor.fetchall()
        if not rows:
            return
        for key, text in rows:
            slots = [
                PaperSlot(slot["version"], slot["marks"], tuple(slot["order"]))
                for slot in json.loads(text)
            ]
            cursor.execute(
                "UPDATE quizzes_attempt SET paper = %s WHERE id = %s", [written(slots), key]
            )
        last = rows[-1][0]


def keep_open(apps: Any, schema_editor: Any) -> None:
    quizzes = apps.get_model("quizzes", "Quiz").objects.all()
    quizzes.filter(show_answers__in=["true", "1", "t"]).update(show_answers="submitted")
    quizzes.filter(show_answers__in=["false", "0", "f"]).update(show_answers="never")
    quizzes.filter(show_answers="never").update(show_marks="never", show_feedback="never")
    quizzes.update(published_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0002_exam_day")]

    operations = [
        migrations.RunPython(shorten, migrations.RunPython.noop),
        migrations.RunPython(keep_open, migrations.RunPython.noop),
    ]
