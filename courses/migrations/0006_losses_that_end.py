"""A conflict that closed by itself is over; one that a person decided, once evidence fits again."""

import django.db.models.deletion
from django.db import migrations, models


def over_when_closed_by_itself(apps, schema_editor):
    conflicts = apps.get_model("courses", "EvidenceConflict").objects
    by_itself = conflicts.filter(resolved_at__isnull=False, resolved_by__isnull=True)
    by_itself.update(over_at=models.F("resolved_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('courses', '0005_a_pass_has_its_time'),
    ]

    operations = [
        migrations.AddField(
            model_name='evidenceconflict',
            name='over_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name='evidenceconflict',
            constraint=models.CheckConstraint(condition=models.Q(('over_at__isnull', True), ('resolved_at__isnull', False), _connector='OR'), name='what_is_over_is_resolved'),
        ),
        migrations.AlterField(
            model_name='assessment',
            name='course',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='courses.course', verbose_name='course'),
        ),
        migrations.AlterField(
            model_name='assessment',
            name='lesson',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='courses.lessonpage', verbose_name='lesson'),
        ),
        migrations.RunPython(over_when_closed_by_itself, migrations.RunPython.noop),
    ]
