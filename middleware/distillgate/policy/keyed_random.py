"""Keyed draws: chance that a replay repeats, and that nobody without the key can foresee."""

import hashlib


class KeyedRandom:
    """Draws shares of one from what is named; the same name always gives the same share."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.blake2b(secret, digest_size=32, person=b"dg-draw").digest()

    def share(self, *of: object) -> float:
        """Draw from [0, 1), evenly, by what is named.

        Names may hold what clients write (a request's reference): without the key they cannot
        choose one that draws well.
        """
        named = "\0".join(map(str, of)).encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(named, key=self._key, digest_size=8).digest()
        # 53 bits: as a float, the largest share would otherwise round up to one.
        return (int.from_bytes(digest) >> 11) / 2**53
