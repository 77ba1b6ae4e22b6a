"""What an operator can meet is described: every metric, event, command, page and section."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from starlette.routing import Route

from distillgate.cli.main import app as commands
from distillgate.config.load import load
from distillgate.config.schema import Config
from distillgate.gate import Gate
from distillgate.telemetry.metrics import Metrics
from distillgate_lab.upstream.app import upstream

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "middleware" / "distillgate"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
DECIDING = (ROOT / "docs" / "deciding.md").read_text()


def _blocks(language: str) -> list[str]:
    found: list[str] = re.findall(
        rf"^```{language}\n(.*?)^```", OPERATIONS, re.MULTILINE | re.DOTALL
    )
    assert found
    return found


def _commands(app: typer.Typer = commands, *above: str) -> Iterator[tuple[str, ...]]:
    for command in app.registered_commands:
        assert command.callback is not None
        yield (*above, command.name or command.callback.__name__)
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from _commands(group.typer_instance, *above, str(group.name))


def test_every_metric_is_described_with_its_labels() -> None:
    metrics = Metrics()
    families = list(metrics.registry.collect())
    names = [f"{f.name}_total" if f.type == "counter" else f.name for f in families]

    assert len(names) > 5
    assert [name for name in names if f"| `{name}` |" not in OPERATIONS] == []
    named = set(re.findall(r"distillgate_(?!lab)[a-z_]+", OPERATIONS))
    assert named <= {*names, "distillgate_decision_seconds_bucket"}


def test_every_event_of_the_log_is_described() -> None:
    text = "".join(path.read_text() for path in SOURCE.rglob("*.py"))
    events = set(re.findall(r"\.event\(\s*\"(\w+)\"", text)) | {"dropped"}

    assert {"decision", "failed_open", "upstream_failed", "named"} <= events
    (table,) = re.findall(r"\| event \| when \|\n(.*?)\n\n", OPERATIONS, re.DOTALL)
    listed = {
        name
        for row in table.splitlines()
        for name in re.findall(r"`(\w+)`", row[: row.index("|", 1)])
    }
    assert listed == events


def test_every_place_that_fails_open_is_described() -> None:
    text = "".join(path.read_text() for path in SOURCE.rglob("*.py"))
    places = set(re.findall(r"\.failed\(\"(\w+)\"", text))

    assert {"judge", "identify"} <= places
    assert [place for place in places if f"`{place}`" not in OPERATIONS] == []


def test_every_command_is_described() -> None:
    found = list(_commands())

    assert ("campaign", "name") in found
    missing = [
        " ".join(name) for name in found if f"| `distillgate {' '.join(name)}` |" not in OPERATIONS
    ]
    assert missing == []


def test_the_library_answers_an_honest_account_and_refuses_a_plans_excess() -> None:
    (code,) = (block for block in _blocks("python") if "Engine(" in block)
    called: list[bytes] = []

    def model(body: bytes) -> bytes:
        called.append(body)
        return b"four"

    names: dict[str, Any] = {"model": model}
    policy = '{"plans": {"default": {"requests_per_minute": 2}}}'
    limited = code.replace('mode="enforce"', f'mode="enforce", policy={policy}')
    exec(compile(limited, "operations.md", "exec"), names)
    body = b'{"model": "m", "messages": [{"role": "user", "content": "two and two?"}]}'

    answers = [names["answered"]("a-1", body) for _ in range(4)]

    assert limited != code
    assert answers[0] == b"four"
    assert b"rate_limit" in answers[-1]
    assert called == [body] * answers.count(b"four")
    assert names["answered"]("a-2", body) == b"four"


def test_every_section_of_the_configuration_is_described() -> None:
    (table,) = re.findall(r"\| section \| .*?\n(.*?)\n\n", OPERATIONS, re.DOTALL)
    listed = re.findall(r"`(\w+)`", "".join(row[: row.index("|", 1)] for row in table.splitlines()))

    assert sorted(listed) == sorted(Config.model_fields)


def test_every_page_of_the_operators_has_its_example() -> None:
    gate = Gate(upstream(), {"telemetry": {"log": {"level": "off"}}})
    assert gate.parts is not None
    routes = [route for route in gate.parts.console().app().routes if isinstance(route, Route)]
    pages = {re.sub(r"{.*?}", "NAME", route.path) for route in routes}

    told = "\n".join([*_blocks("sh"), DECIDING])
    asked = re.findall(r"^curl .*?\$GATE(\S+)", told, re.MULTILINE)
    assert {
        re.sub(r"ACCOUNT|GROUP|REFERENCE|CAMPAIGN|ORDER", "NAME", path) for path in asked
    } == pages


@pytest.mark.parametrize("text", _blocks("yaml"))
def test_every_piece_of_configuration_can_be_used(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    assert load(path, environ={"DISTILLGATE_ADMIN_KEY": "k"}) != Config()


def test_every_setting_it_names_is_one() -> None:
    sections = "|".join(Config.model_fields)
    settings = re.findall(rf"`((?:{sections})(?:\.\w+)+)`", OPERATIONS)

    assert len(settings) > 10
    for path in settings:
        section = Config()
        for name in path.split("."):
            assert name in type(section).model_fields, path
            section = getattr(section, name)


def test_every_heading_it_links_to_is_there() -> None:
    headings = re.findall(r"^#+ (.*)$", OPERATIONS, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}

    links = re.findall(r"\]\(#([^)]+)\)", OPERATIONS)
    assert links
    assert [link for link in links if link not in anchors] == []
