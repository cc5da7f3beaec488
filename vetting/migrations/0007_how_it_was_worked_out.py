"""An opinion keeps its next step, how it was worked out, and the versions it was formed with."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vetting', '0006_nobody_signs_in_with_twitter'),
    ]

    operations = [
        migrations.AddField(
            model_name='match',
            name='data_version',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name='match',
            name='next_action',
            field=models.CharField(blank=True, choices=[('APPROVE', 'APPROVE'), ('APPROVE_SINGLY', 'APPROVE_SINGLY'), ('CHOOSE_NAME', 'CHOOSE_NAME'), ('ASK', 'ASK'), ('FIND_OUT', 'FIND_OUT'), ('COMPARE', 'COMPARE'), ('REFER', 'REFER'), ('WAIT', 'WAIT')], max_length=20),
        ),
        migrations.AddField(
            model_name='match',
            name='weights_version',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name='match',
            name='workings',
            field=models.JSONField(default=dict),
        ),
        migrations.AddConstraint(
            model_name='match',
            constraint=models.CheckConstraint(condition=models.Q(('next_action__in', ['', 'APPROVE', 'APPROVE_SINGLY', 'CHOOSE_NAME', 'ASK', 'FIND_OUT', 'COMPARE', 'REFER', 'WAIT'])), name='match_next_action_is_known'),
        ),
    ]
