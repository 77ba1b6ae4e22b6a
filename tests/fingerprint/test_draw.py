from hypothesis import given
from hypothesis import strategies as st

from distillgate.fingerprint.draw import MOST, PIECE, pieces

ANY_BYTES = st.binary(min_size=1, max_size=2000)


def text(sentences: int) -> bytes:
    return b" ".join(b"Sentence %d tells something else." % n for n in range(sentences))


def test_a_text_is_cut_where_sentences_end() -> None:
    assert set(pieces(text(3), 1)) == {
        b"Sentence 0 tells something else.",
        b"Sentence 1 tells something else.",
        b"Sentence 2 tells something else.",
    }


def test_the_order_is_the_keys() -> None:
    one, other = list(pieces(text(50), 1)), list(pieces(text(50), 2))

    assert one != other
    assert set(one) == set(other)


def test_where_a_piece_stands_does_not_change_its_place_in_the_order() -> None:
    task = b"What does the heron eat in winter?"
    front, middle = list(pieces(task + b" " + text(60), 1)), list(pieces(text(30) + b" " + task, 1))
    ahead = set(front[: front.index(task)]) & set(middle)

    assert ahead == set(middle[: middle.index(task)])


@given(ANY_BYTES, st.integers(0, 2**64 - 1))
def test_any_bytes_are_cut_within_bounds(data: bytes, seed: int) -> None:
    found = list(pieces(data, seed))

    assert all(len(piece) <= PIECE for piece in found)
    assert all(piece in data for piece in found)


@given(st.lists(st.text("abc", min_size=1, max_size=30), min_size=2, max_size=40))
def test_lines_of_twelve_bytes_are_pieces_and_shorter_ones_are_not(lines: list[str]) -> None:
    long = {line.encode() for line in lines[:-1] if len(line) >= 11}  # their ends count
    long |= {line.encode() for line in lines[-1:] if len(line) >= 12}

    found = set(pieces("\n".join(lines).encode(), 1))

    assert found == long or not long


def test_a_text_of_nothing_but_ends_is_cut_anywhere() -> None:
    assert set(pieces(b". " * PIECE, 1)) == {(b". " * (PIECE // 2)).strip()}


def test_of_very_many_pieces_a_bounded_number_is_looked_at() -> None:
    assert len(list(pieces(text(20_000), 1))) == MOST
