"""Explanations in plain words."""

import json
from typing import Any

import pytest

from distillgate.cli.terminal import complain, say, say_json
from distillgate.cli.words import MEMBERS, event, standing, why_not, words

ACCOUNT: dict[str, Any] = {
    "account": "a b/c",
    "organisation": None,
    "in_force": {
        "mode": "enforce",
        "action": "degrade",
        "enforced": True,
        "not_enforced": "",
        "by": "ladder",
        "plan": "default",
        "restricted_until": 1771290000.0,
        "until": None,
        "next_rung": None,
    },
    "history": [],
    "first_seen": 1771286400.0,
    "last_seen": 1771286460.0,
    "activity": {
        "requests": {"minute": 1.0, "hour": 2.0, "day": 3.0, "memory": 1234.5},
        "prompt_tokens": {"minute": 0.0, "hour": 0.0, "day": 0.0, "memory": 0.0},
        "output_tokens": {"minute": 0.0, "hour": 0.0, "day": 0.0, "memory": 0.0},
    },
    "distinct_texts": 7.2,
    "risk": 5.0,
    "families": {"linkage": 5.0},
    "contributions": [
        {
            "signal": "work_list",
            "family": "linkage",
            "llr": 5.0,
            "text": "9 accounts, one list",
            "since": 1771286400.0,
            "until": 1771372800.0,
        }
    ],
    "group": "g-1",
    "restricted_until": 1771290000.0,
    "pardoned_until": float("inf"),
    "honest_explanation": "one company",
    "cleared_by": "they declare it",
}

GROUP: dict[str, Any] = {
    "group": "g-000000000000002a",
    "kind": "system prompt",
    "first_seen": 1771286400.0,
    "last_seen": 1771286460.0,
    "principals": 1234,
    "exchanges": 56789,
    "linked": True,
    "risk": 4.5,
    "families": {"linkage": 5.0, "harvest": -0.5},
    "contributions": [
        {"signal": "exchangeability", "family": "linkage", "llr": 9.5, "text": "one hand"},
        {"signal": "shared_key", "family": "linkage", "llr": -4.5, "text": "honest ones do too"},
        {"signal": "work_list", "family": "harvest", "llr": -0.5, "text": "412 of 450"},
    ],
    "strongest": ["one hand"],
    "members": ["a-1", "a-2"],
    "distinct_texts": 412.3,
    "value_tokens": 137_500.0,
    "budget": 150_000.0,
    "honest_explanation": "one company",
    "cleared_by": "they declare it",
}


def test_an_account_in_words() -> None:
    assert list(words(ACCOUNT)) == [
        "account a b/c of no known organisation",
        "now: degrade, enforced",
        "     decided by ladder, plan default",
        "     restricted until 2026-02-17 01:00:00 UTC or longer",
        "seen from 2026-02-17 00:00:00 UTC to 2026-02-17 00:01:00 UTC",
        "",
        "                      minute        hour         day  remembered",
        "requests                   1           2           3       1,234",
        "prompt tokens              0           0           0           0",
        "output tokens              0           0           0           0",
        "about 7 different texts",
        "",
        "risk +5.00, a likelihood ratio of about 148 to 1",
        "  +5.00  linkage",
        "         +5.00  work_list: 9 accounts, one list (2026-02-17 00:00 to 2026-02-18 00:00)",
        "acts with the accounts of group g-1",
        "",
        "an honest explanation: one company",
        "what would clear it: they declare it",
    ]


def test_a_group_in_words() -> None:
    assert list(words(GROUP)) == [
        "group g-000000000000002a: 1,234 accounts or organisations that share one system prompt",
        "56,789 exchanges; one operator feeds it",
        "seen from 2026-02-17 00:00:00 UTC to 2026-02-17 00:01:00 UTC",
        "",
        "risk +4.50, a likelihood ratio of about 90 to 1",
        "  +5.00  linkage",
        "         +9.50  exchangeability: one hand",
        "         -4.50  shared_key: honest ones do too",
        "  -0.50  harvest",
        "         -0.50  work_list: 412 of 450",
        "",
        "the strongest reasons",
        "  1. one hand",
        "",
        "the actor's budget: about 137,500 of 150,000 value tokens (92%)",
        "an honest explanation: one company",
        "what would clear it: they declare it",
        "",
        "members",
        "  a-1, a-2",
    ]


