"""Files that came with messages; animations and videos of ours."""

import django.db.models.deletion
from django.db import migrations, models

GUARD = """
SELECT callbox_guard('callbox_attachment'::regclass);
SELECT callbox_link('callbox_attachment'::regclass, 'message_id', 'callbox_message'::regclass);
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'callbox_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON callbox_attachment TO callbox_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("callbox", "0005_connecting"),
    ]

    operations = [
        migrations.AddField(
            model_name="picture",
            name="sha256",
            field=models.CharField(blank=True, max_length=64),
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
                    ("media_kept", "media_kept"),
                    ("media_refused", "media_refused"),
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
                    ("account_moved", "account_moved"),
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
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField()),
                ("mark", models.CharField(max_length=32)),
                ("kind", models.CharField(max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("kept", "kept"),
                            ("refused", "refused"),
                            ("gone", "gone"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("mime", models.CharField(blank=True, max_length=40)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("width", models.PositiveIntegerField(default=0)),
                ("height", models.PositiveIntegerField(default=0)),
                ("words", models.CharField(blank=True, max_length=300)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("added_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
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
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.message",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["agency", "next_try_at"],
                        name="attachment_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agency", "message", "mark"), name="attachment_mark"
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARD),
    ]
