"""All that is learned of one exchange, without a word of its text: what replicas tell each other.

Whoever let the exchange through has *looked* at it, with what was known then; whoever *applies* the
observation needs no text, and comes to the same memory wherever the same observations are applied
in the same order.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from distillgate.fingerprint.conversation import Answered, Conversation
from distillgate.fingerprint.origin import Origin
from distillgate.fingerprint.parameters import Probe
from distillgate.fingerprint.request_traits import Carried
from distillgate.fingerprint.sketch import PACKED
from distillgate.fingerprint.worth import Worth
from distillgate.records import FrozenRecord


class Party(FrozenRecord, frozen=True):
    """An account that an exchange concerns, as far as it must be known to be remembered."""

    name: str
    principal: int
    plan: str | None
    first_seen: float


class Sent(FrozenRecord, frozen=True):
    """What was sent, by hashes and counts."""

    organisation: str | None
    created: float | None
    """When the account was opened."""
    model: str
    tokens: int
    continues: bool
    """It goes on from an answer that was given here."""
    instructed: bool
    cap: int | None
    """The most output tokens that were asked for."""
    elicits: bool
    """Whether it asks for the reasoning to be written out."""
    signature: int | None
    """The known template it is made from."""
    probe: Probe | None
    system: tuple[int, ...]
    """The pieces of its instructions..."""
    turn: tuple[int, ...]
    """...and of what is new of it."""
    conversation: Conversation
    origin: Origin
    carried: Carried
    operation: str = ""
    """The call."""
    worth: Worth = Worth()


class Own(FrozenRecord, frozen=True):
    """The part of a turn that is no template's, and not in every request of its account."""

    hash: int | None = None
    """None where it is empty."""
    sketch: Annotated[bytes, Meta(min_length=PACKED, max_length=PACKED)] | None = None
    """None where it has no words (`fingerprint.sketch.pack`)."""
    kinds: int = 0
    """What it asks for (`fingerprint.intents.Intent`)."""
    wording: int = 0
    """Keyed hash of the words in which it asks for what is hidden."""
    constant: int = 0
    """What the fixed part, and the instructions, ask for."""
    payload: bool = False
    """Nothing of it is text: what is new is a picture, sound, a file."""
    grams: bytes = b""
    """A sample of its word 3-grams (`fingerprint.grams`)."""


class Answer(FrozenRecord, frozen=True):
    """What became of it."""

    prompt_tokens: int | None
    completion_tokens: int | None
    output_tokens: int
    """The output tokens, or the best guess."""
    given: bool
    """The upstream answered."""
    turned_away: bool
    """The answer is one after which a program turns to its next account or server."""
    denied: bool
    """What is hidden was asked for, and the model refused."""
    told: Answered
    """By what it will be known again."""


class Handed(FrozenRecord, frozen=True):
    """The sealed reasoning that an answer handed out, and what it answered; hashes."""

    turn: int
    seals: tuple[int, ...]
    instructions: int = 0
    """Those that it followed; 0 is not known."""
    asked: str = ""
    """The model that was asked for..."""
    answered: str = ""
    """...and the one that answered, where it has another name."""


class Observation(FrozenRecord, frozen=True, tag="observation"):
    """One exchange that was let through, from its request to its end."""

    at: float
    """When it ended, by the clock of whom it went through."""
    account: Party
    payer: Party | None
    """Whose plan is charged, where that is another account."""
    retry: bool
    """The same content came a moment ago and was not answered: no new traffic."""
    risk: float
    """What the account's risk was when the request came."""
    sent: Sent
    own: Own
    answer: Answer
    handed: Handed | None
    known: tuple[int, ...] = ()
    """Keyed hashes of what the principal sent for the first time, and was answered."""
    more: tuple[Own, ...] = ()
    """Of a request that packs several new inputs, the others that were read..."""
    others: tuple[int, ...] = ()
    """...and the hashes of those that were only counted."""
    reported: tuple[str, ...] = ()
    """The reports whose templates the request is made from (`campaign.reports`)."""

    @property
    def texts(self) -> Iterator[int | None]:
        """The hashes of its texts; None of one that holds nothing of its own."""
        yield self.own.hash
        yield from (one.hash for one in self.more)
        yield from self.others

    @property
    def inputs(self) -> int:
        """How many inputs the request packs; 1 of most."""
        return 1 + len(self.more) + len(self.others)
