"""Every format reads its program's export: what was asked, by whom, and what became of it."""

from collections.abc import Sequence
from typing import Any

import pytest
from benchmarks.exports import EXPORTS
from tests.traffic.formats.conftest import Read

from distillgate.dialects.registry import match
from distillgate.traffic.formats.registry import FORMATS
from distillgate.wire.message import Message
from distillgate.wire.request import from_document

LINE = {
    "ts": 1771286400.25,
    "account": "a-17",
    "org": "o-1",
    "attributes": {"end_user": "u-9"},
    "client": {"ip": "203.0.113.7", "user_agent": "OpenAI/Python 3.54.0"},
    "request": {
        "model": "m-large",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "héllo"},
        ],
        "temperature": 0.5,
    },
    "response": {
        "status": 200,
        "usage": {"prompt_tokens": 812, "completion_tokens": 604},
        "text": "yes",
        "latency": 3.0,
    },
}


def test_the_formats_of_the_benchmark_are_all() -> None:
    assert EXPORTS.keys() == FORMATS.keys()


def messages_of(line: dict[str, Any]) -> Sequence[Message]:
    """Return the turns that the engine reads of a line."""
    operation = match("POST", line["path"])
    assert operation is not None
    return from_document(operation, line["request"]).messages


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_what_every_format_tells(read: Read, name: str) -> None:
    [line] = read(name, *EXPORTS[name](LINE))
    assert line["ts"] == pytest.approx(LINE["ts"])
    assert line["account"].endswith("a-17")
    assert line["request"].get("model") == "m-large" or "/m-large/" in line["path"]
    answer = line["response"]
    assert answer["status"] == 200
    assert answer["usage"] == {"prompt_tokens": 812, "completion_tokens": 604}
    if name != "envoy-ai-gateway":
        assert "héllo" in str(line["request"]["messages"])
        said = messages_of(line)
        assert said[0].role == "system"
        assert answer["text"] == "yes"
    if name != "openai-batch":
        assert answer["latency"] == pytest.approx(3.0)
    if name not in ("bedrock", "openai-batch"):
        assert line["org"] == "o-1"
    if name in ("azure", "envoy-ai-gateway", "litellm", "otel"):
        assert line["client"]["ip"] == "203.0.113.7"
        assert line["client"]["user_agent"] == "OpenAI/Python 3.54.0"
