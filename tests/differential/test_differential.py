"""The same bytes to the sidecar and to the upstream alone: nothing is taken that was not judged.

`make differential` tries 10,000 examples an upstream; DIFFERENTIAL_EXAMPLES and DIFFERENTIAL_SEED
choose how many, and others.
"""

import os
from pathlib import Path

import pytest
from tests.differential.search import search
from tests.differential.servers import MISSING, UPSTREAMS, available, pair

EXAMPLES = int(os.environ.get("DIFFERENTIAL_EXAMPLES", "200"))
SEED = int(os.environ.get("DIFFERENTIAL_SEED", "0"))


@pytest.mark.timeout(300 + EXAMPLES)
@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_what_an_upstream_takes_for_a_call_was_judged_as_that_call(
    upstream: str, tmp_path: Path
) -> None:
    if not available(upstream):
        pytest.skip(MISSING[upstream])
    with pair(upstream, tmp_path) as served:
        found = [one.told(upstream) for one in search(served, EXAMPLES, SEED)]
    if found:
        pytest.fail("\n\n".join(found), pytrace=False)
