"""Who may not do a thing learns nothing by trying."""

from pathlib import Path

import pytest

from callbox.actions import acts
from callbox.connector import Connector
from callbox.models.posts import NetworkAct
from callbox.networks.practice.connector import Practice
from callbox.rules.access import Denied
from callbox.scope import acting_for
from callbox.vocabulary import Act, Role
from tests import make
from tests.actions import speaking

pytestmark = pytest.mark.django_db(transaction=True)


def test_whoever_may_not_correct_has_nothing_asked_of_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = make.town(tmp_path)
    town.street.join("ana", "Ana")
    _post, home = speaking.heard(town)
    delivery = speaking.deliver(town, speaking.answer(town, home))
    stranger = make.me(make.member(town.agency, "Nia Neighbour", Role.OFFICER, "007"))
    monkeypatch.setattr(Practice, "check", _asked)
    for text in ("x" * 9000, "", "Other words"):
        with pytest.raises(Denied):
            acts.ask(stranger, Act.CORRECT, delivery_id=delivery.id, text=text)
    with acting_for(town.agency.id):
        assert not NetworkAct.objects.exists()


def _asked(self: Connector, *_: object) -> None:
    raise AssertionError("the network was asked")
