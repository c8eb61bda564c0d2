"""Keys of our own pages, and tries for their throttle."""

import django.db.models.deletion
from django.db import migrations, models

AGENCY = {
    "db_constraint": False,
    "db_index": False,
    "on_delete": django.db.models.deletion.DO_NOTHING,
    "related_name": "+",
}

GUARD = """
SELECT callbox_guard('callbox_portalkey'::regclass);
SELECT callbox_guard('callbox_portaltry'::regclass);
SELECT callbox_link('callbox_portalkey'::regclass, 'account_id', 'callbox_account'::regclass);
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callbox_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON callbox_portalkey, callbox_portaltry TO callbox_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("callbox", "0002_guard")]

    operations = [
        migrations.CreateModel(
            name="PortalKey",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("agency", models.ForeignKey(to="callbox.agency", **AGENCY)),
                ("account", models.ForeignKey(to="callbox.account", **AGENCY)),
                ("root_id", models.CharField(max_length=500)),
                ("locator", models.BinaryField(max_length=32)),
                ("verifier", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["agency", "locator"], name="portal_key_locator"),
                    models.Index(fields=["agency", "root_id"], name="portal_key_root"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PortalTry",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("agency", models.ForeignKey(to="callbox.agency", **AGENCY)),
                ("what", models.CharField(max_length=10)),
                ("bucket", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["agency", "bucket", "what", "at"], name="portal_try_bucket"
                    ),
                    models.Index(fields=["agency", "at"], name="portal_try_at"),
                ],
            },
        ),
        migrations.RunSQL(GUARD),
    ]
