"""A line is read as a live request would be; what is not a line is said so."""

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.dialects.chat import CHAT
from distillgate.traffic import log
from distillgate.traffic.log import Line, LineError, Log, decode, encode
from distillgate.wire.exchange import Attributes, Client, Exchange, Outcome
from distillgate.wire.request import from_document
from distillgate.wire.response import TEXT_LIMIT

ASKED: dict[str, Any] = {
    "model": "m-large",
    "messages": [{"role": "user", "content": "héllo"}],
    "temperature": 1.0,
}

FULL: dict[str, Any] = {
    "ts": 1771286400.123,
    "account": "a-17",
    "plan": "pro",
    "org": "o-1",
    "attributes": {"created": 1771200000, "payment": "hmac", "end_user": "u-9"},
    "client": {
        "ip": "203.0.113.7",
        "user_agent": "OpenAI/Python 3.54.0",
        "headers": ["Host", "accept"],
        "ja4": "t13d",
    },
    "method": "POST",
    "path": "/v1/chat/completions",
    "request": ASKED,
    "response": {
        "status": 200,
        "usage": {"prompt_tokens": 812, "completion_tokens": 604},
        "text": "yes",
        "finish_reason": "stop",
        "model": "m-large",
        "latency": 3.2,
    },
}


def line(**changes: Any) -> bytes:
    record = {**FULL, **changes}
    return json.dumps({k: v for k, v in record.items() if v is not ...}).encode()


def read(**changes: Any) -> Line:
    found = decode(line(**changes))
    assert found is not None
    return found


def test_a_full_line_is_read_in_full() -> None:
    assert read() == Line(
        1771286400.123,
        Exchange(
            account="a-17",
            request=from_document(CHAT, ASKED),
            path="/v1/chat/completions",
            plan="pro",
            organisation="o-1",
            client=Client("203.0.113.7", "OpenAI/Python 3.54.0", ["host", "accept"], "t13d"),
            attributes=Attributes(1771200000.0, "hmac", "u-9"),
        ),
        Outcome(
            status=200,
            prompt_tokens=812,
            completion_tokens=604,
            finish_reason="stop",
            model="m-large",
            text="yes",
            latency=3.2,
        ),
    )


def test_only_four_keys_are_required() -> None:
    minimal = {name: FULL[name] for name in ("ts", "account", "path", "request")}
    found = decode(json.dumps(minimal).encode())
    assert found is not None
    assert found.exchange.client == Client(headers=[])
    assert found.exchange.attributes == Attributes()
    assert found.exchange.plan is None
    assert found.outcome == Outcome()


def test_unknown_keys_are_ignored() -> None:
    assert read(label="campaign-7", response={**FULL["response"], "cost": 1}) == read()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ts": ...}, "`ts` is not a number"),
        ({"ts": "soon"}, "`ts` is not a number"),
        ({"ts": True}, "`ts` is not a number"),
        ({"ts": float("nan")}, "`ts` is not a number"),
        ({"account": ...}, "`account` is not a name"),
        ({"account": ""}, "`account` is not a name"),
        ({"account": 7}, "`account` is not a name"),
        ({"path": None}, "`path` is not text"),
        ({"request": ...}, "`request` is not an object"),
        ({"request": []}, "`request` is not an object"),
    ],
)
def test_a_missing_or_mistyped_required_key_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(LineError) as caught:
        decode(line(**changes))
    assert str(caught.value) == message


@pytest.mark.parametrize("text", [b"{", b"\xff\xfe\xfd", b"[" * 100_000, b"\x00", b"nul"])
def test_what_is_not_json_is_said_so(text: bytes) -> None:
    with pytest.raises(LineError, match="not JSON"):
        decode(text)


def test_json_that_is_no_object_is_said_so() -> None:
    with pytest.raises(LineError, match="not a JSON object"):
        decode(b"[1]")


