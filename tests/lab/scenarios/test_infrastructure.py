import random

from distillgate_lab.scenarios.clock import START
from distillgate_lab.scenarios.infrastructure import INFRASTRUCTURES, Farm, Internet


def test_infrastructure_is_shared_residential_or_like_everybodys() -> None:
    farms = {kind: Farm(Internet(random.Random(7)), kind, START) for kind in INFRASTRUCTURES}
    drawn = {kind: [farm.identity() for _ in range(90)] for kind, farm in farms.items()}

    blocks = {k: {a.rsplit(".", 1)[0] for i in v for a in i.addresses} for k, v in drawn.items()}
    cards = {k: len({i.payment for i in v if i.payment}) for k, v in drawn.items()}
    agents = {k: len({i.stack.agent for i in v}) for k, v in drawn.items()}
    assert (len(blocks["shared"]), cards["shared"], agents["shared"]) == (4, 5, 1)
    assert (len(blocks["residential"]), cards["residential"], agents["residential"]) == (90, 30, 1)
    assert agents["mimic"] > 10
