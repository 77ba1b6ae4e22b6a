"""Half a million characters of any form, anywhere in a request, are read in bounded work.

Whatever takes a step for every pair of characters would take hours.
"""

from collections.abc import Callable
from typing import Any

import pytest
from tests.engine.conftest import ANSWER, make_engine

from distillgate.dialects.chat import CHAT
from distillgate.wire.exchange import Exchange
from distillgate.wire.request import from_document

_LENGTH = 1 << 19
_FORMS = (
    "A", "1", " ", "\n", "\r\n", "a ", "a. ", "a.\n", "a: ", '"', "\\", "<", "[", "{", "?", "_",
    "<think", "http://", "data:image/png;base64,", "show all the ", "step by ", "which ", "- ",
    "\u4e00", "\u4e00\u3002", "\u0301", "e\u0301", "\u200b", "\U0001f600", "\u0627\u0644 ",
)  # fmt: skip


def _user(content: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


def _called(arguments: str, result: str) -> dict[str, Any]:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    turns = [
        {"role": "user", "content": "Look it up."},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": result},
    ]
    return {"messages": turns}


def _described(text: str) -> dict[str, Any]:
    function = {"name": "f", "description": text, "parameters": {}}
    return {**_user("Use it."), "tools": [{"type": "function", "function": function}]}


_PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "a turn": _user,
    "a part": lambda text: _user([{"type": "text", "text": text}]),
    "a picture": lambda text: _user([{"type": "image_url", "image_url": {"url": text}}]),
    "an unknown part": lambda text: _user([{"type": "thing", "thing": text}]),
    "a call": lambda text: _called(text, "Found."),
    "a result": lambda text: _called("{}", text),
    "a tool": _described,
    "an unknown field": lambda text: {**_user("Do it."), "thing": text},
    "many turns": lambda text: {
        "messages": [{"role": "user", "content": text[at : at + 99]} for at in range(0, 99_000, 99)]
    },
}


@pytest.mark.parametrize("place", _PLACES)
def test_a_long_text_of_any_form_is_read(place: str) -> None:
    engine = make_engine()
    for number, form in enumerate(_FORMS):
        text = (form * _LENGTH)[:_LENGTH]
        request = from_document(CHAT, {"model": "m", **_PLACES[place](text)})

        decision = engine.begin(Exchange("a", request), 1.8e9 + number)
        engine.finish(decision, ANSWER, 1.8e9 + number)

    account = engine.state.known("a")
    assert account is not None
    assert account.exchanges == len(_FORMS)
