"""Sentences that say no more than the document, and commands that a shell reads word by word."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

pytest.importorskip("jinja2")

from distillgate.admin.console import words
from distillgate.campaign.keys import Kind


def campaign(**more: Any) -> dict[str, Any]:
    row = {
        "accounts": 60, "distinct_texts": 2279.4,
        "value_tokens": 61_000.4, "budget": 37_500.0,
        "organisations": {}, "strays": 0, "standing": {"acted on": 60},
    }  # fmt: skip
    near = {"rho": 0.001, "error": 0.002}
    examined = {"topic": near, "style": near, "principals": 60, "compared": 60, "follows": 0.0}
    group = {"kind": "prompt template"}
    return {
        "group": group,
        "campaign": {**row, **more.pop("row", {})},
        "examined": {**examined, **more},
    }


def test_a_campaign_is_said_in_a_sentence() -> None:
    assert words.sentence(campaign()) == (
        "60 accounts behave as one sender: they share one prompt template, and what they ask "
        "differs from account to account no more than it does within one. Together they sent about "
        "2,279 different texts and took 61,000 value tokens, where one sender may take 37,500."
    )
    assert words.sentence(campaign(row={"budget": None})).endswith("within one.")
    assert "differs little" in words.sentence(campaign(topic={"rho": 0.05, "error": 0.1}))
    bare = {**campaign(row={"accounts": 1, "budget": None}), "examined": None}
    assert (
        words.sentence(bare) == "1 account behaves as one sender: they share one prompt template."
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_tie_has_its_words(kind: Kind) -> None:
    assert kind.value in words.SHARED


def test_what_speaks_for_the_accounts_is_said() -> None:
    assert words.against(campaign()) == []
    found = words.against(
        campaign(
            row={
                "organisations": {"acme\x00": 3}, "strays": 12, "standing": {"pardoned": 2},
                "value_tokens": 100.0,
            },
            compared=48,
            follows=0.4,
        )
    )  # fmt: skip
    told = " ".join(found)
    for part in (
        "acme\\x00",
        "12 accounts share",
        "12 of 60",
        "2 were pardoned",
        "40 %",
        "not yet",
    ):
        assert part in told
    assert len(found) == 6


def test_a_doubt_that_several_signals_share_is_said_once() -> None:
    doubt = {"honest_explanation": "a company", "cleared_by": "declare it"}
    signals = [
        {"llr": 1.0, "signal": "one_subject", **doubt},
        {"llr": 2.0, "signal": "one_manner", **doubt},
        {"llr": -1.0, "signal": "shared_key", **doubt},
    ]
    assert words.doubts(signals) == [
        {"honest": "a company", "clears": "declare it", "signals": "one subject, one manner"}
    ]


def test_a_command_is_what_a_shell_would_read_back() -> None:
    name = 'a\'; rm -rf "$HOME"'
    made = words.command("explain", name, url="http://h:1/d")

    assert shlex.split(made) == ["distillgate", "explain", name, "--url", "http://h:1/d"]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({}, "Nothing is done to it."),
        ({"by": "pardon"}, "a person gave it a pardon"),
        ({"enforced": True, "action": "degrade"}, "is restricted: degrade, by ladder"),
        ({"not_enforced": "exempt", "by": "plan: gold is exempt"}, "plan: gold is exempt stands"),
        (
            {"not_enforced": "shadow", "action": "throttle"},
            "(throttle), and is not: the gate is in",
        ),
        ({"not_enforced": "killed"}, "an operator ended all enforcement"),
        ({"not_enforced": "onset"}, "has not sent enough"),
    ],
)
def test_what_is_in_force_is_said_first(state: dict[str, Any], said: str) -> None:
    before = {"enforced": False, "not_enforced": "", "by": "ladder", "action": "allow"}
    assert said in words.in_force({"in_force": {**before, **state}})
