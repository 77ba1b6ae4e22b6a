"""The defaults are safe, a secret stays one, and editors mark what the gate refuses, no more."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from tests.documents import blocks

from distillgate.config.load import read
from distillgate.config.schema import Config, json_schema
from distillgate.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
OURS = [block for block in blocks("yaml") if "<!-- not configuration" not in block.before[-200:]]


class Core(yaml.SafeLoader):
    """Reads YAML 1.2, as editors do: `off` is a word there."""


BOOL = "tag:yaml.org,2002:bool"
Core.yaml_implicit_resolvers = {
    first: [(tag, known) for tag, known in resolvers if tag != BOOL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core.add_implicit_resolver(BOOL, re.compile("^(?:true|false)$"), ["t", "f"])


@cache
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(json_schema())
    return Draft202012Validator(json_schema())


def red(text: str) -> list[str]:
    """Return what an editor marks."""
    document = yaml.load(text, Core)
    return [f"{error.json_path}: {error.message}" for error in validator().iter_errors(document)]


def test_the_defaults_change_no_exchange() -> None:
    config = Config()
    assert config.mode == "shadow"
    assert config.fail == "open"
    assert config.key is None
    assert config.record.path is None


def test_the_key_is_not_shown() -> None:
    config = read("key: hush", Config, source="-")
    assert config.key is not None
    assert config.key.get_secret_value() == "hush"
    assert "hush" not in repr(config)


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Config().mode = "enforce"


@pytest.mark.parametrize("block", OURS, ids=lambda block: f"{block.page}:{block.line}")
def test_no_configuration_of_the_documents_is_red_in_an_editor(block: Any) -> None:
    assert red(block.text) == []


def test_the_example_is_not_red() -> None:
    assert red(EXAMPLE.read_text()) == []


@pytest.mark.parametrize("text", [
    "proxy:\n  port: ${PORT:-8080}", "mode: ${MODE}", "fail: ${F:-open}",
    "policy:\n  enforcement:\n    rollout: 0.${TENTHS}", "admin:\n  open_metrics: ${OPEN:-false}",
    "proxy:\n  upstream: http://${HOST}:8000", "policy:\n  ladder:\n    challenge: ${C:-8}",
    "asgi:\n  identity:\n    order:\n      - ${FIRST:-header}", "admin: {networks: ['${NET}']}",
    "policy:\n  plans:\n    default:\n      requests_per_minute: ${RATE}",
])  # fmt: skip
def test_a_reference_to_the_environment_is_taken_and_not_red(text: str) -> None:
    environ = {"MODE": "shadow", "TENTHS": "5", "HOST": "h", "NET": "10.0.0.0/8", "RATE": "60"}

    assert red(text) == []
    assert read(text, Config, source="-", environ=environ)


@pytest.mark.parametrize("text", [
    "proxy: {port: many}", "proxy: {port: '8080'}", "mode: enforced", "mode: $MODE",
    "proxy: {port: '${8080}'}", "mod: shadow", "admin: {networks: '${NET}'}", "proxy: ${PROXY}",
])  # fmt: skip
def test_what_is_wrong_is_red(text: str) -> None:
    assert red(text)
    with pytest.raises(ConfigError):
        read(text, Config, source="-", environ={"NET": "10.0.0.0/8", "PROXY": "{}"})
