"""A counter with labels, all of whose series are there from the start."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter

NAMESPACE = "distillgate"
"""What every metric's name begins with."""


class Labelled:
    """A counter with labels. Its children are kept: looking one up costs more than counting.

    Those that are `known` stand at 0 from the start: no alert sees the first of a series that was
    not there before.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        name: str,
        text: str,
        *labels: str,
        known: Iterable[tuple[str, ...] | str] = (),
    ) -> None:
        self._counter = Counter(name, text, labels, namespace=NAMESPACE, registry=registry)
        self._children: dict[tuple[str, ...], Counter] = {}
        for one in known:
            self.add(*((one,) if isinstance(one, str) else one), amount=0)

    def add(self, *labels: str, amount: float = 1) -> None:
        """Count. The caller bounds the labels: they are words of the code, not of a client."""
        child = self._children.get(labels)
        if child is None:
            child = self._children[labels] = self._counter.labels(*labels)
        child.inc(amount)
