"""The script: everybody in the play, and everything they ask, in order of time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from distillgate_lab.demo import campaign, machines, people
from distillgate_lab.demo.call import HOUR, PYTHON, Account, Call
from distillgate_lab.demo.dice import dice

Playing = Callable[[Account, Random, float], Iterator[Call]]


class Kind(NamedTuple):
    """One sort of honest customer."""

    name: str
    accounts: int
    play: Playing
    agents: tuple[str, ...] = (PYTHON,)
    """The programs they use, in turn."""
    office: int = 0
    """How many of them sit behind one address; the others have one each."""
    organisation: str | None = None


_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

KINDS = (
    Kind("chat users", 110, people.chatting, ("OpenAI/JS 6.49.0", PYTHON, "curl/8.9"), office=30),
    Kind("popular tool", 100, people.polishing, (_BROWSER,), office=10),
    Kind("coding agents", 26, machines.coding, ("kestrel/2.4 (terminal)",)),
    Kind("teachers", 20, machines.teaching, ("OpenAI/JS 6.49.0", PYTHON), office=20),
    Kind("company's own keys", 18, machines.extracting, office=18, organisation="org-depot"),
    Kind("evaluation harness", 14, machines.evaluating),
    Kind("retrieval products", 6, machines.retrieving),
    Kind("batch classifiers", 3, machines.classifying),
    Kind("shared front-ends", 3, people.fronting, ("okhttp/5.1",)),
)
"""The honest, with how many accounts each: exactly 300."""


_LABEL = str.maketrans({" ": "-", "'": None})


@dataclass(frozen=True, slots=True)
class Script:
    """A play, written down."""

    accounts: tuple[Account, ...]
    calls: tuple[Call, ...]
    hours: float


def write(
    *,
    scale: float = 1.0,
    hours: float = 3.0,
    campaign_accounts: int = 60,
    campaign_items: int = 2400,
    kinds: Iterable[Kind] = KINDS,
) -> Script:
    """Write the play; `scale` thins out the honest. The same arguments give the same play."""
    accounts: list[Account] = []
    calls: list[Call] = []
    for index, kind in enumerate(kinds):
        for account in _cast(index, kind, max(1, round(kind.accounts * scale))):
            accounts.append(account)
            calls.extend(kind.play(account, dice(account.name), hours))
    if campaign_accounts:
        harvesters = campaign.cast(campaign_accounts)
        accounts.extend(harvesters)
        start = hours * HOUR / 3
        calls.extend(campaign.play(harvesters, campaign_items, start=start, pause=40.0))
    calls.sort(key=lambda call: (call.at, call.account.name))
    return Script(tuple(accounts), tuple(calls), hours)


def _cast(index: int, kind: Kind, size: int) -> Iterator[Account]:
    for number in range(size):
        # 198.18.0.0/15 is set apart for tests (RFC 2544).
        home, office = f"198.18.{number}.{index + 1}", f"198.19.{200 + index}.1"
        yield Account(
            f"{kind.name.translate(_LABEL)}-{number:03d}",
            kind.name,
            organisation=kind.organisation,
            address=office if number < kind.office else home,
            agent=kind.agents[number % len(kind.agents)],
        )
