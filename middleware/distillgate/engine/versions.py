"""The newest versions of what others told: an older one that comes later changes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from distillgate.records import FrozenRecord, Record, batched, decoder, encode

MOST = 20_000
"""Versions that are remembered: of as many reports as hold at once, and of as many opinions. Beyond
it, of the source that has the most..."""
_GO = MOST // 64
"""...so many are forgotten, those that were modified first."""


class Version(FrozenRecord, frozen=True):
    """A version of a STIX object. An id is its source's own: nobody else's version is newer."""

    source: str
    id: str
    modified: float
    """Infinite: the source took it back, and STIX has no version after that."""


class _Written(Record):
    versions: list[Version]


class Versions:
    """When the newest version of each object was modified, by its source and id."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], float] = {}

    @property
    def newest(self) -> Mapping[tuple[str, str], float]:
        """Return when each object's newest version was modified."""
        return MappingProxyType(self._newest)

    def note(self, version: Version) -> bool:
        """Remember a version; return False, and change nothing, where a newer one is known."""
        key = version.source, version.id
        known = self._newest.get(key)
        if known is not None and version.modified < known:
            return False
        self._newest[key] = version.modified
        if len(self._newest) > MOST:
            self._make_room()
        return True

    def _make_room(self) -> None:
        held = Counter(source for source, _ in self._newest)
        most = max(sorted(held), key=lambda one: held[one])
        its = [(modified, key) for key, modified in self._newest.items() if key[0] == most]
        for _, key in sorted(its)[:_GO]:
            del self._newest[key]

    def dump(self) -> Iterator[bytes]:
        """Write all versions."""
        for some in batched(self._newest.items()):
            yield encode(_Written([Version(*key, modified) for key, modified in some]))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        written: _Written = _READ(piece)
        for one in written.versions:
            self.note(one)


_READ = decoder(_Written)
