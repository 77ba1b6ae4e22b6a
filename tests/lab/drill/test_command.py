"""The drill as an operator runs it: at a real sidecar before the embedded upstream."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from distillgate.gate import Gate
from distillgate_lab.upstream.app import upstream

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.conftest import Serving

CAMPAIGN = "fixed reasoning prompt"
HONEST = "chat users"


def gate(mode: str) -> Gate:
    return Gate(
        upstream(),
        {
            "mode": mode,
            "key": "a secret",
            "admin": {"key": "operator"},
            "policy": {
                # At once, from budgets as small as the upstream's answers: a drill is short.
                "enforcement": {"onset_exchanges": 0},
                "group_budget": {"refill": 0.1, "floor_per_day": 50},
            },
            "signals": {"work_list": {"value_tokens": 4000}},
            "telemetry": {"log": {"level": "off"}},
        },
    )


def test_a_gate_that_acts_holds_the_campaign_back_and_leaves_the_honest_alone(
    run: Run, serving: Serving
) -> None:
    url = serving(gate("enforce").sidecar()).url
    options = ["--accounts", "60", "--limit", "1500", "--speed", "1e9", "--json"]
    admin = ["--admin", f"{url}/distillgate", "--key", "operator"]

    ended = run("drill", f"{CAMPAIGN}@shared", HONEST, "--target", f"{url}/v1", *options, *admin)

    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    campaign, honest = found["scenarios"][CAMPAIGN], found["scenarios"][HONEST]
    assert campaign["restricted"] > 40
    assert 0 < campaign["first_restriction_after"] < campaign["exchanges"]
    assert campaign["said"]
    assert (honest["restricted"], honest["answers"]["failed"]) == (0, 0)
    assert isinstance(found["groups"], list)
    assert any("clocks say nothing" in text for text in found["limits"])


def test_a_gate_in_shadow_answers_everything_and_its_pages_say_what_it_saw(
    run: Run, serving: Serving, tmp_path: Path
) -> None:
    url = serving(gate("shadow").sidecar()).url
    keys = tmp_path / "keys"
    keys.write_text("\n".join(f"sk-{number}" for number in range(30)))
    played = ["--accounts", "30", "--limit", "600", "--speed", "1e9", "--model", "m"]
    admin = ["--admin", f"{url}/distillgate", "--key", "operator"]

    ended = run("drill", CAMPAIGN, "--target", url, "--keys", keys, *played, *admin)

    assert ended.code == 0, ended.err
    assert "the gate is in shadow mode" in ended.out
    assert "system prompt" in ended.out
    (row,) = (line for line in ended.out.splitlines() if line.startswith(CAMPAIGN))
    assert row.split()[-1] == "never"
    assert "what this drill cannot show:" in ended.out


def test_a_strangers_gate_is_not_played_at(run: Run) -> None:
    ended = run("drill", CAMPAIGN, "--target", "http://8.8.8.8")

    assert ended.code == 2
    assert "--yes-this-is-mine" in ended.err
    assert ended.err.count("\n") == 1


def test_scenarios_are_listed(run: Run) -> None:
    ended = run("drill", "--list")

    assert ended.code == 0
    assert CAMPAIGN in ended.out
    assert HONEST in ended.out


def test_what_is_missing_or_mistaken_is_said(run: Run) -> None:
    assert "--list" in run("drill").err
    assert "ATTRIBUTE=NAME" in (
        run("drill", HONEST, "--target", "http://127.0.0.1:9", "--header", "plan").err
    )
    nothing = run("drill", HONEST, "--target", "http://127.0.0.1:9", "--keys", "/nowhere/keys")
    assert (nothing.code, nothing.err.count("\n")) == (2, 1)
