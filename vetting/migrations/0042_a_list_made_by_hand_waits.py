import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

NAMED = ("A mark was placed on this follower's entry.", "A concern about this follower waits for the safeguarding lead.")
NEUTRAL = "The safeguarding lead was asked about this follower."


def say_no_more_than_that_the_lead_was_asked(apps, schema_editor):
    apps.get_model("vetting", "QueueItem").objects.filter(why__in=NAMED).update(why=NEUTRAL)


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('vetting', '0041_a_list_borne_out'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='leaverplan',
            name='hash',
        ),
        migrations.AddField(
            model_name='leaverplan',
            name='made_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunPython(say_no_more_than_that_the_lead_was_asked, migrations.RunPython.noop),
    ]
