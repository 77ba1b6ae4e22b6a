"""Whatever is done to an audit log's lines shows, but for a cut at its very end."""

import orjson
import pytest

from distillgate.governance.chain import Chain, last_hash, verify

KEY = b"a secret"


def written(*chains: Chain, each: int = 3) -> list[bytes]:
    """Write lines of several processes, in turn."""
    lines = []
    for number in range(each):
        for which, chain in enumerate(chains):
            text = orjson.dumps({"event": "acted", "by": str(which), "number_": number})
            lines.append(chain.seal(text) + b"\n")
    return lines


def restarted() -> list[bytes]:
    """Write three lines, and three more after a restart."""
    lines = written(Chain(KEY))
    return [*lines, *written(Chain(KEY, last_hash(reversed(lines))))]


def wrong(lines: list[bytes], key: bytes = KEY) -> list[int]:
    return [at for at, _ in verify(lines, key)]


def test_what_was_written_holds_over_restarts_and_workers() -> None:
    assert wrong(restarted()) == []
    assert wrong(written(Chain(KEY), Chain(KEY))) == []
    assert orjson.loads(restarted()[4])["event"] == "acted"


@pytest.mark.parametrize("at", range(6))
def test_a_changed_line_shows(at: int) -> None:
    lines = restarted()
    lines[at] = lines[at].replace(b'"by":"0"', b'"by":"9"')

    assert wrong(lines) == [at + 1]


@pytest.mark.parametrize("at", range(5))
def test_a_line_that_was_taken_out_shows(at: int) -> None:
    lines = restarted()
    del lines[at]

    assert at + 1 in wrong(lines)


def test_a_chain_that_was_taken_out_shows() -> None:
    assert wrong(restarted()[3:]) == [1]


def test_lines_that_were_swapped_show() -> None:
    lines = restarted()
    lines[1], lines[2] = lines[2], lines[1]

    assert wrong(lines)


def test_a_line_that_was_added_shows_and_a_gap_of_a_slow_disk_is_no_forgery() -> None:
    lines = restarted()

    assert wrong([*lines, b'{"event":"resumed","by":"anna"}\n']) == [7]
    assert wrong([*lines, b'{"event":"dropped","lines":3}\n']) == []
    for more in (b'"by":"anna"', b'"event":"pardoned","by":"anna","account":"a"'):
        assert wrong([*lines, b'{"event":"dropped","lines":3,' + more + b"}\n"]) == [len(lines) + 1]


def test_a_file_that_was_rotated_says_where_its_beginning_is() -> None:
    [(at, why)] = verify(written(Chain(KEY))[2:], KEY)
    assert at == 1
    assert why == (
        "2 lines of its chain are missing before it; after a rotation they end the file before"
    )


def test_another_key_shows_in_every_line() -> None:
    assert wrong(restarted(), b"another") == [1, 2, 3, 4, 5, 6]
