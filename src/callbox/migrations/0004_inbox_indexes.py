from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("callbox", "0003_portal"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["agency", "merged_into"],
                name="conv_merged",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["agency", "language", "rank", "since", "id"],
                name="conv_language",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["agency", "account", "rank", "since", "id"],
                name="conv_account",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["agency", "intent", "rank", "since", "id"],
                name="conv_intent",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["agency", "due_at", "id"],
                name="conv_due",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("state", "open"), ("answered_at", None), ("heard__gte", 2)),
                fields=["agency", "rank", "since", "id"],
                name="conv_unheard",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("state", "open"), ("snoozed_until__isnull", False)),
                fields=["agency", "snoozed_until"],
                name="conv_snoozed",
            ),
        ),
    ]
