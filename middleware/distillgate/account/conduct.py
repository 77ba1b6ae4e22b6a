"""How an account is used, in one packed array: shares that fade, bitmaps of a week, last things.

Most accounts send a handful of requests and never get one. Everything is a 32-bit word, so that an
account costs an array and nothing for the garbage collector: times are counted from the account's
first request, counts in sixty-fourths. What is looked at is hashed first; nothing can be read back.
"""

import math
from array import array
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from distillgate.account.windows import DAY, HOUR
from distillgate.records import Record, decoder, encode
from distillgate.settings import Settings

_UNIT = 64
_MOST = 2**32 - 1
_EMPTY = array("I", [0])


AFTER = 8
"""Requests after which an account's use is remembered: what less shows, shows nothing."""
HALF_LIFE_DAYS = 30
"""Half-life of every count: people and programs change."""


class ConductSettings(Settings):
    """How the use of an account is remembered."""

    heavy_tokens: float = 1_000_000.0
    """Tokens a day, prompt and output, that are much for a plan that is not listed."""
    plan_tokens: dict[str, float] = {}
    """The same for a plan, by its name; what is much is the operator's to know."""


class Trait(IntEnum):
    """What is counted as so many of so many. The number is the place in the array, and in what is
    written: new ones go to the end.
    """

    SLEEPLESS = 0
    """Busy days; of them, those without a rest."""
    HEAVY = 1
    """Days on a known plan; of them, those with more tokens than it is for."""
    SCRUBBED = 2
    """Requests; of them, those whose client does not tell itself."""
    INTERLEAVED = 3
    """Continued conversations; of them, those that were not the latest one."""
    FAILOVER = 4
    """Refused requests that came again; of them, those that came by another way."""
    CANARY = 5
    """Requests that were watched; of them, those that came again and again."""
    TOOLS = 6
    """Requests with tools; of them, those with a set of tools not seen before."""
    FOREIGN = 7
    """Conversations; of them, those that did not begin here."""
    PROBE = 8
    """Requests; of them, those that read token probabilities."""
    SINGLE = 9
    """Requests; of them, probes of a prompt hardly longer than a token."""
    VOCABULARY = 10
    """Requests for embeddings; of them, those of single words."""
    MOVED = 11
    """Requests on a model's first day; of them, those for that model."""


class Word(IntEnum):
    """The other places of the array, by what begins there; in what is written, too, new ones go to
    the end.
    """

    HALF_LIFE = 3 * len(Trait)
    DAY = HALF_LIFE + 1
    HOURS = DAY + 1
    """The hours of the day with requests, a bit each."""
    TODAY = HOURS + 1
    TOKENS = TODAY + 1
    FIRST_HOUR = TOKENS + 1
    HOUR = FIRST_HOUR + 1
    THIS_HOUR = HOUR + 1
    BUSIEST_HOUR = THIS_HOUR + 1
    NETWORKS = BUSIEST_HOUR + 1
    AGENTS = NETWORKS + 2
    SYSTEMS = AGENTS + 2
    SCRIPTS = SYSTEMS + 2
    DECLARED = SCRIPTS + 1
    """Requests of the week that name whom they are for."""
    LATEST = DECLARED + 1
    """The latest conversation."""
    REFUSED = LATEST + 1
    """The latest refused request: what, by which way, when."""
    CANARIES = REFUSED + 3
    """Four watched requests: what, then how often and when."""
    TOOLS = CANARIES + 8
    OPENINGS = TOOLS + 4
    RELEASE = OPENINGS + 8
    """When the model was released whose first day this was."""
    BEFORE = RELEASE + 1
    """Requests before it."""
    END = BEFORE + 1


class Tally(NamedTuple):
    """So many of so many, faded, and when the first and the last of them were, to the hour."""

    hits: float
    trials: float
    since: float
    until: float

    @property
    def share(self) -> float:
        """The share; zero where nothing was counted."""
        return self.hits / self.trials if self.trials else 0.0


class _Written(Record):
    """A conduct as bytes: its two parts apart, so that either can grow."""

    born: float
    traits: bytes
    words: bytes


