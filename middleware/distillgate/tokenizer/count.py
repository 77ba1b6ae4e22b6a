"""Counting a request's prompt tokens: each message once, and never long on the event loop."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import xxhash
from cachetools import LRUCache
from pydantic import Field

from distillgate.errors import WireError
from distillgate.settings import Settings
from distillgate.tokenizer.vocabulary import Encoder, Vocabulary, estimate
from distillgate.wire.document import write
from distillgate.wire.request import Request

FRAME = 4
"""Tokens a turn costs beside its text: role and separators, as in OpenAI's published recipe."""
PRIMING = 3
"""Tokens every conversation costs beside its turns: the answer's opening."""
RUN = 1024
"""Turns counted as one text once a conversation is longer: 100,000 turns must stay cheap."""


class TokenizerSettings(Settings):
    """How prompt tokens are counted."""

    encoding: str = "o200k_base"
    """The encoding of every model `models` does not name; tokens are the unit of budgets."""
    models: dict[str, str] = Field(
        default={
            "gpt-3.5": "cl100k_base",
            "gpt-35": "cl100k_base",
            "gpt-4": "cl100k_base",
            "gpt-4.1": "o200k_base",
            "gpt-4.5": "o200k_base",
            "gpt-4o": "o200k_base",
            "text-embedding-": "cl100k_base",
        }
    )
    """The encoding of a model, by the beginning of its name; the longest beginning wins."""
    folder: str | None = None
    """A folder with further tables (NAME.tiktoken), for encodings distillgate does not carry."""


class Bounds(NamedTuple):
    """How much is counted where, and how much is remembered."""

    entries: int = 100_000
    """Messages whose count is remembered; about 200 bytes each."""
    inline_bytes: int = 16_384
    """Bytes of new text encoded on the event loop; beyond, a sample of as much. 4 ms at worst."""
    exact_bytes: int = 4_194_304
    """Bytes of a request's new text counted exactly off the loop; beyond, a sample of as much."""
    waiting_bytes: int = 67_108_864
    """Bytes of text kept for counting off the loop; beyond, the oldest stays an estimate."""


BOUNDS = Bounds()
_PIECE = 8_192
"""Characters that a single call of the encoder sees; it holds the interpreter for as long."""


class _Text(NamedTuple):
    """A text whose count is not known yet, and what its count will be remembered under."""

    key: int
    text: str
    size: int


class _Waiting(NamedTuple):
    """A request counted in part: kept alive here, so its `id` stays its own."""

    request: Request
    encoding: str
    known: int
    texts: Sequence[_Text]
    size: int


