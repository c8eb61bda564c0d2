"""Agency, units, members, and what members may be and when."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from callbox.models.base import IdField, Owned, link, words
from callbox.vocabulary import Role, UnitKind


class Agency(models.Model):
    """A department (or another public agency): everything else belongs to one."""

    id = IdField()
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=40)
    slug = models.SlugField(max_length=40, unique=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    languages = ArrayField(models.CharField(max_length=12), default=list)
    answer_minutes = models.PositiveIntegerField(default=240)  # the promise; issue 4 adds calendars
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Users(BaseUserManager["User"]):
    """Makes logins."""

    def create_user(self, email: str, password: str | None, **fields: Any) -> "User":
        """A new login; None as the password makes one that cannot sign in yet."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A login. It is read before any agency is known, so it stands outside row security and holds
    nothing but what signing in needs; who the person is stands in `Member`."""

    id = IdField()
    email = models.EmailField(unique=True)
    agency = models.ForeignKey(Agency, on_delete=models.DO_NOTHING, related_name="+")
    is_active = models.BooleanField(default=True)

    objects = Users()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.email


class Unit(Owned):
    """A part of the agency: a bureau, area, district, beat or office."""

    parent = link("callbox.Unit", null=True)
    kind = models.CharField(max_length=20, choices=words(UnitKind))
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    # Codes from the top down to this unit, "/CPD/BOP/A4/011/1122/": a prefix is "this and below".
    path = models.CharField(max_length=200)
    station = models.JSONField(default=dict)  # name, address, lat, lon where there is one
    boundary = models.JSONField(null=True)  # GeoJSON geometry, WGS84

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "code"], name="unit_code"),
            models.UniqueConstraint(fields=["agency", "path"], name="unit_path"),
        ]

    def __str__(self) -> str:
        return self.name


class Member(Owned):
    """A person who works for the agency, as colleagues and residents see them."""

    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="+", db_index=False)
    name = models.CharField(max_length=120)
    rank = models.CharField(max_length=40, blank=True)
    signature = models.CharField(max_length=120)  # "Ofc. Diaz, 11th District"
    home_unit = link("callbox.Unit", null=True)
    languages = ArrayField(models.CharField(max_length=12), default=list)
    preferences = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "user"], name="member_user")]

    def __str__(self) -> str:
        return self.name

    @property
    def called(self) -> str:
        """Rank and last name: how colleagues and residents address them."""
        last = self.name.split()[-1] if self.name.split() else self.name
        return f"{self.rank} {last}".strip()


class Grant(Owned):
    """A role in a unit and everything below it, from a day until a day (policing R2)."""

    member = link("callbox.Member")
    role = models.CharField(max_length=20, choices=words(Role))
    unit = link("callbox.Unit")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    given_by = link("callbox.Member", null=True)

    class Meta:
        indexes = [models.Index(fields=["agency", "member"], name="grant_member")]


class DutyWindow(Owned):
    """Hours in which a member may act; with `waived_by`, an exception on record (policing R3)."""

    member = link("callbox.Member")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    waived_by = link("callbox.Member", null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["agency", "member", "ends_at"], name="duty_member_end")]


class SignInAttempt(models.Model):
    """A failed sign-in, for the throttle. Holds a keyed hash of the address typed, never itself."""

    id = models.BigAutoField(primary_key=True)
    bucket = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["bucket", "at"], name="attempt_bucket_at")]

    def __str__(self) -> str:
        return f"{self.bucket.hex()[:8]} at {self.at}"
