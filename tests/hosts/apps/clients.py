"""Ask an upstream by a client library, directly and through the gate: `clients.py NAME URL GATE N`.

Prints how many of the exchanges differ in what the library makes of them. Every other one is a
stream, every fifth has tools; what a library draws itself (its run's identifier, its clock) is left
out.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"name": "weather", "description": "The weather of a city.", "parameters": SCHEMA}
Ask = Callable[[int], Any]


def options(number: int) -> dict[str, Any]:
    """Return what is asked of the chat API in an exchange."""
    tools = {"tools": [{"type": "function", "function": TOOL}]} if number % 5 == 0 else {}
    return {"messages": [{"role": "user", "content": f"Question {number}: how is it?"}], **tools}


def by_openai(url: str) -> Ask:
    import openai

    client = openai.OpenAI(base_url=f"{url}/v1", api_key="sk-a", max_retries=0)

    def ask(number: int) -> Any:
        if number % 2:
            whole = client.chat.completions.create(model="m", **options(number))
            return whole.model_dump()
        chunks = client.chat.completions.create(model="m", stream=True, **options(number))
        return [chunk.model_dump() for chunk in chunks]

    return ask


def by_anthropic(url: str) -> Ask:
    """An agent's loop: tools are called, and their results sent back, until it has answered."""
    import anthropic

    client = anthropic.Anthropic(base_url=url, api_key="sk-a", max_retries=0)
    tool: Any = {"name": "weather", "description": TOOL["description"], "input_schema": SCHEMA}

    def once(number: int, messages: list[Any]) -> Any:
        asked: Any = {"model": "m", "max_tokens": 64, "messages": messages}
        if number % 5 == 0 and len(messages) == 1:
            asked["tools"] = [tool]
        if number % 2:
            return client.messages.create(**asked)
        with client.messages.stream(**asked) as stream:
            return stream.get_final_message()

    def ask(number: int) -> Any:
        messages: list[Any] = [{"role": "user", "content": f"Question {number}: how is it?"}]
        said = []
        while True:
            message = once(number, messages)
            said.append(message.model_dump())
            calls = [block for block in message.content if block.type == "tool_use"]
            if not calls:
                return said
            results = [
                {"type": "tool_result", "tool_use_id": call.id, "content": "rain"} for call in calls
            ]
            answered = [block.model_dump(exclude_none=True) for block in message.content]
            messages += [
                {"role": "assistant", "content": answered},
                {"role": "user", "content": results},
            ]

    return ask


def by_litellm(url: str) -> Ask:
    import litellm

    def ask(number: int) -> Any:
        answer = litellm.completion(
            model="openai/m",
            api_base=f"{url}/v1",
            api_key="sk-a",
            stream=number % 2 == 0,
            **options(number),
        )
        found = [answer] if number % 2 else list(answer)
        return [one.model_dump(exclude={"id", "created"}) for one in found]

    return ask


def by_langchain(url: str) -> Ask:
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(base_url=f"{url}/v1", api_key="sk-a", model="m", max_retries=0)

    def ask(number: int) -> Any:
        asked = options(number)
        bound = model.bind(tools=asked["tools"]) if "tools" in asked else model
        text = asked["messages"][0]["content"]
        found = [bound.invoke(text)] if number % 2 else list(bound.stream(text))
        return [one.model_dump(exclude={"id"}) for one in found]

    return ask


CLIENTS = {
    "openai": by_openai,
    "anthropic": by_anthropic,
    "litellm": by_litellm,
    "langchain-openai": by_langchain,
}


if __name__ == "__main__":
    name, url, gate, count = sys.argv[1:]
    direct, gated = (CLIENTS[name](address) for address in (url, gate))
    differ = [number for number in range(int(count)) if direct(number) != gated(number)]
    sys.stdout.write(json.dumps({"exchanges": int(count), "differ": differ[:10]}))
