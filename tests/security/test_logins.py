"""Logins that are over stay over."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from callbox.actions import accounts, connecting
from callbox.actions.doing import NotPossible
from callbox.models.accounts import Account
from callbox.queries.accounts import StoredSession
from callbox.scope import acting_for
from callbox.vocabulary import Role
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_job_that_was_under_way_stores_no_login_of_a_disconnected_account(
    tmp_path: Path,
) -> None:
    town = make.town(tmp_path)
    admin = make.me(make.member(town.agency, "Ada", Role.ADMINISTRATOR, "PD"))
    session = StoredSession(town.agency.id, town.account.id)
    session.renew(lambda _: {"token": "old"})
    connecting.disconnect(admin, town.account.id)

    def logs_in_again(current: Mapping[str, Any]) -> Mapping[str, Any]:
        assert current == {}
        return {"token": "new"}

    session.renew(logs_in_again)
    with acting_for(town.agency.id):
        account = Account.objects.get(pk=town.account.id)
    assert bytes(account.session) == bytes(account.secrets) == b""


def test_a_disconnected_account_cannot_be_switched_on_without_a_login(tmp_path: Path) -> None:
    town = make.town(tmp_path)
    admin = make.me(make.member(town.agency, "Ada", Role.ADMINISTRATOR, "PD"))
    connecting.disconnect(admin, town.account.id)
    for paused in (True, False):
        with pytest.raises(NotPossible, match="not connected"):
            accounts.pause(admin, town.account.id, paused=paused)
