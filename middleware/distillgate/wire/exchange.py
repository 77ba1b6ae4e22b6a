"""One exchange: a request, who sent it, and in the end what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct, field

from distillgate.wire.request import Request

CHARS_PER_TOKEN = 4
"""Characters of a token, in English prose."""
_TURNED_AWAY = frozenset({429, 500, 502, 503, 504, 529})


@dataclass(slots=True)
class Client:
    """What the connection tells of the client. Forgeable; evidence only beside other evidence."""

    ip: str | None = None
    user_agent: str | None = None
    headers: Sequence[str] = ()
    """Header names in the order they came, lower case, without values."""
    ja4: str | None = None


@dataclass(slots=True)
class Attributes:
    """What the operator knows of the account and chose to pass on; None is "not known"."""

    created: float | None = None
    """When the account was opened, in seconds since the epoch."""
    payment: str | None = None
    """A keyed hash of the payment instrument, never the instrument."""
    end_user: str | None = None


class Exchange(Struct):
    """One request on its way in. `account` is an opaque name; keys and addresses never are."""

    account: str
    request: Request
    path: str = ""
    id: str = ""
    """The reference a refusal names, and a log line carries."""
    plan: str | None = None
    organisation: str | None = None
    client: Client = field(default_factory=Client)
    attributes: Attributes = field(default_factory=Attributes)


class Outcome(Struct):
    """What became of an exchange, as far as is known."""

    status: int = 0
    """The HTTP status; 0 where the client went away before there was one."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    """Output tokens, reasoning included."""
    finish_reason: str | None = None
    model: str | None = None
    text: str | None = None
    """The beginning of the answer's text, bounded by `wire.response.TEXT_LIMIT`."""
    latency: float | None = None
    """Seconds from the request's last byte to the answer's last byte."""
    aborted: bool = False
    """The client went away before the end."""
    references: tuple[str, ...] = ()
    """The names under which the answer's sealed reasoning may come back (`wire.reference`)."""
    answer_chars: int = 0
    """Characters of output that were seen: text, reasoning, tool arguments."""
    answer_carried: int = 0
    """Characters beside these that come back with the answer: calls' names, results of tools."""
    answer_deltas: int = 0
    """Streamed events that carried output; most servers send a token in each."""
    missed: bool = False
    """Some of the answer could not be read, and no usage was told: it may be longer than is known.
    """
    id: str | None = None
    """The name by which a later request may go on from the answer, where the service keeps it."""
    awaited: str | None = None
    """The name under which the answer is to be fetched, where it is not done yet."""

    @property
    def turned_away(self) -> bool:
        """Return whether the answer is one after which a program turns to its next account or
        server.
        """
        return self.status in _TURNED_AWAY

    @property
    def output_tokens(self) -> int:
        """The output tokens, or the best guess where no usage came: budgets are settled with it.

        The guess is low where the reasoning stays hidden, and for what was never sent on.
        """
        if self.completion_tokens is not None:
            return self.completion_tokens
        return max(self.answer_deltas, -(-self.answer_chars // CHARS_PER_TOKEN))
