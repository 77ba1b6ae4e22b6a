import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.wire.event_frames import NAME_LIMIT
from distillgate.wire.oversize import Oversize

LINES = [
    (b"event: a\ndata: 1\ndata:2\n\n", b"a", b"1\n2"),
    (b"data: 1\r\n: note\r\nevent: a\r\nevent: b\r\n\r\n", b"b", b"1"),
    (b"event: a\n" + b"event: " + b"x" * (NAME_LIMIT + 1) + b"\ndata\n\n", b"a", b""),
    (b"x" * 5000 + b"\ndataset: 1\n\n", b"", None),
    (b'data: {"usage": 7, "list": [1,\ndata: 2], "long": "%s"}\n\n' % (b"x" * 600), b"",
     b'{"usage": 7, "list": [], "long": ""}'),
]  # fmt: skip


@pytest.mark.parametrize(("stream", "name", "data"), LINES)
@given(st.lists(st.integers(0, 9999), max_size=8))
def test_in_any_pieces_an_event_has_its_name_and_its_data(
    stream: bytes, name: bytes, data: bytes | None, cuts: list[int]
) -> None:
    edges = sorted({0, len(stream), *(cut % len(stream) for cut in cuts)})
    kept = Oversize(500)
    for start, end in itertools.pairwise(edges):
        kept.feed(stream[start:end])

    assert kept.event() == (name, data)
