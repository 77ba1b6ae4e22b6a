"""Every block of code in every page is what it says; shell commands are run by test_commands."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import orjson
import pytest
import yaml

from distillgate.config.load import read
from distillgate.config.schema import Config

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LANGUAGES = {"", "sh", "yaml", "json", "python", "text"}
"""What a block may be. One without a language, or of `text`, is a drawing or an output."""
MARK = re.compile(r"<!-- not configuration: ([^>]{8,}) -->\n+\Z")
"""Before a block of YAML that is another program's: says whose."""


class Block(NamedTuple):
    """A block of code, and where it stands."""

    page: str
    line: int
    language: str
    text: str
    before: str


def blocks() -> list[Block]:
    found = []
    for page in PAGES:
        text = page.read_text()
        for one in re.finditer(r"(?ms)^( *)```(\w*)[^\n]*\n(.*?)^\1```", text):
            line = text.count("\n", 0, one.start()) + 1
            name = page.relative_to(ROOT).as_posix()
            found.append(Block(name, line, one[2], one[3], text[: one.start()]))
    return found


def of(language: str) -> pytest.MarkDecorator:
    chosen = [block for block in blocks() if block.language == language]
    assert chosen
    return pytest.mark.parametrize("block", chosen, ids=lambda block: f"{block.page}:{block.line}")


def test_every_block_is_of_a_language_that_is_tried() -> None:
    found = blocks()

    assert len(found) > 50
    assert [block[:3] for block in found if block.language not in LANGUAGES] == []


@of("yaml")
def test_yaml_is_a_configuration_or_says_whose_it_is(block: Block) -> None:
    if MARK.search(block.before):
        assert yaml.safe_load(block.text)
        return
    names = set(re.findall(r"(?<!\$)\$\{(\w+)\}", block.text))
    environ = dict.fromkeys(names, "redis://secret" if "REDIS_URL" in names else "a secret")

    assert read(block.text, Config, source=block.page, environ=environ) != Config()


@of("json")
def test_json_can_be_read(block: Block) -> None:
    assert [orjson.loads(line) for line in _documents(block.text)]


def _documents(text: str) -> list[str]:
    """Return one document, or one a line."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return text.splitlines()
    return [text]


@of("python")
def test_python_can_be_read(block: Block) -> None:
    # Of a method or of a table, some blocks show a part.
    text = re.sub(r"(?m)^ {4}", "", block.text) if block.text.startswith("    ") else block.text
    text = f"{{{text}}}" if re.match(r'"\w', text) else text
    assert ast.parse(text).body
