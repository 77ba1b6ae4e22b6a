"""Answers that the upstream kept, fetched again by the real SDKs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2
import openai
import pytest
from tests.asgi.strict import Strict
from tests.asgi.test_tool_loops import degraded_parts, degrading
from tests.cli.conftest import until

if TYPE_CHECKING:
    from tests.conftest import Serving

THOUGHT = "Let me see"


def client(url: str, key: str = "sk-1") -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_what_was_taken_of_a_response_is_not_to_be_fetched(serving: Serving, stream: bool) -> None:
    strict = Strict()
    parts = degraded_parts(("reasoning",))
    url = serving(parts.middleware(strict)).url
    with client(url) as asking:
        said = asking.responses.create(model="gpt-5", input="What is a river?")
        again: Any
        if stream:
            with asking.responses.retrieve(said.id, stream=True) as events:
                (event,) = list(events)
            again = event.response if event.type == "response.completed" else None
        else:
            named = {"x-request-id": "ticket-4711"}
            raw = asking.responses.with_raw_response.retrieve(said.id, extra_headers=named)
            assert raw.headers["x-distillgate"] == "degrade; reasoning"
            again = raw.parse()
            reference = raw.headers["x-distillgate-reference"]
            kept = until(lambda: parts.governance.outcomes.find(reference))
            assert kept.effect.client_reference == "ticket-4711"
            assert (kept.effect.result, kept.effect.measures) == ("changed", ("reasoning",))
            assert (kept.effect.cause, kept.effect.status) == ("suspicion", 200)

    assert THOUGHT in str(strict.kept[said.id]), "it was kept, and kept whole"
    assert THOUGHT not in str(again.model_dump())
    assert again.output == said.output
    assert again.usage == said.usage


def test_a_kept_chat_completion_is_changed_too(serving: Serving) -> None:
    strict = Strict()
    url = serving(degrading(strict, ("reasoning",))).url
    with client(url) as asking:
        turns: Any = [{"role": "user", "content": "What is a river?"}]
        said = asking.chat.completions.create(model="gpt-5", messages=turns, store=True)
        again = asking.chat.completions.retrieve(said.id)

    assert THOUGHT in str(strict.kept[said.id])
    assert THOUGHT not in str(again.model_dump())
    assert again == said


def test_who_meets_no_such_measure_gets_every_byte(serving: Serving) -> None:
    strict = Strict()
    plain = serving(strict).url
    with client(plain) as asking:
        name = asking.responses.create(model="gpt-5", input="What is a river?").id
    path, key = f"/v1/responses/{name}", {"authorization": "Bearer sk-1"}
    direct = httpx2.get(plain + path, headers=key)
    mild = serving(degrading(strict, ("determinism",))).url
    strictly = serving(degrading(strict, ("reasoning",))).url

    assert THOUGHT in direct.text
    for url, headers in ((mild, key), (strictly, {}), (strictly, {"authorization": "Bearer new"})):
        found = httpx2.get(url + path, headers=headers)
        assert found.content == direct.content
        assert "x-distillgate" not in found.headers
    assert json.loads(direct.text)["id"] == name
