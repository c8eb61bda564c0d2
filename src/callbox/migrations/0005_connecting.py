"""Logins through a network's own page, what accounts use up, imports, and acts on networks."""

import django.db.models.deletion
from django.db import migrations, models

GUARD = """
SELECT callbox_guard('callbox_usage'::regclass);
SELECT callbox_guard('callbox_connecting'::regclass);
SELECT callbox_guard('callbox_past'::regclass);
SELECT callbox_guard('callbox_networkact'::regclass);
SELECT callbox_link('callbox_usage'::regclass, 'account_id', 'callbox_account'::regclass);
SELECT callbox_link('callbox_connecting'::regclass, 'member_id', 'callbox_member'::regclass);
SELECT callbox_link('callbox_connecting'::regclass, 'unit_id', 'callbox_unit'::regclass);
SELECT callbox_link('callbox_connecting'::regclass, 'account_id', 'callbox_account'::regclass);
SELECT callbox_link('callbox_past'::regclass, 'account_id', 'callbox_account'::regclass);
SELECT callbox_link('callbox_past'::regclass, 'asked_by_id', 'callbox_member'::regclass);
SELECT callbox_link('callbox_networkact'::regclass, 'account_id', 'callbox_account'::regclass);
SELECT callbox_link('callbox_networkact'::regclass, 'conversation_id', 'callbox_conversation'::regclass);
SELECT callbox_link('callbox_networkact'::regclass, 'message_id', 'callbox_message'::regclass);
SELECT callbox_link('callbox_networkact'::regclass, 'delivery_id', 'callbox_delivery'::regclass);
SELECT callbox_link('callbox_networkact'::regclass, 'post_id', 'callbox_post'::regclass);
SELECT callbox_link('callbox_networkact'::regclass, 'member_id', 'callbox_member'::regclass);
SELECT callbox_link('callbox_post'::regclass, 'replaces_id', 'callbox_post'::regclass);
SELECT callbox_link('callbox_delivery'::regclass, 'after_id', 'callbox_delivery'::regclass);
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callbox_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON
            callbox_usage, callbox_connecting, callbox_past, callbox_networkact TO callbox_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("callbox", "0004_inbox_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="by_hand_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="delivery",
            name="after",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="callbox.delivery",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="how",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="delivery",
            name="publish_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="delivery",
            name="stage",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="delivery",
            name="stage_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="health",
            name="layers",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="health",
            name="layers_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="health",
            name="login_ends_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="health",
            name="rest_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="health",
            name="warned_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="post",
            name="card",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="post",
            name="form",
            field=models.CharField(default="post", max_length=10),
        ),
        migrations.AddField(
            model_name="post",
            name="poll",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="post",
            name="replaces",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="callbox.post",
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="state",
            field=models.CharField(
                choices=[("on", "On"), ("paused", "Paused"), ("dead", "Dead"), ("off", "Off")],
                default="on",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="disposition",
            field=models.CharField(
                blank=True,
                choices=[
                    ("answered", "answered"),
                    ("referred", "referred"),
                    ("merged", "merged"),
                    ("no_reply", "no_reply"),
                    ("past", "past"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="entry",
            name="happening",
            field=models.CharField(
                choices=[
                    ("message_received", "message_received"),
                    ("message_edited", "message_edited"),
                    ("message_deleted", "message_deleted"),
                    ("message_hidden", "message_hidden"),
                    ("message_shown", "message_shown"),
                    ("arrival_quarantined", "arrival_quarantined"),
                    ("arrival_rerun", "arrival_rerun"),
                    ("conversation_assigned", "conversation_assigned"),
                    ("conversation_closed", "conversation_closed"),
                    ("conversation_reopened", "conversation_reopened"),
                    ("conversation_merged", "conversation_merged"),
                    ("conversation_unmerged", "conversation_unmerged"),
                    ("conversation_relabelled", "conversation_relabelled"),
                    ("conversation_snoozed", "conversation_snoozed"),
                    ("draft_taken_over", "draft_taken_over"),
                    ("note_written", "note_written"),
                    ("reply_queued", "reply_queued"),
                    ("reply_withdrawn", "reply_withdrawn"),
                    ("reply_sending", "reply_sending"),
                    ("reply_sent", "reply_sent"),
                    ("reply_confirmed", "reply_confirmed"),
                    ("reply_failed", "reply_failed"),
                    ("reply_unknown", "reply_unknown"),
                    ("reply_vanished", "reply_vanished"),
                    ("duty_waived", "duty_waived"),
                    ("account_connected", "account_connected"),
                    ("account_paused", "account_paused"),
                    ("account_resumed", "account_resumed"),
                    ("reply_corrected", "reply_corrected"),
                    ("reply_reported", "reply_reported"),
                    ("answered_by_hand", "answered_by_hand"),
                    ("act_asked", "act_asked"),
                    ("act_done", "act_done"),
                    ("act_failed", "act_failed"),
                    ("account_disconnected", "account_disconnected"),
                    ("account_renewed", "account_renewed"),
                    ("account_login_ending", "account_login_ending"),
                    ("hooks_mended", "hooks_mended"),
                    ("hooks_broken", "hooks_broken"),
                    ("past_asked", "past_asked"),
                    ("past_taken", "past_taken"),
                    ("secrets_resealed", "secrets_resealed"),
                    ("account_blind", "account_blind"),
                    ("account_sees_again", "account_sees_again"),
                    ("agency_created", "agency_created"),
                    ("member_added", "member_added"),
                    ("grant_given", "grant_given"),
                    ("grant_ended", "grant_ended"),
                    ("duty_set", "duty_set"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="kind",
            field=models.CharField(
                choices=[("reply", "reply"), ("post", "post"), ("correction", "correction")],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Connecting",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("network", models.CharField(max_length=40)),
                ("state_digest", models.BinaryField(max_length=32)),
                ("sealed", models.BinaryField(default=bytes)),
                ("began_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.account",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.agency",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.member",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agency", "state_digest"), name="connecting_state"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NetworkAct",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("hide", "hide"),
                            ("unhide", "unhide"),
                            ("like", "like"),
                            ("correct", "correct"),
                            ("take_down", "take_down"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "asked"), ("done", "done"), ("failed", "failed")],
                        default="asked",
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("private_data", "private_data"),
                            ("threat", "threat"),
                            ("sexual", "sexual"),
                            ("spam", "spam"),
                            ("unlawful", "unlawful"),
                        ],
                        max_length=16,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500)),
                ("asked_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("error_words", models.CharField(blank=True, max_length=500)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.account",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.agency",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.conversation",
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.delivery",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.member",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.message",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.post",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["agency", "message"], name="act_message"),
                    models.Index(fields=["agency", "delivery"], name="act_delivery"),
                    models.Index(
                        condition=models.Q(("state", "asked")),
                        fields=["agency", "due_at"],
                        name="act_asked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Past",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("source", models.CharField(max_length=10)),
                ("name", models.CharField(blank=True, max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("stopped", "Stopped"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("cursor", models.JSONField(default=dict)),
                ("seen", models.PositiveIntegerField(default=0)),
                ("taken", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(null=True)),
                ("began_at", models.DateTimeField()),
                ("moved_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("words", models.CharField(blank=True, max_length=500)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.account",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.agency",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.member",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["agency", "account", "-began_at"], name="past_account")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")),
                        fields=("agency", "account"),
                        name="past_running",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Usage",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("budget", models.CharField(max_length=20)),
                ("period", models.CharField(max_length=10)),
                ("what", models.CharField(max_length=60)),
                ("amount", models.BigIntegerField(default=0)),
                ("times", models.PositiveIntegerField(default=0)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.account",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.agency",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agency", "account", "budget", "period", "what"), name="usage_what"
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARD),
    ]
