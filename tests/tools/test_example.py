"""The example is the code's: what people set, with its default, and it loads to exactly that."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from tools.example import SCHEMA_FILE, SHOWN, render

from distillgate.config.load import load, read
from distillgate.config.nearest import settings_at
from distillgate.config.schema import Config, json_schema
from distillgate.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


class Rung(Settings):
    """A rung."""

    above: float
    """Where it begins."""
    action: str = "allow"
    """What is done."""


class Stage(Settings):
    words: tuple[str, ...] = ("plain", "", "on", "true", "12", "a: b", "${HOME}", "é", "- x", "1.5")
    """Words that YAML could take for something else."""
    ladder: tuple[Rung, ...] = (Rung(above=1.0), Rung(above=float("inf"), action="refuse"))
    """Rungs."""
    named: Mapping[str, Rung] = {"two words": Rung(above=2.0)}
    """Named rungs."""
    empty: Mapping[str, Rung] = {}
    """No rungs."""
    none: Rung | None = None
    """No rung."""
    numbers: Mapping[str, float] = {"1": 0.1, "null": -2.0}
    """Numbers."""
    unordered: frozenset[str] = frozenset({"b", "a"})
    """A set."""


def test_the_example_is_what_the_code_renders() -> None:
    assert EXAMPLE.read_text() == render(), "write it anew: python -m tools.reference"


def test_the_example_loads_to_exactly_the_defaults() -> None:
    assert load(EXAMPLE, environ={}) == Config()


def test_the_first_line_names_the_schema_for_editors() -> None:
    assert EXAMPLE.read_text().splitlines()[0] == (
        f"# yaml-language-server: $schema=./{SCHEMA_FILE}"
    )


def test_the_example_is_short_and_every_key_of_it_is_one() -> None:
    assert len(EXAMPLE.read_text().splitlines()) < 250
    for path in SHOWN:
        *above, last = path.split(".")
        here = settings_at(Config, tuple(above))
        assert here is not None, path
        assert last in here.model_fields, path


def test_every_key_is_explained() -> None:
    lines = EXAMPLE.read_text().splitlines()
    keys = [i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]
    assert len(keys) > 5
    top = [i for i in keys if not lines[i].startswith(" ")]
    assert all(lines[i - 1].startswith("# ") for i in top)


def test_any_settings_survive_rendering_and_reading() -> None:
    text = render(Stage())
    assert read(text, Stage, source="-", environ={}) == Stage()


def test_only_what_is_shown_is_written_in_its_order() -> None:
    text = render(Stage(), ["numbers.1", "words"])
    keys = [line for line in text.splitlines() if line and line[0] not in "# "]

    assert keys == ["numbers:", "words:"]


def test_an_empty_mapping_shows_what_an_entry_may_hold() -> None:
    text = render(Stage())
    start = text.index("empty: {}")
    sample = text[start:].split("\n\n")[0].splitlines()[2:]
    entry = yaml.safe_load("\n".join(line.removeprefix("# ") for line in sample))
    assert entry == {"NAME": {"above": "...", "action": "allow"}}


def test_the_schema_names_itself_and_knows_every_top_key() -> None:
    schema = json_schema()
    assert schema["$id"] == "urn:distillgate:config"
    assert schema["title"] == "distillgate configuration"
    assert set(schema["properties"]) == set(Config.model_fields)
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("name", sorted(Config.model_fields))
def test_every_top_key_is_described(name: str) -> None:
    assert Config.descriptions()[name]
