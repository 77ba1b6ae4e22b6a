"""What a log does not tell, and what that costs detection."""

from collections import Counter
from typing import NamedTuple

from distillgate.wire.exchange import Exchange, Outcome

NEARLY_ALL = 0.99
"""The share of exchanges that tells a thing from which on it counts as known."""


class Missing(NamedTuple):
    """A thing that a log does not tell, or not always."""

    what: str
    known: int
    """How many exchanges told it."""
    costs: str
    """What is not seen without it."""


_COSTS = {
    "prompt text": "no template, work list, subject or wording is seen: groups are linked by "
    "addresses and cards alone, and no content is evidence",
    "client address": "accounts are not linked by network; one key from many networks, and what "
    "was refused coming from elsewhere, are not seen",
    "user agent": "accounts are not linked by client; one key from many clients is not seen",
    "header names": "accounts are not linked by the shape of their client; scrubbed metadata is "
    "not seen",
    "TLS fingerprint": "clients are told apart by user agent and headers alone",
    "payment": "accounts are not linked by card",
    "opening date": "new accounts are not known as new: full rate from the first day, and cohorts "
    "that were opened together, are not seen",
    "plan": "every account is measured by the default plan",
    "organisation": "companies that spread work over their own keys may look like a campaign: "
    "declare them (`policy.exemptions`), or name the field",
    "end user": "a front-end that serves many people on one key may look like a relay",
    "answer text": "conversations that go on at another account, and answers used as prompts, are "
    "not linked",
    "usage": "tokens are counted from the prompt alone: throughput, and long answers to short "
    "tasks, are not seen",
    "status": "what was refused and came again by another way is not seen",
    "finish reason": "answers cut at their cap are not seen",
    "latency": "every answer counts as come at once",
    "sealed reasoning": "reasoning that comes back at another account is not seen",
}


class Coverage:
    """Counts what exchanges tell."""

    def __init__(self) -> None:
        self.exchanges = 0
        self._known: Counter[str] = Counter()

    def add(self, exchange: Exchange, outcome: Outcome) -> None:
        """Count one exchange."""
        self.exchanges += 1
        request, client, attributes = exchange.request, exchange.client, exchange.attributes
        self._known.update(
            name
            for name, value in (
                ("prompt text", request.messages or request.token_ids),
                ("client address", client.ip),
                ("user agent", client.user_agent),
                ("header names", client.headers),
                ("TLS fingerprint", client.ja4),
                ("payment", attributes.payment),
                ("opening date", attributes.created is not None),
                ("plan", exchange.plan),
                ("organisation", exchange.organisation),
                ("end user", attributes.end_user or request.end_user),
                ("answer text", outcome.text or request.operation.embeds),
                ("usage", outcome.completion_tokens is not None),
                ("status", outcome.status),
                ("finish reason", outcome.finish_reason or request.operation.embeds),
                ("latency", outcome.latency is not None),
                ("sealed reasoning", outcome.references),
            )
            if value
        )

    def missing(self) -> list[Missing]:
        """Return what is not told by nearly all exchanges, what costs most first."""
        enough = NEARLY_ALL * self.exchanges
        return [
            Missing(what, self._known[what], costs)
            for what, costs in _COSTS.items()
            if self._known[what] < enough
        ]
