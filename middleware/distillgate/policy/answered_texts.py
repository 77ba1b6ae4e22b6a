"""Which texts an account had answered before: a budget of different texts does not count repeats.

All accounts share one table (`fingerprint.known`): a repeat may be charged twice once it was
overwritten, a new text is never taken for a repeat.
"""

import xxhash

from distillgate.fingerprint.known import KnownContent
from distillgate.wire import document
from distillgate.wire.request import Request

_PLACES = 1 << 20
"""Texts remembered, at four bytes each."""


class AnsweredTexts:
    """The texts that were answered, as hashes of whom they were answered and what they were."""

    def __init__(self) -> None:
        self._known = KnownContent(_PLACES)
        self.places = self._known.places

    def unseen(self, principal: int, request: Request) -> int | None:
        """Return the key to `note` where the content is new to its principal; None for a repeat.

        All of the content counts, not only what is read of it: else pictures, token ids and the
        middle of a long text would pass for repeats. About 0.4 ms a megabyte.
        """
        asked = request.operation.content
        whole = document.write([request.document.get(name) for name in asked])
        key = xxhash.xxh3_64_intdigest(whole, seed=principal)
        return None if key in self._known else key

    def note(self, key: int) -> None:
        """Remember a content as answered."""
        self._known.note((key,))