class Tokenizer:
    """Counts prompt tokens.

    `count` and `pending` belong to the event loop; `finish` may run in any thread. Nothing is
    locked: a worker only reads what waits, and leaves its results in a queue the loop empties.
    """

    def __init__(
        self,
        settings: TokenizerSettings,
        vocabulary: Vocabulary | None = None,
        bounds: Bounds = BOUNDS,
    ) -> None:
        """Take the settings. Raises `ConfigError` for an encoding this machine does not have."""
        self._settings, self._bounds = settings, bounds
        self._vocabulary = vocabulary or Vocabulary(settings.folder, piece=_PIECE)
        encodings = {settings.encoding, *settings.models.values()}
        for name in sorted(encodings):
            self._vocabulary.check(name)
        self._models = sorted(settings.models.items(), key=lambda item: -len(item[0]))
        self._counts: LRUCache[int, int] = LRUCache(bounds.entries)
        self._waiting: dict[int, _Waiting] = {}
        self._held = 0
        self._finished: deque[tuple[Request, dict[int, int]]] = deque()
        # Not a cryptographic hash, but a keyed one thirty times cheaper on a long history: whoever
        # finds a collision blind has miscounted one message of his own until usage corrects it.
        self._seeds = {name: int.from_bytes(os.urandom(8), "big") for name in encodings}

    def warm(self) -> None:
        """Load the default encoding (0.3 to 0.6 seconds), so that no request waits for it.

        The others load off the loop when first asked for; until then the default one estimates.
        """
        self._vocabulary.encoder(self._settings.encoding)

    def encoding(self, model: str) -> str:
        """Name the encoding of a model. A provider's prefix (`openai/`) does not count."""
        name = model[-256:].rsplit("/", 1)[-1]
        for prefix, encoding in self._models:
            if name.startswith(prefix):
                return encoding
        return self._settings.encoding

    def count(self, request: Request) -> int:
        """Count a request's prompt tokens in bounded time.

        Exact for text that is known or short; where more than `inline_bytes` are new, the rest is
        an estimate and `pending` says so. Images and audio count nothing.
        """
        self._settle()
        encoding = self.encoding(request.model)
        known, unknown = self._look_up(request, encoding)
        if not unknown:
            return known
        encoder = self._vocabulary.loaded(encoding)
        if encoder is None and encoding == self._settings.encoding:
            encoder = self._vocabulary.encoder(encoding)
        left = self._bounds.inline_bytes
        if encoder is not None:
            known, left, unknown = self._inline(encoder, known, unknown)
            if not unknown:
                return known
        self._wait(request, encoding, known, unknown)
        stand_in = encoder or self._vocabulary.encoder(self._settings.encoding)
        return known + _sample(stand_in, unknown, left)

    def pending(self, request: Request) -> bool:
        """Return whether the last `count` of this request was an estimate `finish` can better."""
        self._settle()
        waiting = self._waiting.get(id(request))
        return waiting is not None and waiting.request is request

    def finish(self, request: Request) -> int:
        """Count exactly what `count` estimated; may take long, so call it off the event loop.

        Up to `exact_bytes` a request. The next `count` knows the messages. A request that does not
        wait is counted afresh.
        """
        waiting = self._waiting.get(id(request))
        if waiting is None or waiting.request is not request:
            encoding = self.encoding(request.model)
            texts = [self._text(encoding, text) for text in _texts(request)]
            waiting = _Waiting(request, encoding, _frame(request), texts, 0)
        encoder = self._vocabulary.encoder(waiting.encoding)
        counts, rest = {}, []
        left = self._bounds.exact_bytes
        for text in sorted(waiting.texts, key=lambda text: text.size):
            if text.size <= left:
                left -= text.size
                counts[text.key] = encoder.count(text.text)
            else:
                rest.append(text)
        total = waiting.known + sum(
            counts[text.key] for text in waiting.texts if text.key in counts
        )
        total += _sample(encoder, rest, left)
        self._finished.append((request, counts))
        return total

    def exact(self, request: Request) -> int:
        """Count exactly, whatever the time: for a replay, where nobody waits."""
        total = self.count(request)
        return self.finish(request) if self.pending(request) else total

    def _settle(self) -> None:
        """Collect what workers have finished."""
        while self._finished:
            request, counts = self._finished.popleft()
            self._counts.update(counts)
            self._drop(id(request))

    def _drop(self, key: int) -> None:
        waiting = self._waiting.pop(key, None)
        if waiting is not None:
            self._held -= waiting.size

    def _wait(self, request: Request, encoding: str, known: int, unknown: Sequence[_Text]) -> None:
        size = sum(text.size for text in unknown)
        self._drop(id(request))
        self._waiting[id(request)] = _Waiting(request, encoding, known, tuple(unknown), size)
        self._held += size
        while self._held > self._bounds.waiting_bytes:
            self._drop(next(iter(self._waiting)))

    def _text(self, encoding: str, text: str) -> _Text:
        data = text.encode("utf-8", "surrogatepass")
        return _Text(xxhash.xxh3_128_intdigest(data, self._seeds[encoding]), text, len(data))

    def _look_up(self, request: Request, encoding: str) -> tuple[int, list[_Text]]:
        """Add up what is remembered, and list what is not."""
        total, unknown = _frame(request), []
        for text in _texts(request):
            entry = self._text(encoding, text)
            count = self._counts.get(entry.key)
            if count is None:
                unknown.append(entry)
            else:
                total += count
        return total, unknown

    def _inline(
        self, encoder: Encoder, total: int, unknown: list[_Text]
    ) -> tuple[int, int, list[_Text]]:
        """Encode the short texts now; half the bound is kept for a sample where some are left."""
        bound = self._bounds.inline_bytes
        left = bound if sum(text.size for text in unknown) <= bound else bound // 2
        rest = []
        for text in sorted(unknown, key=lambda text: text.size):
            if text.size <= left:
                left -= text.size
                self._counts[text.key] = count = encoder.count(text.text)
                total += count
            else:
                rest.append(text)
        return total, left + bound // 2, rest


def _frame(request: Request) -> int:
    if request.operation.plain:
        return 0
    return PRIMING + FRAME * len(request.messages)


def _texts(request: Request) -> Iterator[str]:
    """Cut a request into the texts that are counted and remembered each alone."""
    messages = request.messages
    first = (len(messages) - 1) // RUN * RUN if messages else 0
    for start in range(0, first, RUN):
        yield "\n".join(message.text for message in messages[start : start + RUN])
    for message in messages[first:]:
        if message.text:
            yield message.text
    if request.tools:
        yield _json(request.tools)


def _json(tools: Sequence[object]) -> str:
    """Write the tools as a model is likely to see them; what no JSON can be counts nothing."""
    try:
        return write(tools).decode()
    except WireError:
        return ""


def _sample(encoder: Encoder, texts: Sequence[_Text], budget: int) -> int:
    """Estimate texts from as many bytes of them as the budget allows."""
    size = sum(text.size for text in texts)
    if not size:
        return 0
    characters = sum(len(text.text) for text in texts)
    return estimate(encoder, [text.text for text in texts], budget * characters // size)