def test_mistyped_optional_keys_are_not_known() -> None:
    found = read(
        plan=3,
        org=[],
        attributes="none",
        client={"ip": 4, "headers": [1, "A"], "user_agent": {}},
        response={"status": "x", "usage": [], "text": 1, "latency": -1, "model": 0},
    )
    assert found.exchange.plan is None
    assert found.exchange.organisation is None
    assert found.exchange.attributes == Attributes()
    assert found.exchange.client == Client(headers=["a"])
    assert found.outcome == Outcome()


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/models"), ("POST", "/v1/files"), ("GET", FULL["path"])]
)
def test_a_call_the_gate_does_not_read_is_none(method: str, path: str) -> None:
    assert decode(line(method=method, path=path)) is None


def test_a_query_is_no_part_of_the_path() -> None:
    assert read(path="/v1/chat/completions?api-version=1").exchange.path == FULL["path"]


def test_the_words_of_the_other_apis_for_usage_are_read() -> None:
    found = read(response={"usage": {"input_tokens": 5, "output_tokens": 6}})
    assert (found.outcome.prompt_tokens, found.outcome.completion_tokens) == (5, 6)


def test_no_more_of_an_answer_is_known_than_live() -> None:
    found = read(response={"text": "x" * (TEXT_LIMIT + 1)})
    assert found.outcome.text == "x" * TEXT_LIMIT


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=4))
def test_no_value_of_any_key_raises_anything_but_a_line_error(value: Any) -> None:
    for name in FULL:
        try:
            decode(line(**{name: value}))
        except LineError:
            assert name in ("ts", "account", "path", "request")


def test_what_is_written_reads_back_the_same() -> None:
    found = read(id="req-1")
    found.outcome.aborted = True
    text = encode(found.exchange, found.exchange.request.document, found.outcome, found.ts)
    assert text.endswith(b"\n")
    assert decode(text) == found


def test_numbers_past_64_bits_can_be_written() -> None:
    asked = {**ASKED, "seed": 2**70}
    found = read(request=asked)
    text = encode(found.exchange, found.exchange.request.document, found.outcome, found.ts)
    assert json.loads(text)["request"] == asked


@pytest.mark.parametrize("name", ["log.jsonl", "log.jsonl.gz"])
def test_a_file_is_read_by_its_suffix(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    data = b"a\n\nb"
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    with Log(str(path), warn=pytest.fail) as lines:
        assert list(lines) == [(1, b"a\n"), (2, b"\n"), (3, b"b")]
        assert lines.position == lines.size == path.stat().st_size


def test_standard_input_is_read_and_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(b"a\nb\n"))
    monkeypatch.setattr(sys, "stdin", stream)
    with Log("-", warn=pytest.fail) as lines:
        assert list(lines) == [(1, b"a\n"), (2, b"b\n")]
        assert lines.size is None
    assert not stream.closed


def test_a_broken_compressed_file_gives_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.gz"
    data = b"".join(b"%d\n" % number for number in range(100_000))
    path.write_bytes(gzip.compress(data)[:-100])
    warnings: list[str] = []
    with Log(str(path), warn=warnings.append) as lines:
        found = list(lines)
    assert len(found) > 1000
    assert found[:2] == [(1, b"0\n"), (2, b"1\n")]
    assert len(warnings) == 1
    assert "breaks off here" in warnings[0]


def test_a_line_past_the_bound_is_cut_and_the_next_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "LINE_LIMIT", 8)
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"x" * 50 + b"\nabc\n" + b"y" * 8)
    with Log(str(path), warn=pytest.fail) as lines:
        assert list(lines) == [(1, b"x" * 8), (2, b"abc\n"), (3, b"y" * 8)]


def test_what_an_answer_handed_out_sealed_comes_back_from_the_log() -> None:
    sealed = ("s" * 60, "rs_" + "0f" * 20)
    before = read()
    written = encode(before.exchange, ASKED, Outcome(200, references=sealed), 1.0)

    found = decode(written)

    assert found is not None
    assert found.outcome.references == sealed
    assert read(response={"references": [7, "x" * 30, None]}).outcome.references == ("x" * 30,)
    assert read(response={"references": "none"}).outcome.references == ()
