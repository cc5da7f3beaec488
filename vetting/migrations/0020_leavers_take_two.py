"""A stopped leaver list goes on through two people; a removal remembers that it was asked because somebody left; who said who a follower is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_CLOSED = ["DONE", "LAPSED"]


def carry_over(apps, schema_editor):
    """Lists that one person let go on before two were asked for; open questions that a list put."""
    plans = apps.get_model("vetting", "LeaverPlan").objects
    plans.filter(released_at__isnull=False).update(released_alone=True)
    plans.filter(released_at__isnull=False, released_why="").update(released_why="No reason was kept.")
    waiting = apps.get_model("vetting", "QueueItem").objects.filter(kind="REMOVAL").exclude(state__in=_CLOSED)
    if not waiting.exists():
        return
    asked = {entry.get("item") for rows in plans.exclude(proposed_at=None).values_list("rows", flat=True).iterator() for entry in rows}
    waiting.filter(pk__in=sorted(asked - {None})).update(because_left=True)


class Migration(migrations.Migration):

    dependencies = [
        ('vetting', '0010_what_a_list_leaves'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FollowerQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('note', models.CharField(max_length=300)),
            ],
        ),
        migrations.AddField(
            model_name='identification',
            name='how',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name='identification',
            name='note',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='identification',
            name='said_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='leaverplan',
            name='asked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='leaverplan',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='leaverplan',
            name='figures',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='leaverplan',
            name='released_alone',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='leaverplan',
            name='stop_reasons',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='queueitem',
            name='because_left',
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='identification',
            constraint=models.CheckConstraint(condition=models.Q(('said_by', None), models.Q(('how', ''), _negated=True), _connector='OR'), name='identification_says_how_it_is_known'),
        ),
        migrations.AddConstraint(
            model_name='leaverplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('released_at__isnull', True), ('released_by__isnull', True)), models.Q(('released_at__isnull', False), ('released_by__isnull', False)), _connector='OR'), name='plan_released_at_and_by_together'),
        ),
        migrations.AddConstraint(
            model_name='leaverplan',
            constraint=models.CheckConstraint(condition=models.Q(('released_by', None), ('released_alone', True), models.Q(('asked_by__isnull', False), models.Q(('released_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='plan_released_by_another'),
        ),
        migrations.AddConstraint(
            model_name='leaverplan',
            constraint=models.CheckConstraint(condition=models.Q(('released_at', None), models.Q(('released_why', ''), _negated=True), _connector='OR'), name='plan_release_has_a_reason'),
        ),
        migrations.AddField(
            model_name='followerquestion',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='followerquestion',
            name='follower',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asked', to='vetting.follower'),
        ),
        migrations.AddConstraint(
            model_name='followerquestion',
            constraint=models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='follower_question_says_whom_was_asked'),
        ),
    ]
