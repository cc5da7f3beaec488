
import django.db.models.deletion
import vetting.encrypted
import vetting.values.references
from django.conf import settings
from django.db import migrations, models

from vetting.intake.fingerprint import fingerprint


def give_fingerprints(apps, schema_editor):
    """Messages stored before this get the hash of what their sender wrote. Copies that were stored twice stay two, as they were answered."""
    emails = apps.get_model("vetting", "VerificationEmail").objects
    taken = set()
    for email in emails.order_by("pk").iterator(chunk_size=50):
        own = fingerprint(bytes(email.raw), size=email.size) if email.raw is not None else email.sha256
        if (email.school_id, own) in taken:
            own = email.sha256
        taken.add((email.school_id, own))
        emails.filter(pk=email.pk).update(fingerprint=own)


class Migration(migrations.Migration):

    dependencies = [
        ('vetting', '0002_audit_is_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClaimLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ConfirmationLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(default=vetting.values.references.new_reference, max_length=12, unique=True)),
                ('handle', models.CharField(max_length=15)),
                ('to_address', models.CharField(max_length=254)),
                ('token_hash', models.CharField(max_length=64, null=True, unique=True)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.CharField(blank=True, choices=[('CONFIRMED', 'Confirmed'), ('ANOTHER_NAME', 'Typed another Twitter name'), ('NOT_ME', 'Says it was not them')], max_length=12)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='LetterText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('template', models.CharField(max_length=40)),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Probe',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True)),
                ('to_address', models.CharField(max_length=254)),
                ('forged_receiver', models.CharField(max_length=200)),
                ('made_at', models.DateTimeField()),
                ('not_before', models.DateTimeField()),
                ('tries', models.IntegerField(default=0)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('arrived_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(choices=[('WAITING', 'Not arrived yet'), ('LEARNT', "The server's own verdict was found"), ('NO_VERDICT', 'The server writes no verdict'), ('FORGED_KEPT', 'A forged verdict came through'), ('GIVEN_UP', 'It could not be sent, or never arrived')], default='WAITING', max_length=12)),
                ('found_receiver', models.CharField(blank=True, max_length=200)),
                ('sentence', models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('selector', models.CharField(max_length=200)),
                ('domain', models.CharField(max_length=253)),
                ('record', models.TextField(blank=True)),
                ('asked_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='verificationemail',
            name='one_row_per_message',
        ),
        migrations.AddField(
            model_name='claim',
            name='confirmed_address',
            field=models.CharField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name='claim',
            name='confirmed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='claim',
            name='disowned_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='intakesource',
            name='access_token',
            field=vetting.encrypted.EncryptedTextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='intakesource',
            name='access_token_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='intakesource',
            name='client_id',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='intakesource',
            name='client_secret',
            field=vetting.encrypted.EncryptedTextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='intakesource',
            name='sign_in',
            field=models.CharField(choices=[('PASSWORD', 'User name and password'), ('MICROSOFT', 'Microsoft 365'), ('GOOGLE', 'Google Workspace')], default='PASSWORD', max_length=10),
        ),
        migrations.AddField(
            model_name='intakesource',
            name='tenant',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='intakesource',
            name='unsafe_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='mailposition',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='mailposition',
            name='headers',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='mailposition',
            name='inside',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='carries', to='vetting.verificationemail'),
        ),
        migrations.AddField(
            model_name='outgoingmail',
            name='automatic',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='outgoingmail',
            name='email',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='vetting.verificationemail'),
        ),
        migrations.AddField(
            model_name='outgoingmail',
            name='erased_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='verificationemail',
            name='defects',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='verificationemail',
            name='fingerprint',
            field=models.CharField(default='', max_length=64),
        ),
        migrations.AddField(
            model_name='verificationemail',
            name='forwarded_address',
            field=models.CharField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name='verificationemail',
            name='forwarded_name',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='verificationemail',
            name='judge_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='verificationemail',
            name='message_id',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='verificationemail',
            name='no_answer_because',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='verificationemail',
            name='signature',
            field=models.CharField(choices=[('NONE', 'No signature'), ('WHOLE', "Signed by the sender's domain and unaltered"), ('BROKEN', 'A signature does not fit'), ('UNKNOWN', 'The signature could not be checked')], default='NONE', max_length=10),
        ),
        migrations.AddField(
            model_name='verificationemail',
            name='signed_by',
            field=models.CharField(blank=True, max_length=253),
        ),
        migrations.AddField(
            model_name='verificationemail',
            name='truncated',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='verificationemail',
            name='zones',
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name='intakesource',
            name='kind',
            field=models.CharField(choices=[('IMAP', 'Mailbox (IMAP)'), ('FOLDER', 'Folder of .eml files'), ('UPLOAD', 'Files given by a colleague')], max_length=10),
        ),
        migrations.AlterField(
            model_name='mailposition',
            name='folder',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AlterField(
            model_name='mailposition',
            name='source',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='positions', to='vetting.intakesource'),
        ),
        migrations.AlterField(
            model_name='mailposition',
            name='uid',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='mailposition',
            name='uidvalidity',
            field=models.BigIntegerField(default=0),
        ),
        migrations.RunPython(give_fingerprints, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='outgoingmail',
            index=models.Index(fields=['to_address', 'sent_at'], name='letters_by_address'),
        ),
        migrations.AddIndex(
            model_name='verificationemail',
            index=models.Index(condition=models.Q(('judge_at__isnull', False)), fields=['judge_at'], name='emails_to_judge'),
        ),
        migrations.AddIndex(
            model_name='verificationemail',
            index=models.Index(condition=models.Q(('parse_failures__gt', 0)), fields=['parser_version'], name='emails_that_failed'),
        ),
        migrations.AddIndex(
            model_name='verificationemail',
            index=models.Index(condition=models.Q(('message_id', ''), _negated=True), fields=['school', 'message_id'], name='emails_by_message_id'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_address', ''), ('confirmed_at', None)), models.Q(('confirmed_at__isnull', False), models.Q(('confirmed_address', ''), _negated=True)), _connector='OR'), name='claim_confirmed_at_and_address_together'),
        ),
        migrations.AddConstraint(
            model_name='intakesource',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'UPLOAD')), fields=('school',), name='one_place_for_given_files_per_school'),
        ),
        migrations.AddConstraint(
            model_name='mailposition',
            constraint=models.UniqueConstraint(condition=models.Q(('inside__isnull', False)), fields=('inside', 'email'), name='one_position_inside_each_message'),
        ),
        migrations.AddConstraint(
            model_name='mailposition',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('inside', None), ('source__isnull', False)), models.Q(('inside__isnull', False), ('source', None)), _connector='OR'), name='position_is_in_a_source_or_inside_a_message'),
        ),
        migrations.AddConstraint(
            model_name='outgoingmail',
            constraint=models.CheckConstraint(condition=models.Q(('automatic', True), ('by__isnull', False), _connector='OR'), name='letter_is_written_by_a_person_or_automatic'),
        ),
        migrations.AddConstraint(
            model_name='verificationemail',
            constraint=models.UniqueConstraint(fields=('school', 'fingerprint'), name='one_row_per_message'),
        ),
        migrations.AddField(
            model_name='claimlink',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='claimlink',
            name='claim',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='vetting.claim'),
        ),
        migrations.AddField(
            model_name='claimlink',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='claimlink',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claim_links', to='vetting.person'),
        ),
        migrations.AddField(
            model_name='confirmationlink',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='confirmationlink',
            name='claim',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmation_links', to='vetting.claim'),
        ),
        migrations.AddField(
            model_name='confirmationlink',
            name='letter',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='confirmation_link', to='vetting.outgoingmail'),
        ),
        migrations.AddField(
            model_name='confirmationlink',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='confirmation_links', to='vetting.person'),
        ),
        migrations.AddField(
            model_name='confirmationlink',
            name='school',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmation_links', to='vetting.school'),
        ),
        migrations.AddField(
            model_name='lettertext',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='lettertext',
            name='school',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letter_texts', to='vetting.school'),
        ),
        migrations.AddField(
            model_name='probe',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='probe',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='probes', to='vetting.intakesource'),
        ),
        migrations.AddConstraint(
            model_name='signingkey',
            constraint=models.UniqueConstraint(fields=('selector', 'domain'), name='one_row_per_signing_key'),
        ),
        migrations.AddConstraint(
            model_name='claimlink',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('claim',), name='one_standing_link_per_claim'),
        ),
        migrations.AddConstraint(
            model_name='claimlink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='link_ended_at_and_by_together'),
        ),
        migrations.AddConstraint(
            model_name='confirmationlink',
            constraint=models.UniqueConstraint(condition=models.Q(('answered_at', None), ('cancelled_at', None)), fields=('claim',), name='one_open_link_per_claim'),
        ),
        migrations.AddConstraint(
            model_name='confirmationlink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None)), models.Q(('answered_at__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='link_answered_at_and_answer_together'),
        ),
        migrations.AddConstraint(
            model_name='confirmationlink',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='link_expires_after_it_was_made'),
        ),
        migrations.AddConstraint(
            model_name='lettertext',
            constraint=models.UniqueConstraint(fields=('school', 'template', 'at'), name='one_letter_text_per_template_and_moment'),
        ),
        migrations.AddConstraint(
            model_name='probe',
            constraint=models.UniqueConstraint(condition=models.Q(('outcome', 'WAITING')), fields=('source',), name='one_probe_under_way_per_source'),
        ),
        migrations.AddConstraint(
            model_name='probe',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['WAITING', 'GIVEN_UP']), ('arrived_at__isnull', False), _connector='OR'), name='probe_is_judged_when_it_arrived'),
        ),
    ]
