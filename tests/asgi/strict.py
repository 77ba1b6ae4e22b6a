"""An upstream that refuses what the real APIs refuse, in their words.

Written from the public references of the APIs and of vLLM, and from errors that people report; not
from the gate's own table. A conversation that offers tools goes on for `STEPS` answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from distillgate_lab.upstream import chat, messages, responses
from distillgate_lab.upstream.app import SSE_HEADERS
from distillgate_lab.upstream.calls import seed
from distillgate_lab.upstream.reply import Reply, reply

STEPS = 20
Document = dict[str, Any]
_TOOLED = ("tool_choice", "parallel_tool_calls")

CHAT = {
    "model", "messages", "stream", "stream_options", "temperature", "top_p", "n", "stop", "seed",
    "max_tokens", "max_completion_tokens", "logprobs", "top_logprobs", "logit_bias", "tools",
    "tool_choice", "parallel_tool_calls", "reasoning_effort", "response_format", "user", "store",
    "metadata", "presence_penalty", "frequency_penalty",
}  # fmt: skip
LOCAL = CHAT - {"max_completion_tokens", "store", "metadata"} | {
    "min_tokens", "top_k", "best_of", "use_beam_search", "length_penalty", "prompt", "echo",
    "truncate_prompt_tokens", "prompt_logprobs",
}  # fmt: skip
RESPONSES = {
    "model", "input", "instructions", "stream", "store", "include", "reasoning", "tools",
    "tool_choice", "parallel_tool_calls", "prompt_cache_key", "max_output_tokens", "top_logprobs",
    "text", "previous_response_id", "background", "metadata", "truncation", "temperature",
    "client_metadata",
}  # fmt: skip
MESSAGES = {
    "model", "messages", "system", "max_tokens", "stream", "thinking", "tools", "tool_choice",
    "temperature", "top_p", "top_k", "metadata", "context_management", "output_config",
    "stop_sequences",
}  # fmt: skip
EFFORTS = {
    "gpt-5-pro": {"high"},
    "gpt-5.1": {"none", "low", "medium", "high"},
    "gpt-5.1-mini": {"none", "low", "medium", "high"},
    "gpt-5.2": {"none", "low", "medium", "high", "xhigh"},
    "gpt-5-codex": {"low", "medium", "high"},
}


class Strict:
    """The upstream: `refused` is what it refused, `received` what it was sent."""

    def __init__(self) -> None:
        self.refused: list[tuple[str, str]] = []
        self.received: list[Document] = []
        self.seals: dict[str, str] = {}
        """The thinking that each signature was given for."""
        self.reasoned: set[str] = set()
        """Output items that followed reasoning."""
        self.kept: dict[str, Document] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        path = scope["path"]
        if scope["method"] != "POST":
            await self._fetch(path, scope["query_string"], send)
            return
        document = orjson.loads(body)
        self.received.append(document)
        wrong = next(self._violations(path, document), None)
        if wrong is not None:
            self.refused.append((path, wrong))
            strict = document["model"].startswith("local")
            await _send(send, 422 if strict else 400, _error(path, wrong))
            return
        await self._answer(path, document, body, send)

    async def _answer(self, path: str, document: Document, body: bytes, send: Any) -> None:
        if path.endswith("/count_tokens"):
            await _send(send, 200, {"input_tokens": 7})
            return
        said = self._reply(path, document, body)
        if path.endswith("/messages"):
            whole = messages.document(said)
            events = messages.events(said)
            self.seals[said.seal] = "".join(said.reasoning)
        elif path.endswith("/responses"):
            whole = responses.document(said, document)
            events = responses.events(said, document)
            self.reasoned |= {item["id"] for item in whole["output"][1:]}
            if document.get("store", True):
                self.kept[whole["id"]] = whole
        elif path.endswith("/chat/completions"):
            whole, events = chat.document(said, document), chat.events(said, document)
            if document.get("store"):
                self.kept[whole["id"]] = whole
        else:
            whole, events = chat.legacy_document(said, document), chat.legacy_events(said, document)
        if document.get("stream"):
            await _send_events(send, b"".join(events))
        else:
            await _send(send, 200, whole)

    def _reply(self, path: str, document: Document, body: bytes) -> Reply:
        thinking = mapping(document.get("thinking")).get("type")
        thinks = thinking in ("enabled", "adaptive") if path.endswith("/messages") else True
        said = reply(document, seed(body), lambda _: self.say(document), reasoning=thinks)
        step = self._step(document)
        if document.get("tools") and step < STEPS - 1:
            said.tool, said.pieces = self.call(document, step), []
        elif document.get("tools"):
            said.tool, said.pieces = None, ["All ", "is ", "done."]
        return said

    def call(self, document: Document, step: int) -> tuple[str, str]:
        """Choose the tool to call after `step` calls, and its arguments as JSON."""
        return "run", '{"command":"ls"}'

    def say(self, document: Document) -> str:
        """Choose the text where no tool is called."""
        return "All is done."

    def _step(self, document: Document) -> int:
        if previous := document.get("previous_response_id"):
            return int(self.kept[previous]["metadata"]["step"]) + 1
        turns = document.get("messages") or document.get("input")
        return sum(bool(_called(turn)) for turn in turns) if isinstance(turns, list) else 0

    async def _fetch(self, path: str, query: bytes, send: Any) -> None:
        found = self.kept.get(path.rpartition("/")[2])
        if found is None:
            await _send(send, 404, _error(path, "not found"))
        elif b"stream=true" in query:
            event = {"type": "response.completed", "sequence_number": 0, "response": found}
            await _send_events(send, b"data: " + orjson.dumps(event) + b"\n\n")
        else:
            await _send(send, 200, found)

    def _violations(self, path: str, document: Document) -> Iterator[str]:
        if path.endswith("/count_tokens"):
            yield from _unknown(document, MESSAGES - {"max_tokens", "temperature", "top_p"})
            yield from self._thinking(document)
        elif path.endswith("/messages"):
            yield from self._messages(document)
        elif path.endswith("/responses"):
            yield from self._responses(document)
        elif document["model"].startswith("local"):
            yield from _local(document, legacy=not path.endswith("/chat/completions"))
        else:
            yield from _chat(document)

    def _messages(self, document: Document) -> Iterator[str]:
        yield from _unknown(document, MESSAGES)
        if not isinstance(document.get("max_tokens"), int) or document["max_tokens"] < 1:
            yield "max_tokens: Field required"
        thinking = mapping(document.get("thinking"))
        if (
            thinking.get("type") == "enabled"
            and thinking["budget_tokens"] >= document["max_tokens"]
        ):
            yield "`max_tokens` must be greater than `thinking.budget_tokens`"
        yield from self._thinking(document)
        if "tool_choice" in document and not document.get("tools"):
            yield "tool_choice may only be specified while providing tools"
        effort = mapping(document.get("output_config")).get("effort", "high")
        if effort not in ("low", "medium", "high", "xhigh", "max"):
            yield "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'"
        if str(document).count("cache_control") > 4:
            yield "A maximum of 4 blocks with cache_control may be provided"

    def _thinking(self, document: Document) -> Iterator[str]:
        thinking = mapping(document.get("thinking"))
        kind = thinking.get("type", "disabled")
        allowed = {"enabled": {"type", "budget_tokens", "display"}, "disabled": {"type"}}
        if set(thinking) - allowed.get(kind, {"type", "display"}):
            yield f"thinking.{kind}: Extra inputs are not permitted"
        if kind == "enabled" and thinking.get("budget_tokens", 0) < 1024:
            yield "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
        edits = mapping(document.get("context_management")).get("edits", [])
        clears = [n for n, one in enumerate(edits) if one["type"].startswith("clear_thinking")]
        if clears and kind == "disabled":
            yield "`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive"
        if clears and clears != [0]:
            yield "`clear_thinking_20251015` must be the first edit"
        last = document["messages"][-1]
        begun = last["role"] == "assistant" and b'"thinking"' in orjson.dumps(last)
        if begun and kind == "disabled":
            yield "When thinking is disabled, an `assistant` message in the final position"
        if kind != "disabled":
            yield from _beside_thinking(document, last)
            yield from self._unmodified(document["messages"], strict=kind == "enabled")

    def _unmodified(self, turns: list[Document], *, strict: bool) -> Iterator[str]:
        said = [turn for turn in turns if turn["role"] == "assistant"]
        parts = said[-1]["content"] if said and not isinstance(said[-1]["content"], str) else []
        used = any(part["type"] == "tool_use" for part in parts)
        if strict and used and parts[0]["type"] not in ("thinking", "redacted_thinking"):
            yield f"Expected `thinking` or `redacted_thinking`, but found `{parts[0]['type']}`"
        for part in parts:
            if part["type"] != "thinking":
                continue
            if part.get("signature") not in self.seals:
                yield "Invalid `signature` in `thinking` block"
            # An empty block is what the API itself sends where thinking is omitted.
            elif part["thinking"] not in ("", self.seals[part["signature"]]):
                yield "`thinking` blocks in the latest assistant message cannot be modified"

    def _responses(self, document: Document) -> Iterator[str]:
        yield from _unknown(document, RESPONSES)
        if document.get("max_output_tokens", 16) < 16:
            yield "Invalid 'max_output_tokens': integer below minimum value"
        yield from _effort(document["model"], mapping(document.get("reasoning")).get("effort"))
        yield from _needs_tools(document)
        include = document.get("include") or []
        if "top_logprobs" in document and "message.output_text.logprobs" not in include:
            yield "top_logprobs requires include message.output_text.logprobs"
        if document.get("background") and not document.get("store", True):
            yield "background mode requires store=true"
        previous = document.get("previous_response_id")
        if previous is not None and previous not in self.kept:
            yield f"Previous response with id '{previous}' not found."
        yield from self._items(document)

    def _items(self, document: Document) -> Iterator[str]:
        before: Any = {}
        for item in document["input"] if isinstance(document["input"], list) else []:
            kind, name = item.get("type"), item.get("id")
            bare = kind == "reasoning" and not item.get("encrypted_content")
            if bare and not document.get("store", True):
                yield f"Item with id '{name}' not found. Items are not persisted when `store`"
            if name in self.reasoned and before.get("type") != "reasoning":
                yield f"Item '{name}' was provided without its required 'reasoning' item"
            before = item
        if before.get("type") == "reasoning":
            yield "Item of type 'reasoning' was provided without its required following item."


def _beside_thinking(document: Document, last: Document) -> Iterator[str]:
    if document.get("temperature", 1) != 1:
        yield "`temperature` may only be set to 1 when thinking is enabled"
    if "top_k" in document:
        yield "`top_k` must be unset when thinking is enabled"
    if document.get("top_p", 1) < 0.95:
        yield "`top_p` must be greater than or equal to 0.95 when thinking is enabled"
    if mapping(document.get("tool_choice")).get("type", "auto") not in ("auto", "none"):
        yield "Thinking may not be enabled when tool_choice forces tool use."
    if last["role"] == "assistant":
        yield "prefilling the response is not supported with thinking"


def _chat(document: Document) -> Iterator[str]:
    yield from _unknown(document, CHAT)
    yield from _needs_tools(document)
    yield from _logprobs(document)
    if "max_tokens" in document and "max_completion_tokens" in document:
        yield "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
    if document["model"].startswith(("gpt-5", "o")):
        if "max_tokens" in document:
            yield "Unsupported parameter: 'max_tokens' is not supported with this model."
        if document.get("temperature", 1) != 1:
            yield "Unsupported value: 'temperature' does not support this value with this model."
        if document.get("logprobs"):
            yield "Unsupported parameter: 'logprobs' is not supported with this model."
        yield from _effort(document["model"], document.get("reasoning_effort"))
    elif "reasoning_effort" in document:
        yield "Unrecognized request argument supplied: reasoning_effort"


def _local(document: Document, *, legacy: bool) -> Iterator[str]:
    yield from _unknown(document, LOCAL)
    if not legacy:
        yield from _logprobs(document)
    limit = document.get("max_tokens", 16)
    if limit < 1 and not (legacy and document.get("echo") and limit == 0):
        yield "max_tokens must be at least 1"
    if document.get("min_tokens", 0) > limit:
        yield f"min_tokens must be less than or equal to max_tokens={limit}"
    best: int = document["best_of"] if "best_of" in document else document.get("n", 1)
    if best < document.get("n", 1):
        yield "best_of must be greater than or equal to n"
    if document.get("use_beam_search") and best < 2:
        yield "best_of must be greater than 1 when using beam search"
    if "length_penalty" in document and not document.get("use_beam_search"):
        yield "length_penalty is not effective when not using beam search"
    if "stream_options" in document and not document.get("stream"):
        yield "Stream options can only be defined when `stream=True`."


def _logprobs(document: Document) -> Iterator[str]:
    if "top_logprobs" in document and not document.get("logprobs"):
        yield "when using `top_logprobs`, `logprobs` must be set to true."
    if "stream_options" in document and not document.get("stream"):
        yield "The 'stream_options' parameter is only allowed when 'stream' is enabled."


def _needs_tools(document: Document) -> Iterator[str]:
    for name in _TOOLED:
        if name in document and not document.get("tools"):
            yield f"'{name}' is only allowed when 'tools' are specified."


def _effort(model: str, effort: str | None) -> Iterator[str]:
    known = EFFORTS.get(model, {"minimal", "low", "medium", "high"})
    if effort is not None and effort not in known:
        yield f"Unsupported value: '{effort}' is not supported with the '{model}' model."


def _unknown(document: Document, known: set[str]) -> Iterator[str]:
    for name in document:
        if name not in known:
            yield f"{name}: Extra inputs are not permitted"


def _called(turn: Any) -> bool:
    if turn.get("type") == "function_call" or turn.get("tool_calls"):
        return True
    content = turn.get("content")
    return isinstance(content, list) and any(part.get("type") == "tool_use" for part in content)


def mapping(value: Any) -> Mapping[str, Any]:
    """Read an object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def _error(path: str, message: str) -> Document:
    if "/messages" in path:
        return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
    return {"error": {"message": message, "type": "invalid_request_error", "param": None}}


async def _send(send: Callable[..., Any], status: int, document: Document) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(document)})


async def _send_events(send: Callable[..., Any], events: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": list(SSE_HEADERS)})
    await send({"type": "http.response.body", "body": events})
