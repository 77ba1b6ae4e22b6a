"""What the embedded upstream makes of a request, before it takes the shape of an API."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from distillgate_lab.upstream.answers import MAX_DEPTH, instance, pieces

Answer = Callable[[str], str]
"""From the text of the newest user turn to what the model says."""

CREATED = 1771286400
"""The moment every answer claims to be from: answers are compared byte for byte."""


@dataclass(slots=True)
class Reply:
    """One answer. Everything in it follows from the request's bytes alone."""

    id: str
    model: str
    pieces: list[str]
    """The text as it is streamed; empty where a tool is called instead."""
    reasoning: list[str]
    prompt_tokens: int
    tool: tuple[str, str] | None = None
    """The tool to call and its arguments as JSON."""
    truncated: bool = False
    """The request's limit on tokens cut the text short."""

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.pieces)

    @property
    def seal(self) -> str:
        """What stands for a signature, and for what is encrypted: it names the answer, no more."""
        return f"sealed-{self.id}-{self.id}"

    @property
    def completion_tokens(self) -> int:
        """Output tokens, reasoning included; a tool's arguments count like text."""
        called = len(pieces(self.tool[1])) if self.tool else 0
        return len(self.pieces) + len(self.reasoning) + called


def reply(
    document: Mapping[str, Any], state: int, answer: Answer, *, reasoning: bool = False
) -> Reply:
    """Answer a request of any of the text calls; `state` makes the answer's id and its JSON.

    A tool is called where tools are offered and the newest turn is not a tool's result; text is
    valid JSON where a schema (or just JSON) is asked for; otherwise it is what `answer` says.
    """
    texts = list(_texts(document))
    newest = texts[-1] if texts else ""
    thoughts = pieces(f"Let me see what is asked first. {newest[:200]}") if reasoning else []
    result = Reply(
        id=f"{state:016x}",
        model=str(document.get("model", "")),
        pieces=[],
        reasoning=thoughts,
        prompt_tokens=sum(len(pieces(text)) for text in texts),
        tool=_tool(document, state),
    )
    if result.tool is None:
        result.pieces = pieces(_text(document, state, newest, answer))
        limit = _limit(document)
        if limit is not None and len(result.pieces) > limit:
            result.pieces, result.truncated = result.pieces[:limit], True
    return result


def _text(document: Mapping[str, Any], state: int, newest: str, answer: Answer) -> str:
    wanted = _format(document)
    if wanted.get("type") == "json_schema":
        schema = wanted.get("schema") or _mapping(wanted.get("json_schema")).get("schema") or {}
        return json.dumps(instance(schema, state))
    if wanted.get("type") == "json_object":
        return json.dumps({"answer": answer(newest)})
    return answer(newest)


def _format(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find the wanted output format: chat, Responses and Messages each keep it elsewhere."""
    for holder in ("text", "output_config"):
        found = _mapping(_mapping(document.get(holder)).get("format"))
        if found:
            return found
    return _mapping(document.get("response_format") or document.get("output_format"))


def _limit(document: Mapping[str, Any]) -> int | None:
    for name in ("max_completion_tokens", "max_output_tokens", "max_tokens"):
        if isinstance(document.get(name), int):
            return int(document[name])
    return None


def _tool(document: Mapping[str, Any], state: int) -> tuple[str, str] | None:
    tools = [_mapping(tool) for tool in document.get("tools") or ()]
    functions = [_mapping(tool.get("function")) or tool for tool in tools]
    functions = [function for function in functions if "name" in function]
    choice = document.get("tool_choice")
    kind = _mapping(choice).get("type", choice)
    if not functions or kind == "none" or _answers_a_tool(document):
        return None
    forced = _mapping(_mapping(choice).get("function")).get("name", _mapping(choice).get("name"))
    chosen = next((f for f in functions if f["name"] == forced), functions[0])
    schema = _mapping(chosen.get("parameters") or chosen.get("input_schema"))
    arguments = instance(schema, state) if schema.get("properties") else {}
    return str(chosen["name"]), json.dumps(arguments)


def _answers_a_tool(document: Mapping[str, Any]) -> bool:
    turns = document.get("messages") or document.get("input")
    last = _mapping(turns[-1]) if isinstance(turns, list) and turns else {}
    if last.get("role") == "tool" or last.get("type") == "function_call_output":
        return True
    content = last.get("content")
    parts = content if isinstance(content, list) else ()
    return any(_mapping(part).get("type") == "tool_result" for part in parts)


def _texts(document: Mapping[str, Any]) -> Iterator[str]:
    for name in ("system", "instructions", "messages", "prompt", "input"):
        yield from _flatten(document.get(name))


def _flatten(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth > MAX_DEPTH:
        return
    elif isinstance(value, list):
        for part in value:
            yield from _flatten(part, depth + 1)
    elif isinstance(value, Mapping):
        for name in ("content", "text", "output"):
            yield from _flatten(value.get(name), depth + 1)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
