"""The shape of the tree: what nobody would notice breaking until it hurts."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "middleware"
TESTS = ROOT / "tests"
HOMES = {"distillgate": TESTS, "distillgate_lab": TESTS / "lab"}
"""Where the tests of each package are."""
FILE_LINES, FUNCTION_LINES = 300, 40

UNTESTED = {
    "admin/console/__init__.py": "mounts what admin/console/test_desk asks",
    "admin/console/account.py": "a document: admin/console/test_documents",
    "admin/console/pseudonyms.py": "admin/console/test_report and admin/test_access",
    "admin/settings.py": "admin/test_access and cli/test_key",
    "admin/roles.py": "a table: admin/test_access goes over all of it",
    "cli/intel_export.py": "of a log: intel/test_report; of a gate: intel/test_samples",
    "cli/importing.py": "what cli/test_import_ and cli/test_replay run",
    "cli/appeal.py": "asks what admin/test_appeal asks; docs/operations.md runs it",
    "admin/console/campaign.py": "a document: admin/console/test_documents",
    "admin/console/health.py": "a document: admin/console/test_documents",
    "admin/console/overview.py": "a document: admin/console/test_documents",
    "admin/console/orders.py": "forms: admin/console/test_desk",
    "admin/console/review.py": "a document: admin/console/test_documents",
    "admin/console/source.py": "what documents are made of: admin/console/test_documents",
    "admin/console/ties.py": "part of a document: admin/console/test_documents",
    "__init__.py": "the public names: test_public",
    "__main__.py": "one call of cli/main.py; test_public asks it without what it needs",
    "asgi/middleware.py": "chooses what is read; asgi/test_responder and test_gate go through it",
    "asgi/refuse.py": "sends what it is given; asgi/test_responder reads it",
    "campaign/examiner.py": "examines what campaign/test_groups plays",
    "engine/assessment.py": "asked with every exchange of tests/engine",
    "lab/demo/command.py": "one call of demo/__init__.py",
    "cli/sidecar.py": "run as a process by cli/test_serve, and as several by cli/test_workers",
    "cli/playback.py": "what replay and explain share; cli/test_replay and cli/test_explain",
    "envoy/frames.py": "what envoy/test_connection reads and writes",
    "envoy/stream.py": "envoy/test_connection",
    "envoy/messages.py": "what Envoy says and is told: envoy/test_server",
    "envoy/processor.py": "asked by the Envoy of envoy/test_server",
    "errors.py": "classes that carry what they are given",
    "lab/demo/call.py": "values: lab/demo/test_people and lab/demo/test_machines",
    "lab/demo/__init__.py": "played as a whole in lab/demo/test_play",
    "engine/queries.py": "asked of the engine's worlds in tests/engine, and through admin/app.py",
    "lab/scenarios/account.py": "writes the lines that lab/scenarios/test_scene reads",
    "lab/scenarios/campaigns/__init__.py": "a list; every kind is played in campaigns/test_ring",
    "lab/scenarios/campaigns/probing.py": "played in lab/scenarios/campaigns/test_ring",
    "lab/scenarios/honest/__init__.py": "played class by class in lab/scenarios/test_scene",
    "lab/scenarios/honest/evaluation.py": "played class by class in lab/scenarios/test_scene",
    "lab/scenarios/honest/machines.py": "played class by class in lab/scenarios/test_scene",
    "lab/scenarios/honest/organisations.py": "played class by class in lab/scenarios/test_scene",
    "lab/scenarios/honest/people.py": "played class by class in lab/scenarios/test_scene",
    "lab/scenarios/honest/products.py": "played class by class in lab/scenarios/test_scene",
    "lab/scenarios/honest/tools.py": "played class by class in lab/scenarios/test_scene",
    "lab/scenarios/text.py": "values; lab/scenarios/test_corpus reads them",
    "intel/taxii.py": "polls and pushes to the server of intel/test_looked_for",
    "intel/stix.py": "the objects that intel/test_report validates",
    "engine/state.py": "what the engine remembers: tests/engine",
    "lab/upstream/calls.py": "one voice of the upstream: lab/upstream/test_app",
    "lab/upstream/chat.py": "one voice of the upstream: lab/upstream/test_app",
    "lab/upstream/messages.py": "one voice of the upstream: lab/upstream/test_app",
    "lab/upstream/reply.py": "one voice of the upstream: lab/upstream/test_app",
    "lab/upstream/responses.py": "one voice of the upstream: lab/upstream/test_app",
    "telemetry/decision_lines.py": "the lines of telemetry/test_telemetry",
    "telemetry/otel/settings.py": "a wrong address: cli/test_mistakes",
    "telemetry/forms/__init__.py": "telemetry/forms/test_forms",
    "telemetry/forms/ecs.py": "telemetry/forms/test_forms",
    "telemetry/forms/ocsf.py": "telemetry/forms/test_forms",
    "telemetry/forms/words.py": "telemetry/forms/test_forms",
    "telemetry/otel/sender.py": "telemetry/otel/test_pipeline, and test_public without the extra",
    "wire/answer.py": "the values of wire/response.py, tested with it",
    "dialects/openai.py": "what OpenAI's calls share: wire/test_refusal, wire/test_response",
    "wire/operation.py": "values; dialects/test_registry goes over all of them",
    "wire/parameters.py": "read by every call's own file, tested with each",
}
"""Files with code but no test of their own under the same path, each with the reason."""


def _sources() -> list[Path]:
    return sorted(SOURCES.rglob("*.py"))


def _name(path: Path) -> str:
    """Return a file's name as the tests have it: under its package, the laboratory's in `lab/`."""
    package, *rest = path.relative_to(SOURCES).parts
    return (HOMES[package] / Path(*rest)).relative_to(TESTS).as_posix()


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines, its docstring aside: a long explanation is no long function."""
    first = function.body[0]
    told = first if ast.get_docstring(function) is not None else None
    words = 0 if told is None else (told.end_lineno or told.lineno) - told.lineno + 1
    return (function.end_lineno or function.lineno) - function.lineno + 1 - words


