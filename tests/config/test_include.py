"""What a program wrote is named in the configuration, and read with it."""

import re
from pathlib import Path

import pytest

from distillgate.config.load import load, read
from distillgate.config.schema import Config
from distillgate.errors import ConfigError
from distillgate.risk.calibration import Calibration, Null


def config(tmp_path: Path, named: str | Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(f"risk:\n  calibration: {named}\n")
    return path


def test_a_named_file_stands_for_its_contents(tmp_path: Path) -> None:
    written = tmp_path / "calibration.json"
    written.write_text('{"version": 2, "budget": 0.001, "everyone": {"margin": 1.5}}')

    assert load(config(tmp_path, written)).risk.null("any").margin == 1.5


def test_what_a_program_writes_does_not_stand_in_the_configuration() -> None:
    text = "risk: {calibration: {everyone: {margin: 2.0}}}"

    with pytest.raises(ConfigError, match=r"c:1: risk\.calibration: names the file"):
        read(text, Config, source="c")


def test_a_file_of_the_first_form_is_read(tmp_path: Path) -> None:
    written = tmp_path / "calibration.json"
    written.write_text(Calibration(version=1, everyone=Null(margin=1.0)).model_dump_json())

    assert load(config(tmp_path, written)).risk.null("any").margin == 1.0


@pytest.mark.parametrize("content", [None, "not: [closed", "just text", "[1, 2]"])
def test_a_file_that_cannot_be_used_is_told_at_its_line(
    tmp_path: Path, content: str | None
) -> None:
    named = tmp_path / "calibration.json"
    if content is not None:
        named.write_text(content)

    message = r"config\.yaml:2: risk\.calibration: .*calibration\.json"
    with pytest.raises(ConfigError, match=message):
        load(config(tmp_path, named))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"everyone": {"margin": -1}}', r"everyone\.margin: should be greater than or equal to 0"),
        ('{"everyone": {"margin": NaN}}', r"everyone\.margin: should be"),
        (
            '{"classes": {"a/b": {"shifts": {"links": -9}}}}',
            r"classes\.a/b\.shifts\.links: should be",
        ),
        ('{"version": 3}', r"version: should be 1 or 2"),
        ('{"weights": {}}', r"weights: unknown key; known here: version"),
        ('{"edition": 7}', r"edition: should be a valid string, not an integer"),
    ],
)
def test_a_mistake_inside_is_told_by_its_file_and_its_key(
    tmp_path: Path, content: str, told: str
) -> None:
    named = tmp_path / "calibration.json"
    named.write_text(content)

    where = rf"config\.yaml:2: risk\.calibration: {re.escape(str(named))}: "
    with pytest.raises(ConfigError, match=where + told):
        load(config(tmp_path, named))