class Conduct:
    """One account's use. `born` is the account's first moment."""

    __slots__ = ("born", "words")

    def __init__(self, born: float, half_life_days: int) -> None:
        self.born = born
        self.words = _EMPTY * Word.END  # exactly so large; from bytes it would be larger
        self.words[Word.HALF_LIFE] = half_life_days

    def __bytes__(self) -> bytes:
        """Write it."""
        words, first = self.words, Word.HALF_LIFE
        return encode(_Written(self.born, words[:first].tobytes(), words[first:].tobytes()))

    @classmethod
    def of(cls, data: bytes) -> "Conduct":
        """Read what was written; traits and words that were not known then are empty."""
        written: _Written = _READ(data)
        made = cls(written.born, 1)
        words = memoryview(made.words).cast("B")
        first = Word.HALF_LIFE * made.words.itemsize
        for part, known in ((words[:first], written.traits), (words[first:], written.words)):
            part[: len(known)] = known[: len(part)]
        return made

    def count(self, trait: Trait, hit: bool, now: float) -> None:
        """Count one trial, and whether it was one of those that are looked for."""
        words, at = self.words, 3 * trait
        words[at + 1] = min(_MOST, words[at + 1] + _UNIT)
        if hit:
            words[at] = min(_MOST, words[at] + _UNIT)
            hour = min(0xFFFF, int(max(0.0, now - self.born) / HOUR))
            first = words[at + 2] >> 16 if words[at + 2] else hour
            words[at + 2] = first << 16 | hour

    def forget(self, trait: Trait) -> None:
        """Begin a count anew."""
        for place in range(3 * trait, 3 * trait + 3):
            self.words[place] = 0

    def tally(self, trait: Trait, now: float) -> Tally | None:
        """Return a count as it has faded by `now`; None without a single hit."""
        words, at = self.words, 3 * trait
        if not words[at]:
            return None
        idle = self.day(now) - words[Word.DAY]
        left = self.fading(idle) / _UNIT if idle > 0 else 1 / _UNIT
        since = self.born + (words[at + 2] >> 16) * HOUR
        until = max(since, min(now, self.born + ((words[at + 2] & 0xFFFF) + 1) * HOUR))
        return Tally(words[at] * left, words[at + 1] * left, since, until)

    def fade(self, days: int) -> None:
        """Let all counts fade."""
        left, words = self.fading(days), self.words
        for at in range(0, 3 * len(Trait), 3):
            words[at] = int(words[at] * left)
            words[at + 1] = int(words[at + 1] * left)

    def fading(self, days: float) -> float:
        """Return what is left of something after so many days."""
        return float(0.5 ** (days / self.words[Word.HALF_LIFE]))

    def day(self, now: float) -> int:
        """Return the day, counted from the account's first, by UTC."""
        return int(now // DAY) - int(self.born // DAY)

    def seconds(self, now: float) -> int:
        """Return the seconds since the account's first request."""
        return max(0, min(_MOST, int(now - self.born)))

    def add(self, word: Word, value: int) -> None:
        """Add to a word that only counts."""
        self.words[word] = min(_MOST, self.words[word] + value)

    def mark(self, word: Word, size: int, value: int) -> bool:
        """Set a hash's bit among `size` words; whether it was unset."""
        bit = value % (32 * size)
        place, mask = word + bit // 32, 1 << bit % 32
        new = not self.words[place] & mask
        self.words[place] |= mask
        return new

    def marked(self, word: Word, size: int) -> int:
        """Return how many bits are set among `size` words."""
        return int.from_bytes(self.words[word : word + size]).bit_count()

    def different(self, word: Word, size: int) -> float:
        """Estimate how many different hashes were marked (linear counting, Whang et al. 1990)."""
        bits = 32 * size
        unset = max(0.5, bits - self.marked(word, size))
        return bits * math.log(bits / unset)

    def clear(self, words: Sequence[tuple[Word, int]]) -> None:
        """Set words back to nothing."""
        for word, size in words:
            for place in range(word, word + size):
                self.words[place] = 0


_READ = decoder(_Written)
