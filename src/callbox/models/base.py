"""What every table that belongs to an agency has in common."""

from typing import Any

from django.db import models

from callbox.ids import new_id


def words(enum: Any) -> list[tuple[str, str]]:
    """Choices from an enumeration, as plain strings: migrations must not import our code."""
    return [(member.value, member.value) for member in enum]


def link(to: str, *, null: bool = False, related_name: str = "+") -> Any:
    """A reference inside one agency.

    The database holds it as `(agency_id, x_id) → (agency_id, id)` (made in the migration): no row
    can point into another agency, and the tables can be distributed by agency. Indexes are named
    one by one: each starts with the agency.
    """
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        null=null,
        blank=null,
        db_constraint=False,
        db_index=False,
        related_name=related_name,
    )


class IdField(models.UUIDField):  # type: ignore[type-arg]  # takes no parameters when run
    """A primary key made in the application. Migrations see a plain UUIDField: they must not
    import our code."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.update(primary_key=True, default=new_id, editable=False)
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)
        return name, "django.db.models.UUIDField", args, kwargs


class Owned(models.Model):
    """A row of one agency. Guarded by row security: without a scope it cannot be seen or written.

    Django believes in `id` alone; the database's primary key is `(agency_id, id)`.
    """

    id = IdField()
    agency = models.ForeignKey(
        "callbox.Agency",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    class Meta:
        abstract = True
