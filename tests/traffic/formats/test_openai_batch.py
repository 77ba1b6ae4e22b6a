"""Batches: what was handed in meets what came out, whatever the order."""

import json
from pathlib import Path

from tests.traffic.formats.conftest import Read

from distillgate.traffic.formats.openai_batch import OPENAI_BATCH
from distillgate.traffic.imports import Imports, Source


def test_error_files_and_any_order(read: Read) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "user": "u"}
    asked = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": body}
    done = {"custom_id": "1", "response": {"status_code": 400, "body": {"created": 1771286400}}}
    [line] = read("openai-batch", done, asked)
    assert (line["account"], line["ts"]) == ("u", 1771286400.0)
    assert line["response"]["status"] == 400


def test_halves_are_told(tmp_path: Path) -> None:
    path, told = tmp_path / "in.jsonl", list[str]()
    body = {"messages": [], "user": "u"}
    answer = {"custom_id": "2", "response": {}}
    path.write_text(json.dumps({"custom_id": "1", "body": body}) + "\n" + json.dumps(answer))
    imports = Imports(Source(OPENAI_BATCH, (str(path),)), tmp_path, warn=told.append)
    list(imports.read())
    assert [one.partition("skipped: ")[2] for one in told] == [
        "a request without its answer: give the output and error files as well",
        "an answer without its request: give the input file as well",
    ]
    assert imports.counts.malformed == 2
