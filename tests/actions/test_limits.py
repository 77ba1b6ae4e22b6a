from typing import Any

import pytest

from distillgate.actions.limits import MODELS, Added, LimitName, LimitNames, limit_name
from distillgate.dialects.chat import CHAT
from distillgate.dialects.messages import MESSAGES
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

OLDER: LimitName = "max_tokens"
NEWER: LimitName = "max_completion_tokens"
EXTRA = b'{"detail":[{"type":"extra_forbidden","loc":["body","max_tokens"],"msg":"Extra inputs are'
UNSUPPORTED = b'{"error":{"message":"Unsupported parameter: \'max_tokens\' is not supported."}}'


@pytest.mark.parametrize("model", ["o3-mini", "gpt-5", "openai/gpt-5.1", "gpt-4o-mini", "GPT-4.1"])
def test_openais_models_get_the_newer_name(model: str) -> None:
    assert LimitNames().of(model) == NEWER


@pytest.mark.parametrize(
    "model", ["", "m-large", "mistral-large", "llama-3", "gpt-oss-120b", "yo1"]
)
def test_other_models_get_the_name_that_every_server_knows(model: str) -> None:
    assert LimitNames().of(model) == OLDER


def test_what_clients_were_answered_to_counts_more_than_a_guess() -> None:
    names = LimitNames()
    names.answered("m", NEWER)
    assert names.of("m") == NEWER

    names.answered("m", OLDER)
    assert names.of("m") == OLDER, "both are taken, and the guess is as good"


@pytest.mark.parametrize("error", [EXTRA, UNSUPPORTED])
def test_an_error_about_the_name_has_the_other_tried_next(error: bytes) -> None:
    names = LimitNames()
    names.refused(Added("m", OLDER), error)

    assert names.of("m") == NEWER
    assert names.of("other") == OLDER
    names.refused(Added("m", NEWER), error.replace(b"max_tokens", b"max_completion_tokens"))
    assert names.of("m") == OLDER, "neither is taken, and one has to be"


@pytest.mark.parametrize(
    "error", [b"", b"min_tokens is not supported", b"max_tokens must be at least 1", b"\x1f\x8b"]
)
def test_an_error_about_anything_else_teaches_nothing(error: bytes) -> None:
    names = LimitNames()
    names.refused(Added("m", OLDER), error)

    assert names.of("m") == OLDER


def test_a_name_that_was_taken_is_not_talked_away() -> None:
    names = LimitNames()
    names.answered("m", OLDER)
    names.refused(Added("m", OLDER), EXTRA)

    assert names.of("m") == OLDER


def test_memory_is_bounded() -> None:
    names = LimitNames()
    for number in range(MODELS + 1):
        names.answered(f"m-{number}", NEWER)

    assert names.of("m-0") == OLDER
    assert names.of("m-1") == NEWER


ASKED: list[tuple[Operation, dict[str, Any], str | None]] = [
    (CHAT, {OLDER: 5}, OLDER),
    (CHAT, {NEWER: 5, OLDER: None}, NEWER),
    (CHAT, {NEWER: 5, OLDER: 5}, None),
    (CHAT, {}, None),
    (MESSAGES, {OLDER: 5}, None),
]


@pytest.mark.parametrize(("operation", "asked", "name"), ASKED)
def test_a_chat_tells_by_one_name_or_says_nothing(
    operation: Operation, asked: dict[str, Any], name: str | None
) -> None:
    assert limit_name(from_document(operation, asked)) == name
