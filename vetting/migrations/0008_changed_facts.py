"""What changed of a school's facts, version by version, so that matching decides only what that bears on."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vetting', '0007_how_it_was_worked_out'),
    ]

    operations = [
        migrations.AddField(
            model_name='school',
            name='checked_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='school',
            name='matched_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='ChangedFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.BigIntegerField()),
                ('mark', models.BigIntegerField()),
                ('what', models.CharField(choices=[('PERSON', 'PERSON'), ('PUPIL', 'PUPIL'), ('CLAIM', 'CLAIM'), ('EMAIL', 'EMAIL'), ('LOOKUP', 'LOOKUP'), ('PROFILE', 'PROFILE'), ('RULES', 'RULES'), ('DAY', 'DAY'), ('EVERYTHING', 'EVERYTHING')], max_length=10)),
                ('key', models.BigIntegerField(blank=True, null=True)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changed_facts', to='vetting.school')),
            ],
            options={
                'indexes': [models.Index(fields=['school', 'version'], name='changed_facts_by_version')],
                'constraints': [models.CheckConstraint(condition=models.Q(('what__in', ['PERSON', 'PUPIL', 'CLAIM', 'EMAIL', 'LOOKUP', 'PROFILE', 'RULES', 'DAY', 'EVERYTHING'])), name='changed_fact_is_of_a_known_kind')],
            },
        ),
    ]
