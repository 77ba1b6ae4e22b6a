"""Looking for an example that breaks the property, in every way of being odd that there is."""

from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.differential.agreement import Violation, violations
from tests.differential.grammar.connections import STRATA, connections
from tests.differential.request import Sent
from tests.differential.servers import QUIET_SECONDS, UPSTREAMS, Pair

PATIENT_SECONDS = 10.0
"""How long a server that was silent is waited for when an example is tried again."""


class Found(NamedTuple):
    """The first example of a kind that breaks the property."""

    stratum: tuple[str, str]
    sent: Sent
    violations: list[Violation]

    def told(self, upstream: str) -> str:
        """Describe it: the bytes, and both views of them."""
        views = [f"  {one.kind}: {one.text}" for one in self.violations]
        odd = ", ".join(sorted(self.sent.oddities))
        return "\n".join(
            [f"{odd}, before {UPSTREAMS[upstream]}", f"  sent: {self.sent.raw!r}", *views]
        )


def search(served: Pair, examples: int, dice: int = 0) -> Iterator[Found]:
    """Try about so many examples, as many of each kind; yield at most one of each that fails.

    The same `dice` give the same examples.
    """
    share = -(-examples // len(STRATA))
    for number, stratum in enumerate(STRATA):
        found: list[Found] = []

        @seed(dice * len(STRATA) + number)
        @settings(
            max_examples=share,
            phases=(Phase.generate,),
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(connections(*stratum))
        def look(sent: Sent) -> None:
            if not found and (wrong := compare(served, sent)):  # noqa: B023 - called in this turn
                found.append(Found(stratum, sent, wrong))  # noqa: B023

        look()
        yield from found


def compare(served: Pair, sent: Sent) -> list[Violation]:
    """Look at both ways of one example; again, and with more patience, where a server was slow."""
    found: list[Violation] = []
    for quiet in (QUIET_SECONDS, PATIENT_SECONDS):
        alone = served.alone(sent, quiet)
        gated, judged = served.gated(sent, quiet)
        httptools = served.name == "uvicorn"
        found = list(violations(sent, alone, gated, judged, served.accounts, httptools=httptools))
        if not found or not (alone.silent or gated.silent):
            break
    return found
