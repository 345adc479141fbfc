from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0004_first_passes"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='assessmentresult',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('passed', True), ('passed_at__isnull', False)), models.Q(('passed', False), ('passed_at__isnull', True)), _connector='OR'), name='a_pass_has_its_time'),
        ),
    ]
