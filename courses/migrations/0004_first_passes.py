"""Results that were passed before the time of the first pass was kept were passed when decided."""

from django.db import migrations, models


def pass_when_decided(apps, schema_editor):
    results = apps.get_model("courses", "AssessmentResult").objects
    results.filter(passed=True, passed_at=None).update(passed_at=models.F("decided_at"))


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0003_classes"),
    ]

    operations = [
        migrations.RunPython(pass_when_decided, migrations.RunPython.noop),
    ]
