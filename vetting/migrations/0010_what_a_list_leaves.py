"""What loading a list keeps: the packed rows until it is applied, and what the register was before, so that it can be rolled back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def throw_open_checks_away(apps, schema_editor):
    """A list that was checked and not yet applied kept its rows another way: it is checked once more."""
    lists = apps.get_model("vetting", "RosterImport").objects.filter(applied_at=None, discarded_at=None)
    lists.update(discarded_at=models.F("uploaded_at"), rehearsal={})


class Migration(migrations.Migration):

    dependencies = [
        ('vetting', '0008_changed_facts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(throw_open_checks_away, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='rosterimport',
            name='rows',
        ),
        migrations.AddField(
            model_name='basis',
            name='missing_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='pupil',
            name='thirteen_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='answers',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='columns_confirmed',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='journal',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='kept_rows',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='released_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='released_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='released_why',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='rolled_back_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='rolled_back_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='source',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AlterField(
            model_name='rosterimport',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='rosterimport',
            name='stopped_because',
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddConstraint(
            model_name='rosterimport',
            constraint=models.CheckConstraint(condition=models.Q(('rolled_back_at', None), ('applied_at__isnull', False), _connector='OR'), name='only_an_applied_list_is_rolled_back'),
        ),
    ]
