"""A file from its end: the same lines as from its begin, wherever blocks meet."""

from __future__ import annotations

import io

import pytest

from distillgate.governance.backwards import backwards


@pytest.mark.parametrize("last", [b"\n", b""])
@pytest.mark.parametrize(
    "sizes", [[], [0, 1, 0], [65_535], [65_536, 65_537], [7] * 20_000, [200_000, 3]]
)
def test_it_has_the_lines_of_the_file_each_with_its_place(sizes: list[int], last: bytes) -> None:
    whole = b"\n".join(b"x" * size for size in sizes) + last

    found = list(backwards(io.BytesIO(whole), len(whole)))

    assert [text for _, text in found] == [b"x" * size for size in reversed(sizes) if size]
    assert [whole[at : at + len(text)] for at, text in found] == [text for _, text in found]
