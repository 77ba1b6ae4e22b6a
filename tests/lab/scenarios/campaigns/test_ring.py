from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distillgate_lab.scenarios import campaigns
from distillgate_lab.scenarios.campaigns.ring import run

if TYPE_CHECKING:
    from tests.lab.scenarios.conftest import Played, Stage


@pytest.mark.parametrize("kind", campaigns.CAMPAIGNS)
def test_every_campaign_has_the_accounts_and_exchanges_it_says(stage: Stage, kind: str) -> None:
    plan = campaigns.CAMPAIGNS[kind]
    plan = replace(plan, accounts=min(plan.accounts, 40), each=min(plan.each, 12))
    scene, records = stage(campaign=True)
    run(scene, plan, "mimic")

    assert len({r["account"] for r in records}) == pytest.approx(plan.accounts, abs=1)
    assert len(records) == pytest.approx(plan.accounts * plan.each, rel=0.25)


def test_a_second_pool_takes_over_when_the_first_is_banned(played: Played) -> None:
    records = played("succession")
    banned = {r["account"] for r in records if r["response"]["status"] == 403}
    last = max(r["ts"] for r in records if r["account"] in banned)
    first = min(r["ts"] for r in records if r["account"] not in banned)

    assert len(banned) == pytest.approx(200, abs=2)
    assert abs(first - last) < 6 * 3600.0
