"""Walls between agencies, and a ledger that can only grow: in the database itself.

`callbox_guard(table)` gives a table of an agency its key `(agency_id, id)`, row security (forced, so
that even the owner is held to it) and the web role's privileges. `callbox_link(table, column, to)`
makes a reference that cannot leave the agency. Later migrations call both for their tables.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION callbox_agency() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('callbox.agency', true), '')::uuid $$;

CREATE FUNCTION callbox_guard(target regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE old_key text;
BEGIN
    SELECT conname INTO old_key FROM pg_constraint WHERE conrelid = target AND contype = 'p';
    IF old_key IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', target, old_key);
    END IF;
    EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY (agency_id, id)', target);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY agency ON %s USING (agency_id = callbox_agency()) '
                   'WITH CHECK (agency_id = callbox_agency())', target);
END $$;

CREATE FUNCTION callbox_link(source regclass, source_column name, target regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (agency_id, %I) '
                   'REFERENCES %s (agency_id, id)',
                   source, replace(source::text, 'callbox_', '') || '_' || source_column,
                   source_column, target);
END $$;

CREATE FUNCTION callbox_append_only(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callbox_app') THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM callbox_app', target);
    END IF;
END $$;
"""

# The role of web and worker. It can be missing only on a server of one's own that nobody prepared;
# `callbox doctor` then says what to run.
GRANTS = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callbox_app') THEN
        GRANT USAGE ON SCHEMA public TO callbox_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO callbox_app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO callbox_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO callbox_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO callbox_app;
    END IF;
END $$;
"""

APPEND_ONLY = ("entry", "link", "seal", "version")

XID = """
ALTER TABLE callbox_entry
    ALTER COLUMN xid SET DEFAULT pg_current_xact_id()::text::bigint;
"""


def _owned(apps):
    return [
        model
        for model in apps.get_app_config("callbox").get_models()
        if any(field.name == "agency" for field in model._meta.fields) and model.__name__ != "User"
    ]


def guard(apps, schema_editor):
    owned = _owned(apps)
    for model in owned:
        schema_editor.execute("SELECT callbox_guard(%s::regclass)", [model._meta.db_table])
    tables = {model._meta.db_table for model in owned}
    for model in owned:
        for field in model._meta.fields:
            if field.is_relation and field.related_model._meta.db_table in tables:
                schema_editor.execute(
                    "SELECT callbox_link(%s::regclass, %s, %s::regclass)",
                    [model._meta.db_table, field.column, field.related_model._meta.db_table],
                )
    for name in APPEND_ONLY:
        schema_editor.execute("SELECT callbox_append_only(%s::regclass)", [f"callbox_{name}"])


class Migration(migrations.Migration):
    dependencies = [("callbox", "0001_initial"), ("procrastinate", "__latest__")]

    operations = [
        migrations.RunSQL(FUNCTIONS),
        migrations.RunSQL(GRANTS),
        migrations.RunPython(guard),
        migrations.RunSQL(XID),
    ]
