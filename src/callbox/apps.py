"""The one Django app."""

from django.apps import AppConfig


class Callbox(AppConfig):
    """Callbox is one app: rooms are layers, not apps (docs/tour.md)."""

    name = "callbox"
    label = "callbox"
    default_auto_field = "django.db.models.BigAutoField"
