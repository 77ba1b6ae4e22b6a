"""Which requests are draws: the first of each conversation, whatever history it claims.

What a dealer deals is the item with which a conversation opens; what comes after follows from it.
So a request is a draw unless it goes on from one. Whether it does is looked up, never taken from
the request: the conversation before its newest answer must have been drawn here, and each may be
gone on from once, or one real opener would hide a whole list. A text that its principal sent before
is no draw either: probes that come back every hour are one each.
"""

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from distillgate.campaign.sketch_table import Text
from distillgate.fingerprint.conversation import Conversation
from distillgate.fingerprint.known import KnownContent
from distillgate.fingerprint.observation import Observation
from distillgate.fingerprint.sketch import Sketch, unpack

_PLACES = 1 << 20
"""Hashes remembered, at four bytes each. One that was overwritten makes a follow-up a draw."""


class Openers:
    """Conversations that were drawn, and texts that were sent, in one table of hashes."""

    def __init__(self) -> None:
        self._known = KnownContent(_PLACES)
        self.places = self._known.places

    def draws(self, conversation: Conversation, text: int | None, principal: int) -> bool:
        """Return whether a request with this varying text is a draw; note that it was."""
        if text is None:
            return False
        # What is short ("hello") opens many people's conversations: those are each one's own.
        now = conversation.now if conversation.telling else conversation.now ^ principal
        again = (text ^ principal) in self._known
        self._known.note((text ^ principal,))
        goes_on = self._goes_on(conversation.previous, principal)
        if goes_on or not again:
            self._known.note((now,))
        return not (goes_on or again)

    def _goes_on(self, previous: int, principal: int) -> bool:
        for mark in (previous, previous ^ principal) if previous else ():
            if mark in self._known:
                self._known.forget(mark)
                return True
        return False


def texts_of(seen: Observation, now: float) -> list[Text]:
    """Read the varying texts of an exchange that have words, each once."""
    return [
        Text.of(unpack(one.sketch), one.hash or 0, now)
        for one in (seen.own, *seen.more)
        if one.sketch is not None
    ]


def opener_of(seen: Observation, texts: Sequence[Text], now: float) -> Text | None:
    """Return what is drawn: of several packed inputs their mean, since one hand chose them.

    None where it has no words.
    """
    coin = seen.own.hash or 0
    if len(texts) < 2:
        return replace(texts[0], coin=coin) if texts else None
    topic = np.mean([one.sketch.topic for one in texts], axis=0)
    length = float(np.sqrt(topic @ topic))
    style = np.mean([one.sketch.style for one in texts], axis=0)
    return Text.of(Sketch(topic / length if length else topic, style), coin, now)
