"""Triggers that refuse allauth's rows, on both databases: a row of its would let whoever can sign in at X sign in here."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

WHY = "nobody signs in here through another service"
TABLES = ("socialaccount_socialaccount", "socialaccount_socialtoken", "socialaccount_socialapp")


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        for table in TABLES:
            schema_editor.execute(f"CREATE TRIGGER {table}_stays_empty BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, '{WHY}'); END")
        return
    schema_editor.execute(f"CREATE FUNCTION table_stays_empty() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{WHY}'; END $$")
    for table in TABLES:
        schema_editor.execute(f"CREATE TRIGGER {table}_stays_empty BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION table_stays_empty()")


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_postgres = schema_editor.connection.vendor == "postgresql"
    for table in TABLES:
        schema_editor.execute(f"DROP TRIGGER {table}_stays_empty{f' ON {table}' if is_postgres else ''}")
    if is_postgres:
        schema_editor.execute("DROP FUNCTION table_stays_empty()")


class Migration(migrations.Migration):
    # After the last of allauth's own: on SQLite a table that is altered later would lose its trigger. A test of the house watches for that.
    dependencies = [("vetting", "0005_what_twitter_allows"), ("socialaccount", "0006_alter_socialaccount_extra_data")]
    operations = [migrations.RunPython(install, remove)]
