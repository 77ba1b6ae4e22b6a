"""What is in force, in words."""

import pytest

from distillgate.cli.in_force import event, standing, why_not

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
