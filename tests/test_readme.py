"""The README's promises, as far as they can be kept to cheaply."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from distillgate.cli.main import app as commands
from distillgate.config.load import load

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def _lines() -> list[str]:
    return [line.split("  #")[0].strip() for block in _blocks("sh") for line in block.splitlines()]


def test_every_make_target_it_names_is_one() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))

    assert {"demo", "test", "bench", "detection"} <= named
    assert named <= targets


def test_every_command_and_option_it_names_is_one() -> None:
    runner = CliRunner()
    found = [shlex.split(line) for line in _lines() if line.startswith("distillgate ")]
    found += [shlex.split(text) for text in re.findall(r"`(distillgate [^`]+)`", README)]

    assert {words[1] for words in found} == {
        "calibrate", "check", "explain", "record", "replay", "report", "schema", "serve"
    }  # fmt: skip
    for words in found:
        shown = runner.invoke(commands, [words[1], "--help"], env={"COLUMNS": "200"})
        assert shown.exit_code == 0
        options = [word for word in words if word.startswith("--")]
        assert all(option in shown.output for option in options), (words, shown.output)


def test_the_sidecars_file_is_a_configuration(tmp_path: Path) -> None:
    (text,) = re.findall(r"config.yaml <<'END'\n(.*?)^END", README, re.MULTILINE | re.DOTALL)
    path = tmp_path / "config.yaml"
    path.write_text(text)
    config = load(path)

    assert (config.mode, config.proxy.port) == ("shadow", 8080)


def test_the_switchs_file_is_a_configuration(tmp_path: Path) -> None:
    (text,) = _blocks("yaml")
    path = tmp_path / "config.yaml"
    path.write_text(text)
    config = load(path, environ={"DISTILLGATE_KEY": "secret"})

    assert config.policy.plans.of("research").exempt
    assert config.policy.exemptions[0].organisation == "our-own-evaluations"
    assert config.asgi.identity.attributes.organisation == "x-organisation"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_a_document_links_to_is_there(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text())

    assert all((document.parent / link).exists() for link in links)
