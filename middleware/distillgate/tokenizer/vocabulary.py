"""Encodings without a network: tiktoken's, over tables that are already on this machine.

splintr does the encoding: equal to tiktoken's token by token, five times faster, and its memory of
words is bounded (docs/decisions.md).

The two tables in use today are carried in `distillgate/data` (made by
`tools/vendor_vocabulary.py`); others come from a configured folder. Every table that tiktoken
publishes is checked against the SHA-256 that tiktoken itself expects.
"""

import binascii
import hashlib
import lzma
import threading
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from distillgate.errors import ConfigError
from distillgate.text import nearest

if TYPE_CHECKING:
    import splintr

CARRIED = frozenset({"cl100k_base", "o200k_base", "o200k_harmony"})
"""The encodings that need no folder (`o200k_harmony` is `o200k_base` with more special tokens)."""


class Table(NamedTuple):
    """A table that tiktoken publishes."""

    file: str
    sha256: str

    @property
    def address(self) -> str:
        """Where tiktoken fetches it."""
        return f"https://openaipublic.blob.core.windows.net/encodings/{self.file}"


_P50K = Table(
    "p50k_base.tiktoken", "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069"
)
_O200K = Table(
    "o200k_base.tiktoken", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
)
PUBLISHED = {
    "r50k_base": Table(
        "r50k_base.tiktoken", "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"
    ),
    "p50k_base": _P50K,
    "p50k_edit": _P50K,
    "cl100k_base": Table(
        "cl100k_base.tiktoken", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
    ),
    "o200k_base": _O200K,
    "o200k_harmony": _O200K,
}
"""Encodings by tiktoken's names; `gpt2` has tables of another form."""


class Encoder(Protocol):
    """What a tokenizer needs of an encoding."""

    def count(self, text: str) -> int:
        """Return how many tokens `text` is. Takes any `str`, lone surrogates included."""
        ...


class PieceEncoder:
    """Counts with an encoding, at most `piece` characters a call, so that no call is long.

    A call holds the interpreter, and text without a gap costs ten times more a character. Cuts are
    made before a single space, where every pattern of tiktoken's starts afresh, so the sum is
    exact; where 32 cuts in a row find none, the cut may cost a token.
    """

    def __init__(self, encoding: "splintr.Tokenizer", piece: int) -> None:
        self._encoding = encoding
        self._piece = piece

    def count(self, text: str) -> int:
        """Return how many tokens `text` is, special tokens counted as the text they are."""
        total = start = 0
        while len(text) - start > self._piece:
            end = _gap(text, start, start + self._piece)
            total += self._tokens(text[start:end])
            start = end
        return total + self._tokens(text[start:] if start else text)

    def _tokens(self, text: str) -> int:
        try:
            return len(self._encoding.encode_ordinary(text))
        except UnicodeEncodeError:  # lone surrogates: repaired as tiktoken's own `encode` does
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            return len(self._encoding.encode_ordinary(text))


def _gap(text: str, start: int, limit: int) -> int:
    """Find the last cut before `limit` that separates two tokens in every encoding."""
    at = limit
    for _ in range(32):
        at = text.rfind(" ", start + 1, at)
        if at < 0:
            break
        if not text[at - 1].isspace() and not text[at + 1].isspace():
            return at
    return limit


class Vocabulary:
    """The encodings this machine has, loaded when asked for and then shared by the process.

    Loading takes 0.3 to 0.6 seconds and 60 to 100 MB an encoding. Any thread may call.
    """

    def __init__(self, folder: str | None = None, *, piece: int = 8_192) -> None:
        self._folder = Path(folder) if folder else None
        self._piece = piece
        self._encoders: dict[str, Encoder] = {}

    def loaded(self, name: str) -> Encoder | None:
        """Return the encoder if it is there already: never waits."""
        return self._encoders.get(name)

    def encoder(self, name: str) -> Encoder:
        """Return the encoder, loading it first where needed. Raises `ConfigError`."""
        encoder = self._encoders.get(name)
        if encoder is None:
            encoder = PieceEncoder(_shared(self._folder, name), self._piece)
            self._encoders[name] = encoder
        return encoder

    def check(self, name: str) -> None:
        """Raise `ConfigError` where `name` could never be loaded, without loading it."""
        if name not in CARRIED:
            _locate(self._folder, name)


_SHARED: dict[tuple[Path | None, str], "splintr.Tokenizer"] = {}
_SHARED_LOCK = threading.Lock()


def _shared(folder: Path | None, name: str) -> "splintr.Tokenizer":
    """Load an encoding once a process: a reloaded configuration must not pay 100 MB again."""
    with _SHARED_LOCK:
        encoding = _SHARED.get((folder, name))
        if encoding is None:
            encoding = _build(folder, name)
            _SHARED[folder, name] = encoding
        return encoding


