from pathlib import Path

import pytest
from tools.fuzz_targets import KEPT, TARGETS

FOUND = sorted(path for path in KEPT.glob("*/*") if path.is_file())


def test_each_target_has_something_to_begin_with() -> None:
    assert {path.parent.name for path in FOUND} == set(TARGETS)


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_that_a_fuzzer_found_fails_again(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())
