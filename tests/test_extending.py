"""The contributor's pages are tried word by word: their files are written, and their tests run."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "extending"


def files(page: str) -> dict[str, str]:
    """Read the files that a page gives: a path at the end of a line, and the code after it."""
    text = (PAGES / page).read_text()
    named = r"^`((?:middleware|tests)/[\w/]+\.py)`[^`]*?:\n\n```python\n(.*?)```"
    found = re.findall(named, text, re.DOTALL | re.MULTILINE)
    return dict(found)


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


def run(tree: Path, *arguments: str) -> None:
    """Run a module on a copy of the sources."""
    command, env = [sys.executable, "-m", *arguments], {"PYTHONPATH": f"{tree}/middleware:{tree}"}
    done = subprocess.run(command, cwd=tree, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("middleware", "tests", "benchmarks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def write(tree: Path, page: str, count: int) -> list[str]:
    """Write a page's files; return the tests among them."""
    found = files(page)
    assert len(found) == count
    for path, code in found.items():
        (tree / path).write_text(code)
    return [path for path in found if path.startswith("tests/")]


@pytest.mark.timeout(600)
def test_a_dialect_is_a_file_and_a_line(tree: Path) -> None:
    tests = write(tree, "dialect.md", 2)
    registry = tree / "middleware" / "distillgate" / "dialects" / "registry.py"
    (line,) = re.findall(r"```python\n(from .*\n)```", (PAGES / "dialect.md").read_text())
    edit(registry, "from distillgate.dialects.chat", f"{line}from distillgate.dialects.chat")
    edit(registry, "    CHAT, COMPLETIONS,", "    ARIA, CHAT, COMPLETIONS,")

    run(tree, "pytest", "-q", "-p", "no:cacheprovider", *tests,
        "tests/dialects/test_registry.py", "tests/actions/test_parameters.py")  # fmt: skip


@pytest.mark.timeout(600)
def test_an_action_is_a_file_and_its_registration(tree: Path) -> None:
    tests = write(tree, "action.md", 2)
    actions = tree / "middleware" / "distillgate" / "actions"
    (line,) = re.findall(r"```python\n( {4}\".*\n)```", (PAGES / "action.md").read_text())
    edit(actions / "bands.py", 'Literal["parameters",', 'Literal["unstopped", "parameters",')
    edit(actions / "plan.py", '    "parameters": lambda', f'{line}    "parameters": lambda')
    edit(
        actions / "plan.py",
        "    parameters: ParametersSettings",
        "    unstopped: UnstoppedSettings = UnstoppedSettings()\n"
        "    parameters: ParametersSettings",
    )
    edit(
        actions / "plan.py",
        "from distillgate.errors",
        "from distillgate.actions.unstopped import UnstoppedSettings, unstopped\n"
        "from distillgate.errors",
    )

    run(tree, "pytest", "-q", "-p", "no:cacheprovider", *tests, "tests/actions/test_plan.py")


@pytest.mark.timeout(600)
def test_a_detector_is_three_files_of_accounts_or_of_groups(tree: Path) -> None:
    tests = write(tree, "detector.md", 6)
    ours = "many_networks or long_answers or registry or every_detector"
    units = [path for path in tests if "golden" not in path]

    run(tree, "pytest", "-q", "-p", "no:cacheprovider", *units, "tests/signals/test_registry.py",
        "tests/signals/golden", "-k", ours)  # fmt: skip


@pytest.mark.timeout(600)
def test_a_home_of_the_log_is_a_file_and_its_choice(tree: Path) -> None:
    write(tree, "log.md", 1)
    (made,) = re.findall(r"```python\n( {4}if .*?)```", (PAGES / "log.md").read_text(), re.DOTALL)
    fixtures = tree / "tests" / "log" / "conftest.py"
    edit(fixtures, 'params=["file", "stream"]', 'params=["memory"]')
    edit(fixtures, '    if request.param == "file":', f'{made}    if request.param == "file":')
    line = "from distillgate.log.memory import MemoryLog, Place\n"
    edit(
        fixtures,
        "from distillgate.log.log import Log\n",
        f"from distillgate.log.log import Log\n{line}",
    )

    restarts = "tests/log/test_replicator.py::test_who_restarts_remembers_what_it_would_have"
    run(tree, "pytest", "-q", "-p", "no:cacheprovider", "tests/log/test_log.py", restarts)
