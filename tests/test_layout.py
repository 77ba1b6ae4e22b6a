"""The shape of the tree: what nobody would notice breaking until it hurts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "middleware" / "distillgate"
TESTS = ROOT / "tests"
FILE_LINES, FUNCTION_LINES = 300, 40

UNTESTED = {
    "__init__.py": "the public names: test_public",
    "__main__.py": "one call of cli/main.py; test_public asks it without what it needs",
    "asgi/middleware.py": "chooses what is read; asgi/test_responder and test_gate go through it",
    "asgi/refuse.py": "sends what it is given; asgi/test_responder reads it",
    "assessment.py": "asked with every exchange of tests/engine",
    "cli/demo.py": "one call of demo/__init__.py",
    "cli/record.py": "serve with a file to write: cli/test_serve runs it",
    "cli/sidecar.py": "run as a process by cli/test_serve, and as several by cli/test_workers",
    "cli/playback.py": "what replay and explain share; cli/test_replay and cli/test_explain",
    "errors.py": "classes that carry what they are given",
    "demo/call.py": "values, and the making of them: demo/test_people and demo/test_machines",
    "demo/__init__.py": "played as a whole in demo/test_play",
    "inquiry.py": "asked of the engine's worlds in tests/engine, and through admin/app.py",
    "log/host.py": "what a replicator asks of a process: log/test_replicator",
    "scenarios/account.py": "writes the lines that scenarios/test_scene reads",
    "scenarios/campaigns/__init__.py": "a list; every kind is played in campaigns/test_ring",
    "scenarios/campaigns/probing.py": "played kind by kind in scenarios/campaigns/test_ring",
    "scenarios/honest/__init__.py": "played class by class in scenarios/test_scene",
    "scenarios/honest/evaluation.py": "played class by class in scenarios/test_scene",
    "scenarios/honest/machines.py": "played class by class in scenarios/test_scene",
    "scenarios/honest/organisations.py": "played class by class in scenarios/test_scene",
    "scenarios/honest/people.py": "played class by class in scenarios/test_scene",
    "scenarios/honest/products.py": "played class by class in scenarios/test_scene",
    "scenarios/honest/tools.py": "played class by class in scenarios/test_scene",
    "scenarios/text.py": "values; scenarios/test_corpus reads them",
    "signals/detectors/grading.py": "a rate: signals/detectors/test_text_rates",
    "signals/detectors/instruction_generation.py": "a rate: signals/detectors/test_text_rates",
    "signals/detectors/reasoning.py": "a rate: signals/detectors/test_text_rates",
    "signals/detectors/trace_cleaning.py": "a rate: signals/detectors/test_text_rates",
    "signals/detectors/variants.py": "a rate: signals/detectors/test_text_rates",
    "state.py": "what the engine remembers: tests/engine",
    "testing/calls.py": "one voice of the upstream: testing/test_upstream",
    "testing/chat.py": "one voice of the upstream: testing/test_upstream",
    "testing/messages.py": "one voice of the upstream: testing/test_upstream",
    "testing/reply.py": "one voice of the upstream: testing/test_upstream",
    "testing/responses.py": "one voice of the upstream: testing/test_upstream",
    "wire/answer.py": "the values of wire/response.py, tested with it",
    "wire/parameters.py": "read by every call's own file, tested with each",
}
"""Files with code but no test of their own under the same path, each with the reason."""


def _sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


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
    assert not (ROOT / "middleware" / "__init__.py").exists()
    assert [path.name for path in (ROOT / "middleware").iterdir() if path.is_dir()] == [
        "distillgate"
    ]


def test_tests_are_no_packages() -> None:
    assert list(TESTS.rglob("__init__.py")) == []


def test_every_file_has_its_test_or_a_reason() -> None:
    missing = []
    for path in _sources():
        name = path.relative_to(SOURCE)
        has_code = any(_functions(ast.parse(path.read_text())))
        if not has_code or name.as_posix() in UNTESTED:
            continue
        mirrored = TESTS / name.with_name(f"test_{name.name}")
        beside = TESTS / name.stem / f"test_{name.name}"  # a top-level module with a folder
        if not mirrored.exists() and not beside.exists():
            missing.append(name.as_posix())

    assert missing == []


def test_no_reason_outlives_its_file() -> None:
    assert [name for name in UNTESTED if not (SOURCE / name).exists()] == []


@pytest.mark.parametrize("path", _sources(), ids=lambda path: str(path.relative_to(SOURCE)))
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
    folders = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    tested = {path.parent.relative_to(TESTS).parts[0] for path in TESTS.rglob("*/test_*.py")}

    assert folders - tested == set()
