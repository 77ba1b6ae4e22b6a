"""Real agents do a task of twenty steps through a sidecar that degrades every exchange.

`make test-agents` runs them: `DISTILLGATE_AGENTS` is 1, or the folder that keeps the programs.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.agents.programs import AGENTS, Agent
from tests.agents.task import Task
from tests.asgi.degraded import MEASURES, degraded
from tests.asgi.strict import STEPS
from tests.cli.conftest import running
from tests.conftest import Serving

CHOSEN = os.environ.get("DISTILLGATE_AGENTS", "")
PROGRAMS = Path(__file__).parents[2] / (".agents" if CHOSEN == "1" else CHOSEN)
PATIENCE = 500.0
LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")

pytestmark = [
    pytest.mark.skipif(not CHOSEN, reason="`make test-agents` runs them"),
    pytest.mark.timeout(900),
]


@pytest.mark.parametrize("measures", [MEASURES, *((one,) for one in MEASURES)], ids="+".join)
@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
def test_an_agent_does_every_step_while_it_is_degraded(
    serving: Serving, tmp_path: Path, agent: Agent, measures: tuple[str, ...]
) -> None:
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    home.mkdir()
    upstream = Task(work)
    settings = degraded(measures) | {
        "key": "a key of this run",
        "proxy": {"upstream": serving(upstream).url, "port": 0, "notice_seconds": 0},
        "telemetry": {"log": {"destination": "stderr"}},
    }
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps(settings))

    with running(tmp_path / "log", "serve", "--config", config) as sidecar:
        command, variables = agent.command(PROGRAMS, sidecar.url)
        done = subprocess.run(
            command,
            cwd=work,
            env={"PATH": os.environ["PATH"], "HOME": str(home), **variables},
            input=agent.orders,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        decisions = sidecar.events("decision")

    assert upstream.refused == []
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert upstream.notes.read_text().split() == agent.holds
    assert len(upstream.received) >= STEPS
    assert {decision["action"] for decision in decisions if decision["enforced"]} == {"degrade"}
    if "parameters" in measures:
        asked = [call.get(name, 0) for call in upstream.received for name in LIMITS]
        assert 0 < max(asked) <= 8192
