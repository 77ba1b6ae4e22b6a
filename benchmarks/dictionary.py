"""A dictionary attack on a report: what can be read of it by who has all the texts, and no key?

    python -m benchmarks.dictionary BUNDLE CORPUS...

A corpus is a traffic log or plain text, a line each, or those packed (`.gz`). Every account,
address, network, text and line is tried as it stands and under each common hash, keyed with
nothing, by every seed that is small.
"""

import gzip
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import orjson
import xxhash

from distillgate.fingerprint.segments import SegmentSettings, cut
from distillgate.intel.community import Key

SEEDS = 8
"""Seeds that somebody may forget to draw."""
_LEAST = 8
"""Characters from which a text found in a report is no accident."""
_HASHES: tuple[Callable[[bytes], str], ...] = (
    lambda content: hashlib.md5(content).hexdigest(),
    lambda content: hashlib.sha1(content).hexdigest(),
    lambda content: hashlib.sha256(content).hexdigest(),
    lambda content: hashlib.blake2b(content).hexdigest(),
    lambda content: hashlib.blake2b(content, digest_size=16).hexdigest(),
    xxhash.xxh3_128_hexdigest,
)


def guesses(corpus: bytes) -> Iterator[str]:
    """Return every text and name of a corpus, each once."""
    known = set[str]()
    for line in corpus.splitlines():
        for text in _strings(line):
            for guess in (text, *text.split("\n")):
                if guess and guess not in known:
                    known.add(guess)
                    yield guess


def attack(report: str, tried: Iterable[str], key: Key | None = None) -> list[str]:
    """Return the guesses that a report was found to hold. `key` is what an insider has."""
    found, text = [], report.lower()
    words = set(text.replace('"', " ").replace("'", " ").replace(",", " ").split())
    for guess in tried:
        words_of = guess.strip().lower()  # lines of brackets alone are JSON's own
        plain = len(words_of) >= _LEAST and " " in words_of and words_of in text
        if plain or not words.isdisjoint(_forms(guess, key)):
            found.append(guess)
    return found


def _forms(guess: str, key: Key | None) -> Iterator[str]:
    raw = guess.encode("utf-8", "surrogatepass")
    for content in {raw, raw.lower(), raw.strip()}:
        for form in (hashed(content) for hashed in _HASHES):
            yield from (form, form[:16], form[:32])
    for seed in range(SEEDS) if key is None else (key.seed,):
        for value in cut(guess, SegmentSettings(), seed).hashes:
            number = value.to_bytes(8, "big")
            yield from (f"{value:016x}", str(value))
            yield from (hashed(number)[:32] for hashed in _HASHES)
            if key is not None:
                yield key.digest("segment", number)
    if key is not None:
        yield from (key.digest("account", raw), key.digest("network", raw))


def _strings(line: bytes) -> Iterator[str]:
    try:
        read = orjson.loads(line)
    except orjson.JSONDecodeError:
        yield line.decode("utf-8", "replace").strip()
        return
    waiting: list[Any] = [read]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
            yield from _networks(value)
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _networks(value: str) -> Iterator[str]:
    try:
        found = ip_address(value)
    except ValueError:
        return
    yield str(ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))


def main(bundle: str, *corpora: str) -> None:
    """Attack a report with everything, and print what came of it."""
    report, tried, found = Path(bundle).read_text(), 0, 0
    for path in corpora:
        raw = Path(path).read_bytes()
        known = list(guesses(gzip.decompress(raw) if path.endswith(".gz") else raw))
        tried += len(known)
        found += len(attack(report, known))
    print(f"{tried:,} guesses, {found:,} found")
    raise SystemExit(found > 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
