from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vetting", "0003_mail_read_and_judged")]

    operations = [
        migrations.AddField(
            model_name="intakesource",
            name="expected_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
