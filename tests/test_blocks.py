"""Every block of code in every page does what it says; test_commands runs those of a shell."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from tests import test_extending
from tests.documents import Block, blocks

from distillgate.config.load import read
from distillgate.config.schema import Config
from distillgate.gate import Gate
from distillgate.traffic.log import decode
from distillgate_lab.upstream.app import upstream

LANGUAGES = {"", "sh", "yaml", "json", "python", "text"}
"""What a block may be. One without a language, or of `text`, is a drawing or an output."""
MARK = re.compile(r"<!-- not configuration: ([^>]{8,}) -->\n+\Z")
"""Before a block of YAML that is another program's: says whose."""
CHAT = "/v1/chat/completions"
ASKED: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
ASKED_THERE = {"docs/deciding.md": "admin/test_decide"}
"""Pages whose JSON is asked and answered, and the test that does so."""
IN_HOSTS = {"gated_litellm.py", "litellm_accounts.py", "gated_sglang.py"}
"""Files that `tests/hosts` runs in their hosts, as the pages give them."""


def of(language: str) -> pytest.MarkDecorator:
    chosen = blocks(language)
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
def test_json_is_a_line_of_a_log_that_we_write_or_read(block: Block) -> None:
    if block.page in ASKED_THERE:
        assert orjson.loads(block.text)
        return
    for text in _documents(block.text):
        if "event" not in orjson.loads(text):
            line = decode(text.encode())
            assert line is not None
            assert line.exchange.account


def _documents(text: str) -> list[str]:
    """Return one document, or one a line."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return text.splitlines()
    return [text]


def _host(app: Any) -> None:
    with TestClient(app) as client:
        answer = client.post(CHAT, json=ASKED, headers={"authorization": "Bearer sk-a"})
        assert answer.json()["choices"][0]["message"]["role"] == "assistant"
        metrics = client.get("/distillgate/metrics", headers={"authorization": "Bearer operator"})
        assert 'action="allow",mode="shadow",operation="chat"} 1.0' in metrics.text


def _mounts(names: dict[str, Any]) -> None:
    _host(names["app"])


def _answers(names: dict[str, Any]) -> None:
    asked: list[bytes] = []

    def model(body: bytes) -> bytes:
        asked.append(body)
        return b"four"

    names["model"] = model
    limits = {"plans": {"default": {"requests_per_minute": 2}}}
    names["engine"].configure(Config.model_validate({"policy": limits}), enforce=True)
    body = orjson.dumps(ASKED)

    answers = [names["answered"]("a-1", body) for _ in range(4)]

    assert answers[0] == b"four"
    assert b"rate_limit" in answers[-1]
    assert asked == [body] * answers.count(b"four")
    assert names["answered"]("a-2", body) == b"four"


SHOWN: dict[tuple[str, str], Callable[[dict[str, Any]], None]] = {
    ("README.md", "app = FastAPI()"): _mounts,
    ("docs/hosts.md", 'app.add_middleware(Gate, config="config.yaml")\n'): _mounts,
    ("docs/operations.md", "engine = Engine("): _answers,
}
"""What a block of Python is good for, by its page and a text of it that no other has."""


@of("python")
def test_python_runs(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if block.page.startswith("docs/extending/"):
        # `test_extending` writes the files into a copy, puts the lines in place, and runs it.
        files = test_extending.files(Path(block.page).name)
        part = block.text.startswith("    ") or block.text.count("\n") == 1
        assert part or block.text in files.values()
        return
    named = re.match(r"# (\w+\.py): ", block.text)
    if named:
        assert named[1] in IN_HOSTS
        assert compile(block.text, named[1], "exec")
        return
    (shown,) = [
        does for (page, text), does in SHOWN.items() if page == block.page and text in block.text
    ]
    monkeypatch.chdir(tmp_path)
    quiet = "admin: {key: operator}\ntelemetry: {log: {level: 'off'}}\n"
    Path("config.yaml").write_text(quiet)
    host = Starlette(routes=[Mount("/", app=upstream())])
    names: dict[str, Any] = {"Gate": Gate, "app": host}
    exec(compile(block.text, f"{block.page}:{block.line}", "exec"), names)
    shown(names)
