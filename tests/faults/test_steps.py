"""One message and its answer, with the worker killed before and after every step in turn.

Nothing here is left to chance: each commit and each word of a delivery, on a network that keeps our
keys and on one that forgets them, with no echo to come to the rescue.
"""

from collections.abc import Iterator

import pytest

from callbox.networks.practice.faults import Fault
from callbox.networks.practice.street import Street
from tests.faults import chaos

pytestmark = pytest.mark.faults


class Scene:
    """A town in which one thing after the other is said, answered, and interrupted."""

    def __init__(self, where: chaos.Grounds) -> None:
        self.where = where
        self.town = self.sure("build", slug="steps", folder=str(where.folder))
        self.street = Street(self.town["path"])
        self.street.join("ana")
        self.said = 0

    def sure(self, does: str, **what: object) -> object:
        answer = self.where.ask(does=does, **{"with": what})
        assert answer["ended"] == "done", answer
        return answer["result"]

    def dies(self, how: tuple[str, int, str], does: str, **what: object) -> bool:
        answer = self.where.ask(does=does, dies=how, **{"with": what})
        assert answer["ended"] in ("killed", "done"), answer
        return bool(answer["ended"] == "killed")

    def queued(self, handle: str) -> str:
        """Ana speaks, we hear it, and an answer is due; the delivery's id."""
        self.said += 1
        self.street.post("ana", f"@{handle} Words {self.said}")
        self.sure("work", agency=self.town["agency"])
        delivery = self.sure(
            "answer",
            agency=self.town["agency"],
            member=self.town["member"],
            text=f"Answer {self.said}",
            which=-1,
        )
        assert isinstance(delivery, str)
        assert delivery
        return delivery

    def recovered(self) -> object:
        """Left alone, first deaf to every echo; what is wrong then."""
        self.street.faults.ask(Fault.UNAVAILABLE, "fetch", times=None)
        self.sure("recover", agency=self.town["agency"], patience=12)
        self.street.faults.clear()
        self.sure("recover", agency=self.town["agency"])
        return self.sure("check", agency=self.town["agency"], path=self.town["path"], forms=[])


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with chaos.grounds() as where:
        found = Scene(where)
        yield found
        found.street.close()


STEPS = [
    (kind, number, moment)
    for kind, most in (("commit", 3), ("word", 1))
    for number in range(1, most + 1)
    for moment in ("before", "after")
]


@pytest.mark.parametrize("handle", ["pd11", "pd7"], ids=["keeps keys", "forgets keys"])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: "{2} {0} {1}".format(*step))
def test_a_worker_dies_while_it_speaks(
    scene: Scene, handle: str, step: tuple[str, int, str]
) -> None:
    delivery = scene.queued(handle)
    killed = scene.dies(step, "speak", agency=scene.town["agency"], delivery=delivery)
    assert killed or step[0] == "commit", "it never came to this step"
    assert scene.recovered() == []


@pytest.mark.parametrize("number", range(1, 9))
def test_a_worker_dies_while_it_hears(scene: Scene, number: int) -> None:
    scene.street.post("ana", f"@pd7 Heard {number}")
    scene.dies(("commit", number, "before"), "work", agency=scene.town["agency"])
    assert scene.recovered() == []


@pytest.mark.parametrize("number", range(1, 5))
@pytest.mark.parametrize("does", ["hooked", "wrote"])
def test_a_web_process_dies_with_something_in_its_hands(
    scene: Scene, does: str, number: int
) -> None:
    """Whoever was not told that we have it sends it again."""
    town = scene.town
    number_of_form = f"form-{does}-{number}"
    what: dict[str, object] = {
        "hooked": {"account": town["accounts"]["pd11"], "path": town["path"], "after": 0},
        "wrote": {"account": town["form"], "number": number_of_form, "text": "Hello"},
    }[does]
    scene.street.post("ana", f"@pd11 Pushed {does} {number}")
    if scene.dies(("commit", number, "before"), does, agency=town["agency"], **what):
        scene.sure(does, agency=town["agency"], **what)
    assert scene.recovered() == []