def test_a_group_without_evidence_in_words() -> None:
    bare = GROUP | {
        "linked": False,
        "families": {},
        "contributions": [],
        "strongest": [],
        "members": [],
        "value_tokens": None,
        "budget": None,
    }
    told = list(words(bare))
    assert told[1] == "56,789 exchanges; nothing shows that one operator does"
    assert "  no signal speaks for or against it" in told
    assert "the strongest reasons" not in told
    assert "the actor's budget: not examined yet" in told
    assert told[-1] == "  none is remembered any more"


def test_members_keep_their_names_whole_and_a_long_list_ends() -> None:
    names = [f"a-{'x' * 120}-{number}" for number in range(MEMBERS)]
    told = list(words(GROUP | {"members": names}))
    assert [text.strip(" ,") for text in told[told.index("members") + 1 :]] == names
    longer = list(words(GROUP | {"members": [*names, "one-more"]}))
    assert longer[-1] == "  and more, which --json lists"


def test_evidence_of_one_moment_has_one_date() -> None:
    moment = ACCOUNT["contributions"][0] | {"until": 1771286401.0}
    told = list(words(ACCOUNT | {"contributions": [moment]}))
    assert any(line.endswith("one list (2026-02-17 00:00)") for line in told)


NAME = "a\x1b[2J\x9b31m\r\n\u202eb"


def test_nothing_that_acts_on_a_terminal_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    evidence = [{**part, "text": NAME} for part in ACCOUNT["contributions"]]
    say(*words(ACCOUNT | {"account": NAME, "organisation": NAME, "contributions": evidence}))
    say(*words(GROUP | {"members": [NAME] * 3, "strongest": [NAME]}))
    complain(f"{NAME}: not known")
    said = capsys.readouterr()

    for line in [*said.out.split("\n"), *said.err.split("\n")]:
        assert line.isprintable()
    assert said.out.count("a\\x1b[2J\\x9b31m\\r\\n\\u202eb") == 7


def test_json_of_such_a_name_is_ascii_and_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    say_json({"account": NAME})
    out = capsys.readouterr().out

    assert out.replace("\n", "").isprintable()
    assert json.loads(out) == {"account": NAME}


NOW = {
    "mode": "enforce", "action": "degrade", "enforced": True, "not_enforced": "", "by": "ladder",
    "plan": "pro", "restricted_until": 86_400.0, "until": None,
    "next_rung": {"action": "refuse", "nats": 2.73, "families": 0},
}  # fmt: skip


def test_what_is_enforced_is_said_to_be() -> None:
    assert list(standing(NOW)) == [
        "now: degrade, enforced",
        "     decided by ladder, plan pro",
        "     restricted until 1970-01-02 00:00:00 UTC or longer",
        "     next: refuse, 2.73 nats away",
    ]


@pytest.mark.parametrize("reason", ["shadow", "killed", "exempt", "onset", "rollout", "hold_out"])
def test_what_is_not_enforced_is_said_with_the_reason(reason: str) -> None:
    told = list(standing({**NOW, "enforced": False, "not_enforced": reason}))

    assert told[0] == f"now: degrade, nothing is done to it: {why_not(reason)}"
    assert "judged restricted, but not acted on, until" in told[2]


def test_missing_families_are_said_beside_missing_nats() -> None:
    rung = {"action": "degrade", "nats": 0.0, "families": 1}

    assert list(standing({**NOW, "next_rung": rung}))[-1] == (
        "     next: degrade, 1 more kinds of evidence that agree away"
    )


def test_an_event_is_a_line_and_its_evidence() -> None:
    found = {
        "at": 0.0, "what": "restricted", "by": "ladder", "action": "throttle", "until": 60.0,
        "not_acted_on": "shadow", "texts": ["links: 9 meetings"],
    }  # fmt: skip

    line, evidence = event(found)
    assert line.startswith("  1970-01-01 00:00:00 UTC  restricted to throttle by ladder until ")
    assert line.endswith(" (not acted on: the gate is in shadow mode)")
    assert evidence == "      links: 9 meetings"
    assert list(event({"at": 0.0, "what": "pardon", "by": "anna", "reason": "why"})) == [
        "  1970-01-01 00:00:00 UTC  pardon by anna: why"
    ]
