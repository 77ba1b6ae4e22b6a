"""A play's smallest parts: who is in it, and what they ask when."""

from collections.abc import Mapping
from typing import Any, NamedTuple

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"

PYTHON = "OpenAI/Python 3.54.0"
"""The commonest client there is."""

MINUTE, HOUR = 60.0, 3600.0


class Account(NamedTuple):
    """One account of the play."""

    name: str
    kind: str
    """What sort of customer it is, as the table calls it."""
    honest: bool = True
    organisation: str | None = None
    address: str = "192.0.2.1"
    """Where it sends from."""
    agent: str = "demo"
    """The program it sends with, as its user agent."""

    @property
    def key(self) -> str:
        """The API key it sends."""
        return f"demo-key-{self.name}"


class Call(NamedTuple):
    """One request, `at` so many seconds after the play's beginning."""

    at: float
    account: Account
    path: str
    body: Mapping[str, Any]


def chat(at: float, account: Account, messages: list[Mapping[str, Any]], **more: Any) -> Call:
    """Make a call in the form of OpenAI's chat completions."""
    return Call(at, account, CHAT, {"model": "m-large", "messages": messages, **more})


def system(text: str) -> Mapping[str, Any]:
    """Return instructions as a message."""
    return {"role": "system", "content": text}


def user(text: str) -> Mapping[str, Any]:
    """Return somebody's words as a message."""
    return {"role": "user", "content": text}


def said(text: str) -> Mapping[str, Any]:
    """Return the model's own earlier words as a message."""
    return {"role": "assistant", "content": text}
