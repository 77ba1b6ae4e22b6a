"""What an account's requests read of token probabilities, and how many tokens they bias.

Different tokens are counted by HyperLogLog (Flajolet, Fusy, Gandouet and Meunier 2007): each of 128
registers keeps the longest run of leading zeros among the hashes that fell to it, in four bits,
which do for two million tokens. The relative error is 1.04 / sqrt(128) = 0.09, and less below a few
hundred, where empty registers are counted instead (linear counting, Whang et al. 1990).
"""

import math
import struct

from distillgate.fingerprint.parameters import Probe

_HEAD = struct.Struct("<3I")
_REGISTERS = 128
_DIGITS = b"0123456789abcdef"
"""A register is a digit: they order as what they stand for."""
_MOST = 2**32 - 1
_ALPHA = 0.7213 / (1 + 1.079 / _REGISTERS)


class Probing(bytes):
    """Requests that read token probabilities or bias tokens: 76 bytes, and few accounts have any.

    A value: adding gives another, and the collector has nothing to follow.
    """

    __slots__ = ()

    @classmethod
    def none(cls) -> "Probing":
        """Return the memory of an account that sent no such request yet."""
        return cls(_HEAD.size + _REGISTERS // 2)

    @classmethod
    def of(cls, data: bytes) -> "Probing":
        """Read what was written; begin anew where another version wrote it."""
        return cls(data) if len(data) == len(cls.none()) else cls.none()

    @property
    def requests(self) -> int:
        """How many there were."""
        return self._counts[0]

    @property
    def single_tokens(self) -> int:
        """Of them, requests for a single token."""
        return self._counts[1]

    @property
    def biased(self) -> int:
        """How many tokens were biased, each as often as it was."""
        return self._counts[2]

    @property
    def tokens(self) -> float:
        """How many different tokens were biased, about."""
        registers = self[_HEAD.size :].hex()
        harmonic = sum(2.0 ** -int(longest, 16) for longest in registers)
        estimate = _ALPHA * _REGISTERS**2 / harmonic
        empty = registers.count("0")
        if estimate <= 2.5 * _REGISTERS and empty:
            return _REGISTERS * math.log(_REGISTERS / empty)
        return estimate

    def add(self, probe: Probe) -> "Probing":
        """Count one request."""
        requests, single, biased = self._counts
        registers = bytearray(self[_HEAD.size :].hex(), "ascii")
        for token in probe.tokens:
            at, longest = token % _REGISTERS, 65 - (token | _REGISTERS - 1).bit_length()
            registers[at] = max(registers[at], _DIGITS[min(longest, 15)])
        counts = (requests + 1, single + probe.single_token, biased + len(probe.tokens))
        head = _HEAD.pack(*(min(_MOST, count) for count in counts))
        return Probing(head + bytes.fromhex(registers.decode()))

    @property
    def _counts(self) -> tuple[int, int, int]:
        return _HEAD.unpack_from(self)
