"""Lists of accounts, and a person's own data."""

import json

import pytest
from tests.engine.conftest import Start, World

from distillgate.campaign.jobs import complete
from distillgate.oversight.accounts import SHOWS, accounts, export
from distillgate.oversight.orders import Asked, give


def test_restricted_accounts_are_listed_with_their_ends(dealt: World) -> None:
    found = complete(accounts(dealt.engine, "restricted", 100, dealt.now))

    assert sorted(one.account for one in found) == sorted(f"c-{n}" for n in range(16))
    assert [one.risk for one in found] == sorted((one.risk for one in found), reverse=True)
    assert all((one.restricted_until or 0) > dealt.now for one in found)
    assert len(complete(accounts(dealt.engine, "restricted", 3, dealt.now))) == 3


def test_the_riskiest_come_first_whatever_was_looked_at_first(dealt: World) -> None:
    every = complete(accounts(dealt.engine, "riskiest", 100, dealt.now))

    assert complete(accounts(dealt.engine, "riskiest", 1, dealt.now)) == every[:1]


@pytest.mark.parametrize("show", SHOWS)
def test_each_list_shows_its_own(start: Start, show: str) -> None:
    world = start(enforce=True)
    for name in ("p", "o", "n", "e"):
        world.send(name, "hello")
    spared = world.engine.state.accounts.get("e")
    assert spared is not None
    spared.restriction = -1  # as the policy notes it
    until = world.now + 1000.0
    give(world.engine, "p", Asked(deed="pardon", by="b", reason="r", until=until), world.now)
    for name in ("o", "ahead"):
        give(world.engine, name, Asked(deed="observe", by="b", reason="r", until=until), world.now)

    names = [one.account for one in complete(accounts(world.engine, show, 9, world.now))]  # type: ignore[arg-type]

    expected = {"pardoned": ["p"], "exempt": ["e"], "ordered": ["o", "ahead"]}
    assert names == expected.get(show, [])


def test_a_persons_data_is_plain_json(dealt: World) -> None:
    taken = export(dealt.engine, "c-1", dealt.now)

    assert taken is not None
    record = json.loads(json.dumps(taken))["record"]
    assert record["name"] == "c-1"
    assert record["history"][0]["what"] == "restricted"
    assert taken["groups"]
