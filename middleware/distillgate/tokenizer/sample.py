"""How many tokens a long text is, told from a part of it."""

from collections.abc import Sequence

from distillgate.tokenizer.vocabulary import Encoder

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
