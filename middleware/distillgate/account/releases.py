"""Models that are new here: when one first answered, and who took it up on its first day."""

from collections import OrderedDict
from collections.abc import Iterator

from distillgate.account.conduct import Conduct, Trait, Word
from distillgate.account.windows import DAY
from distillgate.records import Record, decoder, encode

_WARM_UP_DAYS = 7.0
"""For so long after its own start the gate finds every model new, and none a release."""
_ACCOUNTS = 5
"""Accounts (about) that a model must have answered: one firm's own tuning is no release."""
_HOURS = 24.0
"""How long a model is new: the advisory's day."""
_MAX_MODELS = 512
"""Models remembered; beyond it the longest unused is forgotten."""


class Release(Record):
    """One model: when it first answered, and (by a bit each) for whom."""

    model: str
    at: float
    principals: int = 0


class _Written(Record):
    """All releases, the longest unused first."""

    started: float | None
    newest: Release | None
    models: list[Release]


class Releases:
    """The models that answered here, bounded."""

    def __init__(self, max_models: int = _MAX_MODELS) -> None:
        self._models: OrderedDict[str, Release] = OrderedDict()
        self._limit = max_models
        self._started: float | None = None
        self._newest: Release | None = None

    def learn(self, model: str, principal: int, now: float) -> Release | None:
        """Note an answered request's model; give it where it is the newest release."""
        if self._started is None:
            self._started = now
        found = self._models.get(model)
        if found is None:
            found = self._models[model] = Release(model, now)
            if len(self._models) > self._limit:
                self._models.popitem(last=False)
        self._models.move_to_end(model)
        if now - found.at > _HOURS * 3600:
            return None
        if found.at - self._started < _WARM_UP_DAYS * DAY:
            return None
        found.principals |= 1 << principal % 64
        if found.principals.bit_count() < _ACCOUNTS:
            return None
        if self._newest is None or found.at >= self._newest.at:
            self._newest = found
        return found if found is self._newest else None

    def newest(self, now: float) -> Release | None:
        """Return the model whose first day this is."""
        found = self._newest
        return found if found is not None and now - found.at <= _HOURS * 3600 else None

    def dump(self) -> Iterator[bytes]:
        """Write all that is known."""
        yield encode(_Written(self._started, self._newest, [*self._models.values()]))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        written: _Written = _READ(piece)
        self._started = written.started
        self._models.update((release.model, release) for release in written.models)
        newest = self._newest = written.newest
        if newest is not None and self._models.get(newest.model) == newest:
            self._newest = self._models[newest.model]


def learn_pivot(conduct: Conduct, exchanges: int, release: Release, mine: bool, now: float) -> None:
    """Count a request on a model's first day; `mine` says whether it is for that model."""
    at = conduct.seconds(release.at)
    if conduct.words[Word.RELEASE] != at:
        conduct.words[Word.RELEASE], conduct.words[Word.BEFORE] = at, min(exchanges, 2**32 - 1)
        conduct.forget(Trait.MOVED)
    conduct.count(Trait.MOVED, mine, now)


_READ = decoder(_Written)