def test_the_source_root_is_no_package() -> None:
    assert not (SOURCES / "__init__.py").exists()
    folders = {path.name for path in SOURCES.iterdir() if path.is_dir()}
    assert {name for name in folders if not name.endswith(".egg-info")} == set(HOMES)


def test_tests_are_no_packages() -> None:
    assert list(TESTS.rglob("__init__.py")) == []


def test_every_file_has_its_test_or_a_reason() -> None:
    missing = []
    for path in _sources():
        name = Path(_name(path))
        has_code = any(_functions(ast.parse(path.read_text())))
        if not has_code or name.as_posix() in UNTESTED:
            continue
        mirrored = TESTS / name.with_name(f"test_{name.name}")
        beside = TESTS / name.stem / f"test_{name.name}"  # a top-level module with a folder
        if not mirrored.exists() and not beside.exists():
            missing.append(name.as_posix())

    assert missing == []


def test_no_reason_outlives_its_file() -> None:
    assert set(UNTESTED) - {_name(path) for path in _sources()} == set()


@pytest.mark.parametrize("path", _sources(), ids=_name)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    lengths = {function.name: _length(function) for function in _functions(ast.parse(text))}

    assert text.count("\n") <= FILE_LINES
    assert [name for name, length in lengths.items() if length > FUNCTION_LINES] == []


def test_nothing_names_a_machine_or_a_registry() -> None:
    # Put together here, so that this file does not name them either.
    places = [r"/(?:root|home|Users)/\w", r"/work" + r"/\w", "pypi" + r"\.org", r"/opt" + r"/\w"]
    pattern = re.compile("|".join(places))
    files = [ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / ".ci" / "run", *ROOT.glob("*.md")]

    found = [path.name for path in [*files, *_sources()] if pattern.search(path.read_text())]
    assert found == []


def test_every_layer_has_its_tests_in_the_run() -> None:
    for package, home in HOMES.items():
        folders = {path.parent.name for path in (SOURCES / package).glob("*/__init__.py")}
        tested = {path.parent.relative_to(home).parts[0] for path in home.rglob("*/test_*.py")}

        assert folders - tested == set()


def test_the_drawing_of_the_layers_is_the_contract() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = [layer.split(" | ") for layer in contract["contracts"][0]["layers"]]

    drawing = (ROOT / "docs" / "design.md").read_text().split("```\n")[1]
    rows = re.findall(r"(?m)^.{15}(\w+(?: · \w+)*)", drawing)

    assert [row.split(" · ") for row in rows] == layers
