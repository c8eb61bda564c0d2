import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Agency",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("short_name", models.CharField(max_length=40)),
                ("slug", models.SlugField(max_length=40, unique=True)),
                ("time_zone", models.CharField(default="UTC", max_length=60)),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), default=list, size=None
                    ),
                ),
                ("answer_minutes", models.PositiveIntegerField(default=240)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("network", models.CharField(max_length=40)),
                ("external_id", models.CharField(max_length=300)),
                ("handle", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=200)),
                ("profile_url", models.CharField(blank=True, max_length=500)),
                ("approved_at", models.DateTimeField(null=True)),
                ("lapses_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("on", "On"), ("paused", "Paused"), ("dead", "Dead")],
                        default="on",
                        max_length=10,
                    ),
                ),
                ("config", models.JSONField(default=dict)),
                ("secrets", models.BinaryField(default=bytes)),
                ("session", models.BinaryField(default=bytes)),
                ("connected_at", models.DateTimeField()),
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
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.agency",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("door", models.CharField(max_length=10)),
                ("kind", models.CharField(max_length=60)),
                ("body", models.BinaryField()),
                ("received_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "new"),
                            ("read", "read"),
                            ("dropped", "dropped"),
                            ("quarantined", "quarantined"),
                        ],
                        default="new",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("runs", models.PositiveSmallIntegerField(default=0)),
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
        ),
        migrations.CreateModel(
            name="Author",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("network", models.CharField(max_length=40)),
                ("external_id", models.CharField(max_length=300)),
                ("handle", models.CharField(blank=True, max_length=300)),
                ("name", models.CharField(blank=True, max_length=300)),
                ("profile_url", models.CharField(blank=True, max_length=500)),
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
        ),
        migrations.CreateModel(
            name="BlindPeriod",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("words", models.CharField(blank=True, max_length=500)),
                ("recovered", models.PositiveIntegerField(default=0)),
                ("gap", models.BooleanField(default=False)),
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
        ),
        migrations.CreateModel(
            name="ContextPost",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("external_id", models.CharField(max_length=500)),
                ("root_id", models.CharField(max_length=500)),
                ("parent_id", models.CharField(blank=True, max_length=500)),
                ("ours", models.BooleanField(default=False)),
                ("who", models.CharField(blank=True, max_length=300)),
                ("text", models.TextField(blank=True)),
                ("permalink", models.CharField(blank=True, max_length=1000)),
                ("attachments", models.JSONField(default=list)),
                ("said_at", models.DateTimeField()),
                ("gone_at", models.DateTimeField(null=True)),
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
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("root_id", models.CharField(max_length=500)),
                (
                    "lane",
                    models.CharField(
                        choices=[("public", "public"), ("private", "private")], max_length=10
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("waiting", "waiting"), ("closed", "closed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "disposition",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("answered", "answered"),
                            ("referred", "referred"),
                            ("merged", "merged"),
                            ("no_reply", "no_reply"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=24)),
                ("reason_words", models.CharField(blank=True, max_length=300)),
                ("closed_at", models.DateTimeField(null=True)),
                ("rank", models.PositiveSmallIntegerField(default=2)),
                (
                    "intent",
                    models.CharField(
                        choices=[
                            ("question", "question"),
                            ("concern", "concern"),
                            ("complaint", "complaint"),
                            ("praise", "praise"),
                            ("report", "report"),
                            ("emergency", "emergency"),
                            ("crisis", "crisis"),
                            ("event", "event"),
                            ("media", "media"),
                            ("threat", "threat"),
                            ("spam", "spam"),
                            ("other", "other"),
                        ],
                        default="other",
                        max_length=12,
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=12)),
                (
                    "because",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120), default=list, size=None
                    ),
                ),
                ("snoozed_until", models.DateTimeField(null=True)),
                ("since", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("failed", models.BooleanField(default=False)),
                ("preview", models.CharField(blank=True, max_length=240)),
                ("heard", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
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
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.author",
                    ),
                ),
                (
                    "merged_into",
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
            ],
        ),
        migrations.CreateModel(
            name="EarlyEvent",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("external_id", models.CharField(max_length=500)),
                ("what", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                ("text", models.TextField(blank=True)),
                ("received_at", models.DateTimeField()),
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
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "happening",
                    models.CharField(
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
                ("at", models.DateTimeField()),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[
                            ("member", "member"),
                            ("resident", "resident"),
                            ("system", "system"),
                        ],
                        max_length=10,
                    ),
                ),
                ("actor_id", models.UUIDField(null=True)),
                ("subject_kind", models.CharField(max_length=20)),
                ("subject_id", models.UUIDField()),
                ("conversation_id", models.UUIDField(null=True)),
                ("facts", models.JSONField(default=dict)),
                ("xid", models.BigIntegerField()),
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
        ),
        migrations.CreateModel(
            name="Health",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("cursor", models.JSONField(default=dict)),
                ("checked_at", models.DateTimeField(null=True)),
                ("heard_at", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("blind_since", models.DateTimeField(null=True)),
                ("limited_until", models.DateTimeField(null=True)),
                ("error_kind", models.CharField(blank=True, max_length=40)),
                ("error_words", models.CharField(blank=True, max_length=500)),
                ("streaming", models.BooleanField(default=False)),
                ("dropped", models.BigIntegerField(default=0)),
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
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("position", models.BigIntegerField()),
                ("entry_id", models.UUIDField()),
                ("digest", models.BinaryField(max_length=32)),
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
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                ("rank", models.CharField(blank=True, max_length=40)),
                ("signature", models.CharField(max_length=120)),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), default=list, size=None
                    ),
                ),
                ("preferences", models.JSONField(default=dict)),
                ("active", models.BooleanField(default=True)),
                ("joined_at", models.DateTimeField()),
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
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DutyWindow",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=200)),
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
                    "waived_by",
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
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("lane", models.CharField(max_length=10)),
                ("text", models.TextField(blank=True)),
                ("typed_at", models.DateTimeField()),
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.conversation",
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
            ],
        ),
        migrations.AddField(
            model_name="conversation",
            name="assignee",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="callbox.member",
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="closed_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="callbox.member",
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="labelled_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="callbox.member",
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="callbox.member",
            ),
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
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
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.member",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.conversation",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.conversation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("external_id", models.CharField(max_length=500)),
                ("root_id", models.CharField(max_length=500)),
                ("parent_id", models.CharField(blank=True, max_length=500)),
                (
                    "addressed",
                    models.CharField(
                        choices=[
                            ("mention", "mention"),
                            ("reply", "reply"),
                            ("quote", "quote"),
                            ("direct", "direct"),
                            ("form", "form"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "lane",
                    models.CharField(
                        choices=[("public", "public"), ("private", "private")], max_length=10
                    ),
                ),
                ("permalink", models.CharField(blank=True, max_length=1000)),
                ("refs", models.JSONField(default=dict)),
                ("said_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(null=True)),
                ("hidden_at", models.DateTimeField(null=True)),
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
                    "arrival",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.arrival",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.author",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.conversation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("text", models.TextField()),
                ("written_at", models.DateTimeField()),
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.conversation",
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
            ],
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("reply", "reply")], max_length=20)),
                ("text", models.TextField()),
                ("language", models.CharField(blank=True, max_length=12)),
                (
                    "lane",
                    models.CharField(
                        choices=[("public", "public"), ("private", "private")], max_length=10
                    ),
                ),
                ("written_at", models.DateTimeField()),
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
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("content", models.BinaryField()),
                ("mime", models.CharField(max_length=40)),
                ("alt", models.CharField(max_length=2000)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("added_at", models.DateTimeField()),
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
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("sending", "sending"),
                            ("sent", "sent"),
                            ("failed", "failed"),
                            ("unknown", "unknown"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="queued",
                        max_length=12,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("sending_since", models.DateTimeField(null=True)),
                ("looks", models.PositiveSmallIntegerField(default=0)),
                ("external_id", models.CharField(max_length=500, null=True)),
                ("permalink", models.CharField(blank=True, max_length=1000)),
                ("refs", models.JSONField(default=dict)),
                ("sent_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("gone_at", models.DateTimeField(null=True)),
                ("error_kind", models.CharField(blank=True, max_length=40)),
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
                    "parent",
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.post",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReactionSeen",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("target_id", models.CharField(max_length=500)),
                ("reaction", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
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
        ),
        migrations.CreateModel(
            name="ReadMark",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("read_at", models.DateTimeField()),
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.conversation",
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
            ],
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
                ("last_position", models.BigIntegerField()),
                ("head", models.BinaryField(max_length=32)),
                ("sealed_at", models.DateTimeField()),
                ("xid", models.BigIntegerField()),
                ("cluster", models.BigIntegerField()),
                ("signature", models.BinaryField(max_length=64)),
                ("public_key", models.BinaryField(max_length=32)),
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
        ),
        migrations.CreateModel(
            name="SignInAttempt",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("bucket", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["bucket", "at"], name="attempt_bucket_at")],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("department", "department"),
                            ("bureau", "bureau"),
                            ("office", "office"),
                            ("area", "area"),
                            ("district", "district"),
                            ("beat", "beat"),
                        ],
                        max_length=20,
                    ),
                ),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=120)),
                ("path", models.CharField(max_length=200)),
                ("station", models.JSONField(default=dict)),
                ("boundary", models.JSONField(null=True)),
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
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="callbox.unit",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="member",
            name="home_unit",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="callbox.unit",
            ),
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("officer", "officer"),
                            ("supervisor", "supervisor"),
                            ("news_affairs", "news_affairs"),
                            ("records", "records"),
                            ("tip_handler", "tip_handler"),
                            ("oversight", "oversight"),
                            ("administrator", "administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(null=True)),
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
                    "given_by",
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
        ),
        migrations.AddField(
            model_name="conversation",
            name="beat",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="callbox.unit",
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="unit",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="callbox.unit",
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="unit",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="callbox.unit",
            ),
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("said_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("text", models.TextField(blank=True)),
                ("language", models.CharField(blank=True, max_length=12)),
                ("attachments", models.JSONField(default=list)),
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
        ),
        migrations.AddIndex(
            model_name="arrival",
            index=models.Index(
                condition=models.Q(("state", "new")),
                fields=["agency", "account", "id"],
                name="arrival_new",
            ),
        ),
        migrations.AddIndex(
            model_name="arrival",
            index=models.Index(
                condition=models.Q(("state", "quarantined")),
                fields=["agency", "account", "id"],
                name="arrival_bad",
            ),
        ),
        migrations.AddConstraint(
            model_name="author",
            constraint=models.UniqueConstraint(
                fields=("agency", "network", "external_id"), name="author_external"
            ),
        ),
        migrations.AddIndex(
            model_name="blindperiod",
            index=models.Index(fields=["agency", "account", "-began_at"], name="blind_account"),
        ),
        migrations.AddIndex(
            model_name="contextpost",
            index=models.Index(
                fields=["agency", "account", "root_id", "said_at"], name="context_root"
            ),
        ),
        migrations.AddConstraint(
            model_name="contextpost",
            constraint=models.UniqueConstraint(
                fields=("agency", "account", "external_id"), name="context_external"
            ),
        ),
        migrations.AddConstraint(
            model_name="earlyevent",
            constraint=models.UniqueConstraint(
                fields=("agency", "account", "external_id", "what", "at"), name="early_event"
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["agency", "conversation_id", "id"], name="entry_conversation"
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["agency", "xid", "id"], name="entry_xid"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["agency", "happening", "at"], name="entry_happening"),
        ),
        migrations.AddConstraint(
            model_name="health",
            constraint=models.UniqueConstraint(fields=("agency", "account"), name="health_account"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(fields=("agency", "position"), name="link_position"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(fields=("agency", "entry_id"), name="link_entry"),
        ),
        migrations.AddIndex(
            model_name="dutywindow",
            index=models.Index(fields=["agency", "member", "ends_at"], name="duty_member_end"),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                fields=("agency", "conversation", "member"), name="draft_member"
            ),
        ),
        migrations.AddIndex(
            model_name="merge",
            index=models.Index(fields=["agency", "target"], name="merge_target"),
        ),
        migrations.AddIndex(
            model_name="merge",
            index=models.Index(fields=["agency", "source"], name="merge_source"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["agency", "conversation", "said_at"], name="message_conversation"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                fields=("agency", "account", "external_id"), name="message_external"
            ),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(
                fields=["agency", "conversation", "written_at"], name="note_conversation"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                fields=["agency", "conversation", "written_at"], name="post_conversation"
            ),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(fields=["agency", "post"], name="picture_post"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["agency", "conversation"], name="delivery_conversation"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "sending", "unknown"])),
                fields=["agency", "state", "due_at"],
                name="delivery_unsettled",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("agency", "account", "external_id"), name="delivery_external"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("agency", "post", "account"), name="delivery_post"
            ),
        ),
        migrations.AddConstraint(
            model_name="reactionseen",
            constraint=models.UniqueConstraint(
                fields=("agency", "account", "target_id", "reaction", "at"), name="reaction_seen"
            ),
        ),
        migrations.AddConstraint(
            model_name="readmark",
            constraint=models.UniqueConstraint(
                fields=("agency", "member", "conversation"), name="read_mark"
            ),
        ),
        migrations.AddConstraint(
            model_name="seal",
            constraint=models.UniqueConstraint(fields=("agency", "number"), name="seal_number"),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(fields=("agency", "code"), name="unit_code"),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(fields=("agency", "path"), name="unit_path"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(fields=("agency", "user"), name="member_user"),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(fields=["agency", "member"], name="grant_member"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["agency", "rank", "since", "id"],
                name="conv_open",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["agency", "unit", "rank", "since", "id"],
                name="conv_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["agency", "assignee", "rank", "since", "id"],
                name="conv_mine",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["agency", "last_at", "id"],
                name="conv_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("state", "closed")),
                fields=["agency", "closed_at", "id"],
                name="conv_closed",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["agency", "author", "last_at"], name="conv_author"),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                fields=("agency", "account", "author", "root_id", "lane"), name="conversation_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("agency", "network", "external_id"), name="account_external"
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(
                fields=("agency", "message", "said_at"), name="version_message"
            ),
        ),
    ]
