import math
import sys

import numpy as np
import pytest
from tests.observing import READER

from distillgate.account.probing import Probing
from distillgate.fingerprint.parameters import Probe


def walk(first: int, count: int) -> Probing:
    """Bias consecutive token ids, twenty a request."""
    found = Probing.none()
    for start in range(first, first + count, 20):
        ids = range(start, min(start + 20, first + count))
        found = found.add(Probe(tuple(READER.hash(str(i)) for i in ids), single_token=True))
    return found


def test_the_same_tokens_again_are_counted_once() -> None:
    found = Probing.none()
    for i in range(30):
        found = found.add(Probe((11 << 50, 12), single_token=i % 2 == 0))

    assert (found.requests, found.single_tokens, found.biased) == (30, 15, 60)
    assert round(found.tokens) == 2


@pytest.mark.parametrize("count", [24, 48, 320, 1000, 20_000])
def test_different_tokens_are_counted_with_the_error_stated(count: int) -> None:
    errors = [walk(40_000 * seed, count).tokens / count - 1 for seed in range(12)]

    stated = 1.04 / math.sqrt(128)
    assert float(np.std(errors)) < 1.5 * stated
    assert max(map(abs, errors)) < 4 * stated


def test_it_is_no_larger_for_any_number_of_tokens() -> None:
    assert sys.getsizeof(walk(0, 20_000)) == sys.getsizeof(Probing.none()) < 200
