from typing import Any

import pytest
from tests.calls import CALLS
from tests.observing import READER

from distillgate.dialects.chat import CHAT
from distillgate.fingerprint.parameters import Probe, probe, shape
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request, from_document


def request(operation: Operation = CHAT, **fields: Any) -> Request:
    return from_document(operation, {"model": "m", "messages": []} | fields)


def test_a_plain_request_probes_nothing() -> None:
    assert probe(request(temperature=0.5, max_tokens=1), READER.hash) is None


@pytest.mark.parametrize(
    "fields", [{"logprobs": True}, {"top_logprobs": 5}, {"logit_bias": {"5": 1}}, {"echo": True}]
)
def test_what_reads_probabilities_is_a_probe(fields: dict[str, Any]) -> None:
    assert probe(request(**fields), READER.hash) is not None


def test_a_probe_names_the_biased_tokens_and_whether_one_token_is_wanted() -> None:
    biased: dict[str, Any] = {"logit_bias": {"17": 100, "4": -100}, "logprobs": True}

    tokens = (READER.hash("17"), READER.hash("4"))

    def read(**fields: Any) -> Probe | None:
        return probe(request(**fields, **biased), READER.hash)

    assert read(max_tokens=1) == Probe(tokens, single_token=True)
    assert read(max_tokens=500) == Probe(tokens, single_token=False)
    assert read() == Probe(tokens, single_token=False)


def test_one_program_sends_one_shape() -> None:
    one = request(temperature=0.7, max_tokens=900, messages=[{"role": "user", "content": "a"}])
    other = request(temperature=0.7, max_tokens=900, messages=[{"role": "user", "content": "b"}])

    assert shape(one) == shape(other)


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": 0.7},
        {"top_p": 0.9},
        {"max_tokens": 8},
        {"reasoning_effort": "high"},
        {"stream": True},
        {"logprobs": True},
        {"n": 4},
        {"tools": [{"type": "function"}]},
        {"response_format": {"type": "json_object"}},
        {"messages": [{"role": "system", "content": "x"}]},
    ],
)
def test_each_parameter_changes_the_shape(fields: dict[str, Any]) -> None:
    assert shape(request(**fields)) != shape(request())


def test_calls_differ_in_shape() -> None:
    shapes = {shape(request(operation)) for operation in CALLS}

    assert len(shapes) == len(CALLS)
