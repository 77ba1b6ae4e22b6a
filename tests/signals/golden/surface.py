"""Golden scenarios of the API's surface: the model is read out instead of asked."""

from collections.abc import Iterator
from random import Random

from tests.engine.conftest import lexicon
from tests.signals.golden.scenario import Scenario, Sent
from tests.signals.golden.traffic import embed, every, probe, writer


def walk(dice: Random) -> Iterator[Sent]:
    """Bias new tokens in every request: a walk over the vocabulary, as in the published attack."""
    for number, at in enumerate(every(30.0, 200)):
        yield probe("a", at, "Say one word.", range(2 * number, 2 * number + 2))


def classifier(dice: Random) -> Iterator[Sent]:
    """Classify records by the probabilities of the same five labels."""
    labels, write = dice.sample(range(100_000), 5), writer(dice)
    for at in every(30.0, 400):
        yield probe("a", at, f"Which label fits? {write()}", labels)


def labelled(dice: Random) -> Iterator[Sent]:
    """Classify records by the probabilities of 150 intents, all of them in every request."""
    labels, write = dice.sample(range(100_000), 150), writer(dice)
    for at in every(30.0, 300):
        yield probe("a", at, f"Which intent is it? {write()}", labels)


def sweep(dice: Random) -> Iterator[Sent]:
    """Read the probabilities after one word, then after the next."""
    for at, word in zip(every(60.0, 150), lexicon(dice, 150), strict=True):
        yield probe("a", at, word, [])


def calibrated(dice: Random) -> Iterator[Sent]:
    """Read how sure the model is of its label of a record, biasing nothing."""
    write = writer(dice)
    for at in every(60.0, 150):
        yield probe("a", at, f"Praise or blame? {write()}", [])


def vocabulary(dice: Random) -> Iterator[Sent]:
    """Have one word after the other embedded."""
    for at, word in zip(every(60.0, 150), lexicon(dice, 150), strict=True):
        yield embed("a", at, word)


def backfill(dice: Random) -> Iterator[Sent]:
    """Have a company's documents embedded, all at once."""
    write = writer(dice)
    for at in every(2.0, 400):
        yield embed("a", at, f"{write()} {write()}")


SCENARIOS = (
    Scenario(
        "parameter_extraction",
        "walk over the vocabulary",
        walk,
        classifier,
        "a calibrated classifier",
        within=200,
        restricts=True,
    ),
    Scenario(
        "parameter_extraction",
        "different sets of labels",
        walk,
        labelled,
        "a classifier with many labels",
        within=200,
        restricts=True,
    ),
    Scenario("logprob_sweep", "hardly a word", sweep, calibrated, "a calibrated classifier"),
    Scenario("embeddings_harvest", "single words", vocabulary, backfill, "a backfill"),
)
