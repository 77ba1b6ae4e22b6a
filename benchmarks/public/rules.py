"""Rules that are commonly described against extraction, each as plainly as it is described.

Their thresholds are fixed beforehand: the usual defaults of gateways, or what was published. None
learns, weighs or forgives; an account that one names once is restricted.
"""

import hashlib
import re
from collections import defaultdict, deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

from distillgate.traffic.log import Line

_MINUTE, _DAY = 60.0, 86_400.0


class Rule(Protocol):
    """Reads a log line by line."""

    def __call__(self, line: Line) -> set[str]:
        """Return the accounts that a line gives away, by and by all it names."""


class RateLimit:
    """An account sends more than 60 requests in a minute."""

    def __init__(self) -> None:
        self._sent: defaultdict[str, deque[float]] = defaultdict(deque)

    def __call__(self, line: Line) -> set[str]:
        """Count a request."""
        sent = self._sent[line.exchange.account]
        sent.append(line.ts)
        while sent[0] <= line.ts - _MINUTE:
            sent.popleft()
        return {line.exchange.account} if len(sent) > 60 else set()


class Volume:
    """An account sends more than 500 requests in a day."""

    def __init__(self) -> None:
        self._sent: defaultdict[tuple[str, int], int] = defaultdict(int)

    def __call__(self, line: Line) -> set[str]:
        """Count a request."""
        account = line.exchange.account
        self._sent[account, int(line.ts // _DAY)] += 1
        return {account} if self._sent[account, int(line.ts // _DAY)] > 500 else set()


class SharedAddress:
    """Five accounts, or more, come from one /24."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, set[str]] = defaultdict(set)

    def __call__(self, line: Line) -> set[str]:
        """Note where a request came from."""
        address = line.exchange.client.ip
        if address is None:
            return set()
        seen = self._seen[address.rpartition(".")[0] or address]
        seen.add(line.exchange.account)
        return set(seen) if len(seen) >= 5 else set()


class ExactDuplicate:
    """Three accounts, or more, send the same prompt, but for case and spaces."""

    def __init__(self) -> None:
        self._seen: defaultdict[bytes, set[str]] = defaultdict(set)

    def __call__(self, line: Line) -> set[str]:
        """Note a request's text."""
        text = "\n".join(message.text for message in line.exchange.request.messages)
        folded = " ".join(text.lower().split())
        if not folded:
            return set()
        seen = self._seen[hashlib.blake2b(folded.encode(), digest_size=16).digest()]
        seen.add(line.exchange.account)
        return set(seen) if len(seen) >= 3 else set()


class Phrases:
    """An account asks three times for the reasoning, a rubric or a form, in the usual words."""

    _WORDS = re.compile(
        r"step[ -]by[ -]step|chain[ -]of[ -]thought|show your (work|reasoning)|"
        r"explain your (reasoning|thinking)|think (aloud|out loud)|reasoning process|"
        r"respond only (in|with) json|rubric|training data|reward model",
        re.IGNORECASE,
    )

    def __init__(self) -> None:
        self._asked: defaultdict[str, int] = defaultdict(int)

    def __call__(self, line: Line) -> set[str]:
        """Look for the words."""
        account = line.exchange.account
        if any(self._WORDS.search(message.text) for message in line.exchange.request.messages):
            self._asked[account] += 1
        return {account} if self._asked[account] >= 3 else set()


class Described(NamedTuple):
    """A rule, by its name in the table."""

    name: str
    make: Callable[[], Rule]


RULES = (
    Described("rate", RateLimit),
    Described("volume", Volume),
    Described("address", SharedAddress),
    Described("duplicate", ExactDuplicate),
    Described("phrases", Phrases),
)
