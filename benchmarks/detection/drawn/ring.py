"""The accounts of a campaign: anything between one operator's and honest customers' traits."""

from benchmarks.detection.drawn.parameters import CampaignHabits
from distillgate_lab.scenarios.account import Account, habits
from distillgate_lab.scenarios.campaigns.lists import tool_client
from distillgate_lab.scenarios.clock import DAY
from distillgate_lab.scenarios.infrastructure import Identity
from distillgate_lab.scenarios.scene import Scene


def accounts(scene: Scene, plan: CampaignHabits, start: float, count: int) -> list[Account]:
    """Sign up so many accounts for a campaign that begins at `start`."""
    ring = _Ring(scene, plan, start)
    return [ring.account() for _ in range(count)]


class _Ring:
    """What an operator has of its own, and how many accounts show it."""

    def __init__(self, scene: Scene, plan: CampaignHabits, start: float) -> None:
        dice, internet = scene.dice, scene.internet
        self._scene, self._plan, self._start = scene, plan, start
        self._stack = internet.stack()
        self._blocks = [internet.home().rsplit(".", 1)[0] for _ in range(4)]
        self._signed_up = start - DAY * dice.uniform(0.5, 6.0)
        self._sends = {"temperature": 0.7, "max_tokens": 4096, **habits(dice)}
        self._inside = tool_client(scene) if plan.kind == "inside" else None
        self._card, self._on_card = "", 0

    def account(self) -> Account:
        """Sign up the next account."""
        plan, scene = self._plan, self._scene
        own = scene.dice.random() < plan.own_client
        identity = self._identity()
        if not own:
            identity.stack = self._stack
        elif self._inside is not None:
            identity.stack = self._inside
        return scene.account(identity, None if own else self._sends)

    def _identity(self) -> Identity:
        plan, dice, internet = self._plan, self._scene.dice, self._scene.internet
        found = internet.person()
        found.created = min(found.created, self._start - DAY / 2)
        if dice.random() >= plan.old:
            found.created = self._signed_up + dice.uniform(0.0, DAY / 3)
        if dice.random() >= plan.own_cards:
            found.plan, found.payment = "pro", self._next_card()
        if dice.random() >= plan.own_network:
            found.addresses = [f"{dice.choice(self._blocks)}.{dice.randrange(1, 255)}"]
        return found

    def _next_card(self) -> str:
        if self._on_card % self._plan.per_card == 0:
            self._card = f"{self._scene.dice.getrandbits(128):032x}"
        self._on_card += 1
        return self._card
