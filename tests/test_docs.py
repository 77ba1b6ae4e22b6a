"""What an operator can meet is described: every metric, event, command, page and section."""

import re
from collections.abc import Iterator
from importlib.metadata import requires
from importlib.util import find_spec
from pathlib import Path

import typer
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from starlette.routing import Route
from tests.documents import PAGES, blocks
from tests.hosts.hosts import HOSTS

from distillgate.cli.main import app as commands
from distillgate.config.schema import Config
from distillgate.gate import Gate
from distillgate.telemetry.metrics import Metrics
from distillgate_lab.upstream.app import upstream

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "middleware" / "distillgate"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


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


def test_every_section_of_the_configuration_is_described() -> None:
    (table,) = re.findall(r"\| section \| .*?\n(.*?)\n\n", OPERATIONS, re.DOTALL)
    listed = re.findall(r"`(\w+)`", "".join(row[: row.index("|", 1)] for row in table.splitlines()))

    assert sorted(listed) == sorted(Config.model_fields)


def test_every_page_of_the_operators_has_its_example() -> None:
    gate = Gate(upstream(), {"telemetry": {"log": {"level": "off"}}})
    assert gate.parts is not None
    routes = [route for route in gate.parts.console().app().routes if isinstance(route, Route)]
    pages = {re.sub(r"{.*?}", "NAME", route.path) for route in routes}

    told = "\n".join(block.text for block in blocks("sh"))
    asked = re.findall(r"^curl .*?\$GATE(\S+)", told, re.MULTILINE)
    assert {
        re.sub(r"ACCOUNT|GROUP|REFERENCE|CAMPAIGN|ORDER", "NAME", path) for path in asked
    } == pages


def test_every_setting_it_names_is_one() -> None:
    sections = "|".join(Config.model_fields)
    settings = re.findall(rf"`((?:{sections})(?:\.\w+)+)`", OPERATIONS)

    assert len(settings) > 10
    for path in settings:
        section = Config()
        for name in path.split("."):
            assert name in type(section).model_fields, path
            section = getattr(section, name)


def test_every_module_that_a_page_says_to_run_is_there() -> None:
    text = "".join(page.read_text() for page in PAGES)
    named = sorted(set(re.findall(r"python3? -m ([\w.]+\w)", text)))

    assert len(named) > 10
    assert [name for name in named if find_spec(name) is None] == []


def test_every_file_of_the_sources_that_a_page_names_is_there_and_has_what_is_named_of_it() -> None:
    places = (ROOT, SOURCE, SOURCE.parent)
    missing = []
    for page in PAGES:
        text = page.read_text()
        given = set(re.findall(r"(?m)^`([\w/]+\.py)`[^`]*:\n\n```", text))
        named = re.findall(r"(?:`(\w+)` (?:of|in) )?`((?:\w+/)*\w+\.py)`", text)
        for name, path in named:
            found = [place / path for place in places if (place / path).is_file()]
            if path in given or "NAME" in path or (found and name in found[0].read_text()):
                continue
            missing.append((page.name, name, path))
    assert missing == []


def test_every_heading_it_links_to_is_there() -> None:
    headings = re.findall(r"^#+ (.*)$", OPERATIONS, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}

    links = re.findall(r"\]\(#([^)]+)\)", OPERATIONS)
    assert links
    assert [link for link in links if link not in anchors] == []


def test_every_distribution_that_a_mounted_gate_needs_is_justified_and_no_other() -> None:
    decisions = (ROOT / "docs" / "decisions.md").read_text()
    _, _, table = decisions.partition("| distribution | what needs it | without it |\n")
    rows = [row.split("|")[1:4] for row in table.partition("\n\n")[0].splitlines()[1:]]
    named = re.findall(r"[\w.-]+", re.sub(r"\(Python .*?\)", "", ",".join(row[0] for row in rows)))

    assert sorted(map(canonicalize_name, named)) == sorted(_needed("distillgate") - {"distillgate"})
    assert all(need.strip() and without.strip() for _, need, without in rows)


def _needed(name: str) -> set[NormalizedName]:
    """Return a distribution and all that it needs where the least Python runs, extras left out."""
    environment = {"extra": "", "python_version": "3.11"}
    needs = [Requirement(one) for one in requires(name) or ()]
    found = {canonicalize_name(name)}
    for need in needs:
        if need.marker is None or need.marker.evaluate(environment):
            found |= _needed(need.name)
    return found


def test_every_host_has_its_row_in_the_order_of_the_run() -> None:
    _, _, table = (ROOT / "docs" / "hosts.md").read_text().partition("| honest ones touched |\n")
    rows = table.partition("\n\n")[0].splitlines()[1:]

    assert len(rows) == len(HOSTS)
    for row, host in zip(rows, HOSTS, strict=True):
        name, versions, *_ = row.strip("| ").split(" | ")
        assert name.removesuffix(f" ({host.where.value})") == host.name
        assert re.fullmatch(r"([\w-]+ [\w.]+(, )?)+", versions)
