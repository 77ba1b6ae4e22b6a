"""What people order is obeyed, kept with who did it and why, and refused in words."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from tests.engine.conftest import World, lexicon, make_engine

from distillgate.account.windows import DAY
from distillgate.admin.deeds import Deeds
from distillgate.campaign.jobs import complete
from distillgate.engine.queries import Queries
from distillgate.governance.audit import AuditSettings
from distillgate.governance.governance import Governance, GovernanceSettings
from distillgate.oversight.orders import Asked, ask
from distillgate.oversight.roll import Roll
from distillgate.policy.appeals import Appeal
from distillgate.telemetry import Telemetry
from distillgate.telemetry.log import LogSettings
from distillgate.telemetry.telemetry import TelemetrySettings


class Desk:
    """An engine that knows one campaign, and the audit log of what is done to it."""

    def __init__(self, path: Path) -> None:
        random_ = Random(1)
        self.world = World(make_engine(), random_, words=lexicon(random_, 4000))
        for text in self.world.work_list(300):
            account = f"c-{random_.randrange(16)}"
            self.world.send(account, f"Mark this answer, and say why.\n{text}")
        self._path = path
        self._governance = Governance(
            GovernanceSettings(audit=AuditSettings(path=str(path))),
            Telemetry(TelemetrySettings(log=LogSettings(level="off"))),
            clock=lambda: self.world.now,
            spawn=lambda _: False,
        )
        self.deeds = Deeds(
            engine=self.world.engine,
            roll=Roll(self.world.engine),
            governance=self._governance,
            clock=lambda: self.world.now,
        )

    def asked(self, deed: Any, **more: Any) -> Asked:
        return Asked(deed=deed, by="anna", reason="why", until=self.world.now + DAY, **more)

    def kept(self) -> list[dict[str, Any]]:
        self._governance.audit.close()
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        return [json.loads(line) for line in lines]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "audit.jsonl")


def test_every_account_of_a_campaign_is_ordered_and_each_order_kept(desk: Desk) -> None:
    (actor, *_) = complete(Queries(desk.world.engine).actors())
    found = asyncio.run(desk.deeds.campaign(actor.id))

    asyncio.run(desk.deeds.give_all(found.members, desk.asked("pardon"), found))

    until = desk.world.now + DAY
    for name in found.members:
        account = desk.world.engine.state.accounts.get(name)
        assert account is not None
        assert account.pardoned_until == until
    kept = desk.kept()
    assert sorted(one["account"] for one in kept) == sorted(found.members)
    assert {(one["event"], one["by"], one["reason"], one["campaign"]) for one in kept} == {
        ("pardoned", "anna", "why", found.id)
    }


def test_a_campaign_that_nobody_knows_is_not_found(desk: Desk) -> None:
    with pytest.raises(HTTPException) as told:
        asyncio.run(desk.deeds.campaign("winter"))

    assert told.value.status_code == 404


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "g-1"])
def test_what_is_no_name_names_nothing(desk: Desk, name: str) -> None:
    (actor, *_) = complete(Queries(desk.world.engine).actors())

    with pytest.raises(HTTPException) as told:
        desk.deeds.name(actor.id, name, "anna")

    assert told.value.status_code == 422
    assert desk.kept() == []


def test_a_name_is_kept_with_who_gave_it_and_finds_the_campaign(desk: Desk) -> None:
    (actor, *_) = complete(Queries(desk.world.engine).actors())

    assert desk.deeds.name(actor.id, " winter ", "anna")
    assert not desk.deeds.name("g-0", "spring", "anna")

    assert asyncio.run(desk.deeds.campaign("winter")).members
    (kept,) = desk.kept()
    assert (kept["event"], kept["group"], kept["campaign"]) == ("named", actor.id, "winter")


def test_the_gate_is_killed_and_resumed_by_name(desk: Desk) -> None:
    desk.deeds.switch("kill", by="anna", reason="smoke")
    assert desk.world.engine.state.killed
    desk.deeds.switch("resume", by="ben", reason="no fire")

    assert not desk.world.engine.state.killed
    assert [(one["event"], one["by"]) for one in desk.kept()] == [
        ("killed", "anna"),
        ("resumed", "ben"),
    ]


def test_an_appeal_is_answered_once_and_a_pardon_given_with_it(desk: Desk) -> None:
    engine, now = desk.world.engine, desk.world.now
    ask(engine, Appeal("r-1", "c-1", now, now + DAY, "We grade exams."))

    desk.deeds.decide("r-1", "pardon", "they showed it", "anna", now + DAY)
    with pytest.raises(HTTPException) as told:
        desk.deeds.decide("r-1", "keep", "no", "ben", now + DAY)

    assert told.value.status_code == 404
    assert [(one["event"], one.get("account")) for one in desk.kept()] == [
        ("pardoned", "c-1"),
        ("appeal_answered", "c-1"),
    ]
