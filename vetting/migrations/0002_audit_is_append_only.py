"""Triggers that refuse to change or delete an audit event, on both databases."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SQLITE = [
    "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON vetting_auditevent BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END",
    "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON vetting_auditevent BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END",
]
POSTGRES = [
    "CREATE FUNCTION audit_event_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit events are never changed or deleted'; END $$",
    "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON vetting_auditevent FOR EACH ROW EXECUTE FUNCTION audit_event_stays()",
    "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON vetting_auditevent FOR EACH ROW EXECUTE FUNCTION audit_event_stays()",
]


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    on = " ON vetting_auditevent" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER audit_event_no_update{on}")
    schema_editor.execute(f"DROP TRIGGER audit_event_no_delete{on}")
    if on:
        schema_editor.execute("DROP FUNCTION audit_event_stays()")


class Migration(migrations.Migration):
    dependencies = [("vetting", "0001_register")]
    operations = [migrations.RunPython(install, remove)]
