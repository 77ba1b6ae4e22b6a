"""Where requests come from: addresses, clients, cards, sign-ups; and how a ring fakes them."""

import random
from dataclasses import dataclass, field
from typing import NamedTuple

from distillgate_lab.scenarios.clock import DAY, START

_OPENAI = ("host", "accept-encoding", "connection", "accept", "content-type", "user-agent")
_STAINLESS = (
    "x-stainless-lang",
    "x-stainless-package-version",
    "x-stainless-os",
    "x-stainless-arch",
)
_CLIENTS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("OpenAI/Python 3.{}.0", (*_OPENAI, *_STAINLESS), 30),
    ("AsyncOpenAI/Python 3.{}.0", (*_OPENAI, *_STAINLESS, "x-stainless-async"), 14),
    (
        "OpenAI/JS 6.{}.0",
        ("host", "connection", *_STAINLESS, "accept", "user-agent", "content-type"),
        20,
    ),
    ("python-httpx/0.{}.0", ("host", "accept", "accept-encoding", "connection", "user-agent"), 4),
    (
        "python-requests/2.{}.0",
        ("host", "user-agent", "accept-encoding", "accept", "connection"),
        8,
    ),
    ("axios/1.{}.0", ("accept", "content-type", "user-agent", "accept-encoding", "host"), 6),
    ("Go-http-client/1.{}", ("host", "user-agent", "content-length", "accept-encoding"), 5),
    (
        "Mozilla/5.0 Chrome/14{}.0",
        ("host", "connection", "sec-ch-ua", "user-agent", "accept", "origin", "referer"),
        10,
    ),
    ("curl/8.{}.1", ("host", "user-agent", "accept", "content-type"), 3),
)
_VERSIONS = 9


class Stack(NamedTuple):
    """One client program: what it says it is and the order of its headers."""

    agent: str
    headers: tuple[str, ...]
    ja4: str


@dataclass(slots=True)
class Identity:
    """What the gate can know of an account beside its requests."""

    plan: str
    created: float
    payment: str | None
    stack: Stack
    addresses: list[str] = field(default_factory=list)
    organisation: str | None = None


class Internet:
    """Draws identities as honest customers have them."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        clouds = random.Random("clouds")
        firsts = clouds.choices((3, 18, 34, 35, 52, 54), k=400)
        self._clouds = [
            f"{first}.{clouds.randrange(256)}.{clouds.randrange(256)}" for first in firsts
        ]
        self._cards: list[str] = []

    def stack(self) -> Stack:
        """Draw a client program; new versions are the common ones."""
        dice = self.dice
        name, headers, _ = dice.choices(_CLIENTS, [share for *_, share in _CLIENTS])[0]
        version = min(_VERSIONS, int(dice.expovariate(0.45)))
        agent = name.format(60 - version if "{}.0" in name and "14" not in name else version)
        return Stack(agent, headers, f"t13d{len(headers):02}{len(name):02}h2_{hash_of(name)}")

    def card(self) -> str:
        """Draw a payment method's hash; a few in a hundred are shared by a family or a firm."""
        if self._cards and self.dice.random() < 0.02:
            return self.dice.choice(self._cards)
        card = f"{self.dice.getrandbits(128):032x}"
        if len(self._cards) < 2000:
            self._cards.append(card)
        return card

    def home(self) -> str:
        """Draw a residential or mobile address."""
        dice = self.dice
        first = dice.choice(
            (24, 31, 47, 62, 71, 78, 81, 86, 92, 98, 109, 121, 151, 176, 188, 201, 213)
        )
        return f"{first}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"

    def cloud(self) -> str:
        """Draw an address of a hosting company: few blocks, shared by many."""
        block = self._clouds[min(len(self._clouds) - 1, int(self.dice.expovariate(1 / 90)))]
        return f"{block}.{self.dice.randrange(1, 255)}"

    def created(self, before: float = START) -> float:
        """Draw a sign-up time: most are weeks to years old, a few new."""
        return before - DAY * min(900.0, 0.02 + self.dice.lognormvariate(4.3, 1.6))

    def person(self) -> Identity:
        """Draw somebody who pays for themselves."""
        dice = self.dice
        plan = dice.choices(("free", "pro", "team"), (45, 45, 10))[0]
        cloud = dice.random() < 0.3
        addresses = [
            self.cloud() if cloud else self.home() for _ in range(dice.choice((1, 1, 2, 3)))
        ]
        return Identity(
            plan, self.created(), self.card() if plan != "free" else None, self.stack(), addresses
        )

    def company(self, plan: str = "team", addresses: int = 4) -> Identity:
        """Draw a customer whose machines call from a cloud."""
        block = self.cloud().rsplit(".", 1)[0]
        hosts = [f"{block}.{self.dice.randrange(1, 255)}" for _ in range(addresses)]
        return Identity(plan, self.created(START - 30 * DAY), self.card(), self.stack(), hosts)


def hash_of(text: str) -> str:
    """Return a short stable stand-in for a fingerprint."""
    return f"{random.Random(text).getrandbits(48):012x}"


INFRASTRUCTURES = ("shared", "residential", "mimic")


class Farm:
    """Draws the identities of a ring's accounts.

    `shared`: four address blocks, one client, five cards, one sign-up day. `residential`: an
    address each, a card for three, one client and one set of parameters, signed up within a week.
    `mimic`: everything drawn as honest customers have it.
    """

    def __init__(self, internet: Internet, kind: str, start: float) -> None:
        self.kind = kind
        self._internet = internet
        self._start = start
        dice = internet.dice
        self._stack = internet.stack()
        self._blocks = [internet.home().rsplit(".", 1)[0] for _ in range(4)]
        self._cards = [internet.card() for _ in range(5)]
        self._card = ""
        self._made = 0
        self._day = start - DAY * dice.uniform(1.5, 4.0)

    def identity(self) -> Identity:
        """Draw the next account's identity."""
        internet, dice = self._internet, self._internet.dice
        if self.kind == "mimic":
            found = internet.person()
            found.created = min(found.created, self._start - HALF_DAY)
            return found
        self._made += 1
        if self.kind == "shared":
            created = self._day + dice.uniform(0.0, DAY / 3)
            where = [f"{dice.choice(self._blocks)}.{dice.randrange(1, 255)}"]
            return Identity("pro", created, dice.choice(self._cards), self._stack, where)
        if self._made % 3 == 1:
            self._card = f"{dice.getrandbits(128):032x}"
        created = self._day - dice.uniform(0.0, 7 * DAY)
        return Identity("pro", created, self._card, self._stack, [internet.home()])


HALF_DAY = DAY / 2
