"""Another key, and nothing lost."""

from typing import Any

import pytest

from callbox.actions import resealing
from callbox.models.accounts import Account
from callbox.models.records import Entry
from callbox.scope import acting_for
from callbox.sealing import CannotOpen, seal, unseal
from tests import make


def test_a_new_key_opens_nothing_until_the_old_one_is_named_too(settings: Any) -> None:
    sealed = seal({"token": "t"})
    old = settings.CALLBOX_ENCRYPTION_KEY
    settings.CALLBOX_ENCRYPTION_KEY = "a7" * 32
    with pytest.raises(CannotOpen):
        unseal(sealed)
    settings.CALLBOX_OLD_ENCRYPTION_KEYS = ("b8" * 32, old)
    assert unseal(sealed) == {"token": "t"}
    settings.CALLBOX_ENCRYPTION_KEY = "short"
    with pytest.raises(CannotOpen, match="64 hex"):
        seal({})


def test_everything_is_sealed_anew_once(town: make.Town, settings: Any) -> None:
    settings.CALLBOX_OLD_ENCRYPTION_KEYS = (settings.CALLBOX_ENCRYPTION_KEY,)
    settings.CALLBOX_ENCRYPTION_KEY = "a7" * 32
    assert resealing.reseal(town.agency.id) >= 1
    assert resealing.reseal(town.agency.id) == 0
    settings.CALLBOX_OLD_ENCRYPTION_KEYS = ()
    with acting_for(town.agency.id):
        assert unseal(Account.objects.get(pk=town.account.id).secrets)["token"]
        assert Entry.objects.filter(happening="secrets_resealed").count() == 1


def test_what_no_key_opens_is_said_and_left(town: make.Town, settings: Any) -> None:
    settings.CALLBOX_ENCRYPTION_KEY = "a7" * 32
    with pytest.raises(CannotOpen, match="connect the account again"):
        resealing.reseal(town.agency.id)
