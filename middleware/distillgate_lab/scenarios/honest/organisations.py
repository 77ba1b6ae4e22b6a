"""Firms with several keys: those that say so, and a few that do not."""

from distillgate_lab.scenarios.clock import START
from distillgate_lab.scenarios.honest.machines import reworded
from distillgate_lab.scenarios.scene import Scene

_SHOP = "You answer the customers of our shop. Be brief and friendly. Never promise a refund."


def declared(scene: Scene, accounts: int) -> None:
    """Run one service over many keys that name their organisation: work dealt at random."""
    _services(scene, accounts, sizes=(5, 10, 15, 30), named=True)


def undeclared(scene: Scene, accounts: int) -> None:
    """Run the same over the keys of firms that never declared them; few keys, one bill."""
    _services(scene, accounts, sizes=(2, 3, 5), named=False)


def _services(scene: Scene, accounts: int, sizes: tuple[int, ...], *, named: bool) -> None:
    made = 0
    while made < accounts:
        size = min(scene.dice.choice(sizes), accounts - made)
        made += size
        identity = scene.internet.company("business", 8)
        identity.organisation = f"o-{scene.dice.getrandbits(32):08x}" if named else None
        keys = [scene.account(identity, parameters={"temperature": 0.3}) for _ in range(size)]
        system = reworded(scene, _SHOP)
        person = scene.library.person(habits=20, settled=True)
        if scene.dice.random() < 0.5:
            for _ in range(size * 5):
                at = scene.clock.person(1)[0]
                talk = person.conversation()
                scene.converse(keys[0], talk, at, most=8, system=system, others=keys[1:])
            continue
        count = size * scene.clock.volume(25, 10, 80)
        times = scene.clock.steady(count, START, scene.clock.end)
        for at, prompt in zip(times, person.turns(count), strict=True):
            scene.ask(scene.dice.choice(keys), at, prompt, system, tokens=150, answered=200)
