from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vetting", "0030_restored_from_a_backup"),
    ]

    operations = [
        migrations.AddField(
            model_name="pupil",
            name="taken_back",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="restriction",
            name="gone_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
