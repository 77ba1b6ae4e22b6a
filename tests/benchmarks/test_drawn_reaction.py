"""What an operator does when the gate refuses its accounts."""

import random
from typing import Any

import orjson
from benchmarks.detection.drawn.campaign import TRAITS, Campaign
from benchmarks.detection.drawn.parameters import CampaignHabits
from benchmarks.detection.drawn.priors import draw
from benchmarks.detection.drawn.reaction import Operator, merged

from distillgate.policy.decision import Action, Decision

Record = dict[str, Any]


def traits(account: str) -> Record:
    return {name: account if name == "account" else {} for name in TRAITS}


def line(ts: float, account: str) -> Record:
    return {"ts": ts, **traits(account), "request": {"n": ts}}


def played(reaction: str, refused: str, *, patience: int = 1) -> list[tuple[float, str, float]]:
    """Play eight requests of two accounts of which one is always refused."""
    plan = draw(CampaignHabits, "1", reaction=reaction, patience=patience)
    lines = [line(10.0 * at, "ab"[at % 2]) for at in range(8)]
    campaign = Campaign("campaign 0", plan, lines, [traits("spare")])
    operator = Operator(campaign, random.Random(1))
    sent = []
    for text in merged(iter(()), [operator]):
        one = orjson.loads(text)
        sent.append((one["ts"], one["account"], one["request"]["n"]))
        action = Action.THROTTLE if one["account"] == refused else Action.ALLOW
        wait = 60.0 if action.restricts else None
        operator.see(Decision(one["account"], action, retry_after=wait))
    return sent


def test_an_operator_who_does_not_react_sends_everything() -> None:
    assert [account for _, account, _ in played("none", "a")] == list("abababab")


def test_a_refused_account_is_used_no_more_once_patience_is_at_its_end() -> None:
    assert [a for _, a, _ in played("stop", "a", patience=2)] == ["a", "b", "a", "b", "b", "b"]


def test_work_of_a_refused_account_goes_to_one_that_was_held_back() -> None:
    sent = played("rotate", "a")

    assert [account for _, account, _ in sent][:3] == ["a", "b", "spare"]
    assert {n for _, _, n in sent} == {10.0 * at for at in range(8)}
    assert "a" not in {account for _, account, _ in sent[1:]}


def test_what_was_refused_comes_again_within_seconds() -> None:
    sent = played("fail over", "a", patience=3)
    again = [(ts, n) for ts, _, n in sent if ts != n]

    assert again
    assert all(0.5 <= ts - n <= 20.0 for ts, n in again)


def test_an_account_that_is_slowed_down_sends_everything_later() -> None:
    sent = played("slow down", "a")

    assert sorted(n for _, _, n in sent) == [10.0 * at for at in range(8)]
    assert [ts for ts, account, _ in sent if account == "a"] == [0.0, 80.0, 160.0, 240.0]
    assert sent == sorted(sent)


def test_lines_of_everybody_come_in_order_of_time() -> None:
    plan = draw(CampaignHabits, "1", reaction="none")
    operators = [
        Operator(Campaign(name, plan, [line(ts, name) for ts in times], []), random.Random(1))
        for name, times in (("one", (1.0, 5.0)), ("two", (2.0, 9.0)))
    ]
    honest = [b'{"ts":3.0,"account":"h"}\n', b'{"ts":6.0,"account":"h"}\n']

    found = [orjson.loads(text)["ts"] for text in merged(iter(honest), operators)]

    assert found == [1.0, 2.0, 3.0, 5.0, 6.0, 9.0]
