"""Golden scenarios of the API's surface: the model is read out instead of asked."""

from collections.abc import Iterator
from random import Random

from tests.signals.golden.scenario import Scenario, Sent
from tests.signals.golden.traffic import every, probe, writer


def walk(dice: Random) -> Iterator[Sent]:
    """Bias new tokens in every request: a walk over the vocabulary, as in the published attack."""
    for number, at in enumerate(every(30.0, 200)):
        yield probe("a", at, "Say one word.", range(2 * number, 2 * number + 2))


def classifier(dice: Random) -> Iterator[Sent]:
    """Classify records by the probabilities of the same five labels."""
    labels, write = dice.sample(range(100_000), 5), writer(dice)
    for at in every(30.0, 400):
        yield probe("a", at, f"Which label fits? {write()}", labels)


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
)
