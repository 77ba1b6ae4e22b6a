"""Small pure writers of traffic: who sends what, when. All in virtual time, all from one dice."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from tests.engine.conftest import Manner, chat, lexicon
from tests.signals.golden.scenario import START, Sent

from distillgate.dialects.completions import EMBEDDINGS
from distillgate.wire.exchange import Client, Exchange, Outcome
from distillgate.wire.request import from_document

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def every(seconds: float, count: int, start: float = START) -> Iterator[float]:
    """Give `count` times, evenly apart: a machine's."""
    return (start + number * seconds for number in range(count))


def office(dice: Random, count: int, days: int, start: float = START) -> list[float]:
    """Give times within office hours of `days` days: a person's."""
    return sorted(
        start + dice.randrange(days) * DAY + 9 * HOUR + dice.random() * 9 * HOUR
        for _ in range(count)
    )


def writer(dice: Random, subjects: int = 40) -> Callable[[], str]:
    """Give somebody who writes a new short text whenever asked."""
    manner, words = Manner.of_somebody(Random(dice.random())), lexicon(dice, 2000)
    about = [dice.sample(words, 25) for _ in range(subjects)]
    return lambda: manner.write(manner.random.choice(about))


def client(network: int, agent: str = "OpenAI/Python 3.1", *, plain: bool = True) -> Client:
    """Give a client of some network; a plain one sends the headers its vendor's SDK sends."""
    headers = ["host", "accept", "content-type"] + ["x-stainless-lang"] * plain
    return Client(f"203.0.{network}.7", agent or None, headers)


def talk(turns: Sequence[str]) -> list[dict[str, Any]]:
    """Give a conversation: user and assistant by turns, the user's turn last."""
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": text} for i, text in enumerate(turns)]


def embed(account: str, at: float, text: str) -> Sent:
    """Ask for the embedding of a text."""
    request = from_document(EMBEDDINGS, {"model": "e", "input": text})
    return Sent(at, Exchange(account, request), Outcome(status=200, prompt_tokens=9))


def probe(account: str, at: float, text: str, tokens: range | list[int], **options: Any) -> Sent:
    """Ask for one token and its probabilities, with these tokens biased."""
    bias = {str(token): 100 for token in tokens}
    sends: dict[str, Any] = {
        "logit_bias": bias,
        "logprobs": True,
        "top_logprobs": 5,
        "max_tokens": 1,
    }
    return Sent(at, chat(account, text, **(sends | options)))