def _build(folder: Path | None, name: str) -> "splintr.Tokenizer":
    import splintr

    table = _carried(name) or _locate(folder, name).read_bytes()
    published = PUBLISHED.get(name)
    if published is None:
        _check(name, table)
    elif hashlib.sha256(table).hexdigest() != published.sha256:
        raise ConfigError(f"tokenizer: the table found for {name!r} is not {published.address}")
    encoding = splintr.Tokenizer.from_bytes(table, _pattern(name), {})
    encoding.encode_ordinary(_ODD)
    return encoding


def _pattern(name: str) -> str:
    """Return how an encoding splits text before merging: tiktoken's patterns in splintr's dialect.

    A table tiktoken does not know (a local model's) is cut as o200k is: close enough for budgets,
    and the only choice that is not a guess at somebody else's pattern.
    """
    import splintr

    if name == "cl100k_base":
        return splintr.CL100K_BASE_PATTERN
    if name in {"r50k_base", "p50k_base", "p50k_edit"}:
        return splintr.GPT2_PATTERN
    return splintr.O200K_BASE_PATTERN


_ODD = "\N{COMBINING ACUTE ACCENT}\N{ZERO WIDTH JOINER} \N{CJK UNIFIED IDEOGRAPH-65E5}\t1e9"
"""What its quick paths do not take: the first such text compiles a pattern, for 0.2 seconds."""


def _carried(name: str) -> bytes | None:
    """Read a table from the package itself."""
    if name not in CARRIED:
        return None
    packed = files("distillgate") / "data" / f"{PUBLISHED[name].file}.xz"
    return lzma.decompress(packed.read_bytes())


def _locate(folder: Path | None, name: str) -> Path:
    """Find a table in the configured folder, by its plain name or by tiktoken's cache name."""
    if name == "gpt2":
        raise ConfigError("tokenizer: 'gpt2' has tables of another form; 'r50k_base' is its equal")
    published = PUBLISHED.get(name)
    plain = f"{name}.tiktoken" if published is None else published.file
    if folder is not None:
        names = [plain]
        if published is not None:
            address = published.address.encode()
            names.append(hashlib.sha1(address, usedforsecurity=False).hexdigest())
        for path in (folder / each for each in names):
            if path.is_file():
                return path
    searched = "tokenizer.folder is not set" if folder is None else f"{folder} has no {plain}"
    raise ConfigError(
        f"tokenizer.encoding: no table for {name!r}. distillgate carries "
        f"{', '.join(sorted(CARRIED))}; {searched}. Nothing is ever downloaded: set "
        f"tokenizer.folder to a folder with {plain} in it (tiktoken's own cache folder will do), "
        f"or name a carried encoding{nearest(name, CARRIED) or '.'}"
    )


def _check(name: str, table: bytes) -> None:
    """Check a table: a line a token, its base64 and its rank. Raises `ConfigError`."""
    try:
        ranks = {
            binascii.a2b_base64(token): int(rank)
            for token, rank in (line.split() for line in table.splitlines() if line)
        }
    except (ValueError, binascii.Error) as error:
        raise ConfigError(f"tokenizer: the table found for {name!r} cannot be read") from error
    # A table without every byte, or with a rank twice, is trusted by encoders and fails them later.
    complete = all(bytes([byte]) in ranks for byte in range(256))
    if not complete or len(set(ranks.values())) != len(ranks):
        raise ConfigError(f"tokenizer: the table found for {name!r} is not a byte-pair encoding's")


PROBE = 512
"""Characters a probe reads. Many small probes estimate a mixed text better than few large ones;
below this the token cut at each end of a probe begins to show."""


def estimate(encoder: Encoder, texts: Sequence[str], budget: int) -> int:
    """Estimate the tokens of `texts` together from at most `budget` characters of them.

    The probes are evenly spaced over the texts laid end to end (systematic sampling), so every
    text weighs by its length. The same texts always give the same estimate.
    """
    length = sum(map(len, texts))
    probes = max(1, budget // PROBE)
    if length <= probes * PROBE:
        return sum(map(encoder.count, texts))
    stride = length / probes
    read = tokens = 0
    passed, index = 0, 0
    for probe in range(probes):
        at = int((probe + 0.5) * stride) - PROBE // 2
        while at >= passed + len(texts[index]):
            passed += len(texts[index])
            index += 1
        piece = texts[index][at - passed : at - passed + PROBE]
        read += len(piece)
        tokens += encoder.count(piece)
    return round(tokens / read * length)
