"""Many accounts of mixed kinds, drawn from one seed: who sends, through what, and how it reads.

Text is made of sentences over the sender's own few dozen invented words, never twice the same, so
that no group is more alike than its kind says. A *dealt* group draws every text from one list.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from distillgate.dialects.chat import CHAT
from distillgate.wire.exchange import Attributes, Client, Exchange, Outcome
from distillgate.wire.request import from_document

DAY = 86400.0
START = 1_790_000_000.0

SHARED = (20_000, 8_000, 4_000, *[2_000] * 4, *[1_000] * 8, *[200] * 40, *[40] * 200, *[8] * 400)
"""Accounts of each shared prompt, of a hundred thousand; the rest share none."""
DEALT = 5
"""Every so-manieth shared prompt is one operator's: its accounts send one list's texts."""
_SYLLABLES = [a + b + c for a in "bdfgklmnprst" for b in "aeiou" for c in ("", "n", "r", "l", "s")]
_GRAMMAR = ("the", "of", "and", "to", "in", "is", "for", "on", "with", "as", "be", "are")
_ENDS = (".", ".", ".", "?", ".\n", ":")
_AGENTS = ("OpenAI/Python 3.{}.0", "OpenAI/JS 6.{}.0", "python-requests/2.{}.0", "curl/8.{}.0")
_HEADERS = ("host", "accept", "accept-encoding", "connection", "user-agent", "content-type")
_SIZES, _WEIGHTS = (200, 600, 1500, 4000), (40, 35, 20, 5)
"""Bytes of a newest turn, and how often, while the population is sent."""


@dataclass(slots=True)
class Prompt:
    """A prompt that several accounts share."""

    system: str
    head: str
    subject: Sequence[str] | None
    """Of what every account's text is, where one list is dealt to them all."""


@dataclass(slots=True)
class Sender:
    """One account as its operator knows it."""

    number: int
    client: Client
    created: float
    card: str | None
    prompt: Prompt | None
    seed: int
    parameters: dict[str, float]
    talks: bool


@dataclass(slots=True)
class Crowd:
    """All senders, and the dice that text is drawn with."""

    senders: list[Sender]
    dice: random.Random = field(default_factory=lambda: random.Random("text"))
    words: list[str] = field(default_factory=list)
    sent: int = 0

    @classmethod
    def of(cls, accounts: int, seed: str = "crowd") -> "Crowd":
        """Draw so many accounts; groups keep their share of them."""
        dice = random.Random(seed)
        words = sorted(
            {"".join(dice.choices(_SYLLABLES, k=dice.choice((2, 2, 3)))) for _ in range(6000)}
        )
        sizes = [max(6, size * accounts // 100_000) for size in SHARED]
        prompts = [_prompt(dice, words, number) for number in range(len(sizes))]
        members: list[Prompt | None] = [
            p for p, n in zip(prompts, sizes, strict=True) for _ in range(n)
        ]
        members = members[: accounts * 2 // 3]
        members += [None] * (accounts - len(members))
        dice.shuffle(members)
        cards = [f"card {n}" for n in range(max(1, accounts // 20))]
        senders = [_sender(dice, number, prompt, cards) for number, prompt in enumerate(members)]
        return cls(senders, words=words)

    def play(self, rounds: Sequence[float] = (1, 1, 1, 0.75, 0.5, 0.25)) -> Iterator[Exchange]:
        """Give every sender's exchanges, mixed: three to six each, some time apart."""
        for share in rounds:
            order = list(self.senders)
            self.dice.shuffle(order)
            for sender in order[: int(share * len(order))]:
                yield self.exchange(sender, self.dice.choices(_SIZES, _WEIGHTS)[0])

    def exchange(self, sender: Sender, size: int) -> Exchange:
        """Write a sender's next request, its newest turn of about `size` bytes."""
        self.sent += 1
        prompt = sender.prompt
        messages = []
        head = ""
        if prompt is not None:
            head = prompt.head
            if prompt.system:
                messages.append({"role": "system", "content": prompt.system})
        subject = prompt.subject if prompt is not None else None
        if subject is None:
            subject = random.Random(sender.seed).choices(self.words, k=24)
        if sender.talks and self.dice.random() < 0.5:
            messages += [
                {"role": role, "content": self.text(subject, 300)} for role in ("user", "assistant")
            ]
        content = head + self.text(subject, max(40, size - len(head)))
        messages.append({"role": "user", "content": content})
        document = {"model": "m-large", "messages": messages, **sender.parameters}
        request = from_document(CHAT, document)
        # Names and numbers are new objects, as off the wire: what keeps them pays for them.
        attributes = Attributes(created=sender.created + 0.0, payment=sender.card)
        name = f"key-{sender.number:032x}"
        return Exchange(name, request, client=sender.client, attributes=attributes, id="r")

    def outcome(self, exchange: Exchange) -> Outcome:
        """Answer a request with a paragraph on what was asked."""
        words = exchange.request.newest[-400:].split()
        return Outcome(
            status=200,
            prompt_tokens=300,
            completion_tokens=400,
            finish_reason="stop",
            text=self.text(words, 500),
        )

    def text(self, subject: Sequence[str], size: int) -> str:
        """Write about `size` bytes on a subject."""
        dice, sentences, length = self.dice, [], 0
        while length < size:
            words = dice.choices(subject, k=dice.randrange(5, 12))
            words += dice.choices(_GRAMMAR, k=4)
            sentence = " ".join(words).capitalize() + dice.choice(_ENDS)
            sentences.append(sentence)
            length += len(sentence) + 1
        return " ".join(sentences)[:size]


def _prompt(dice: random.Random, words: Sequence[str], number: int) -> Prompt:
    own = Crowd([], dice)
    instructions = own.text(dice.choices(words, k=60), dice.choice((200, 600, 1200)))
    system, head = (instructions, "") if number % 2 else ("", instructions[:400] + "\n\n")
    return Prompt(system, head, words if number % DEALT == 0 else None)


def _sender(
    dice: random.Random, number: int, prompt: Prompt | None, cards: Sequence[str]
) -> Sender:
    created = START - DAY * min(900.0, dice.lognormvariate(4.3, 1.6))
    block = dice.randrange(300) if dice.random() < 0.3 else dice.randrange(300, 50_000)
    address = f"{52 + block // 65536}.{block // 256}.{block % 256}.{dice.randrange(1, 255)}"
    version = min(8, int(dice.expovariate(0.45)))
    client = Client(address, dice.choice(_AGENTS).format(version), _HEADERS)
    card = None
    if dice.random() < 0.6:
        card = dice.choice(cards) if dice.random() < 0.05 else f"own card {number}"
    parameters: dict[str, float] = {}
    if dice.random() < 0.5:
        parameters["temperature"] = dice.choice((0.0, 0.2, 0.7, 1.0))
    if dice.random() < 0.5:
        parameters["max_tokens"] = dice.choice((256, 512, 1024, 4096))
    return Sender(
        number,
        client,
        created,
        card,
        prompt,
        dice.getrandbits(32),
        parameters,
        talks=dice.random() < 0.4,
    )
