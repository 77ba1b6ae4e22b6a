"""Makes an audit log tamper-evident: each line has a keyed hash of itself and of the one before.

Each process writes a chain of its own into the file, and each chain begins with the hash that stood
last in the file: taking out, changing or swapping lines shows, and so does taking out a chain. What
a cut at the very end takes with it does not: keep the newest hash elsewhere for that.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Iterable, Iterator

_SIZE = 16
_PERSON = b"distillgate log"
_SEALED = re.compile(
    rb'^(\{.*"chain":"([0-9a-f]{12})","number":(\d+),"before":"([0-9a-f]*)")'
    rb',"hash":"([0-9a-f]{32})"\}$'
)
_DROPPED = re.compile(rb'\{"event":"dropped","lines":\d+\}')
"""The one line without a hash, to the letter: what else it said would be anybody's word."""


class Chain:
    """Seals one process's lines."""

    def __init__(self, key: bytes, before: str = "") -> None:
        self._key = key
        self._before = before
        self._name = os.urandom(6).hex()
        self._number = 0

    def seal(self, line: bytes) -> bytes:
        """Return a line, a JSON object, with its place in the chain and its hash."""
        place = f',"chain":"{self._name}","number":{self._number},"before":"{self._before}"'
        told = line[:-1] + place.encode()
        self._before = seal = _hash(self._key, told)
        self._number += 1
        return told + f',"hash":"{seal}"}}'.encode()


def last_hash(lines: Iterable[bytes]) -> str:
    """Return the newest hash of lines that begin with the newest; empty where there is none."""
    sealed = (_SEALED.match(line.rstrip(b"\n")) for line in lines)
    return next((found[5].decode() for found in sealed if found is not None), "")


def verify(lines: Iterable[bytes], key: bytes) -> Iterator[tuple[int, str]]:
    """Return what is wrong with a file's lines, by their numbers from 1; nothing where all hold."""
    ends: dict[bytes, tuple[int, str]] = {}
    seen = {""}
    for at, line in enumerate(lines, 1):
        text = line.rstrip(b"\n")
        sealed = _SEALED.match(text)
        if sealed is None:
            if not _DROPPED.fullmatch(text):
                yield at, "has no hash"
            continue
        told, chain, before, seal = sealed[1], sealed[2], sealed[4].decode(), sealed[5].decode()
        number = int(sealed[3])
        if not hmac.compare_digest(_hash(key, told), seal):
            yield at, "was changed, or was written under another key"
        expected, last = ends.get(chain, (0, before))
        if number != expected:
            rotated = "" if chain in ends else "; after a rotation they end the file before"
            yield at, f"{abs(number - expected)} lines of its chain are missing before it{rotated}"
        elif before != last or before not in seen:
            yield at, "does not follow the line that it names"
        ends[chain] = number + 1, seal
        seen.add(seal)


def _hash(key: bytes, told: bytes) -> str:
    return hashlib.blake2b(told, key=key[:64], digest_size=_SIZE, person=_PERSON).hexdigest()
