"""The tables: the right ones, from this machine only, or an error that helps."""

import base64
import hashlib
import lzma
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from types import FunctionType

import pytest
import tiktoken
import tiktoken_ext.openai_public as published  # type: ignore[import-untyped]  # ships no types
from hypothesis import given, settings
from hypothesis import strategies as st

from distillgate.errors import ConfigError
from distillgate.tokenizer.vocabulary import PROBE, PUBLISHED, PieceEncoder, Vocabulary, estimate

TEXTS = [
    "",
    "hello world",
    "It's 12345 o'clock; they're HERE!\r\n\n\tand `code(x[0])` too   ",
    "<|endoftext|> and <|fim_prefix|> are text like any other",
    "Füße, naïve, Ελλάδα, русский, 日本語の文章です。한국어 문장",
    "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301\u200b\ufeff\x00\x1f\u2028\u0085",
    'def f(x):\n    return {"a": [1, 2, 3], **x}\n' * 40,
]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary()


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tiktoken.Encoding]]:
    """tiktoken itself, fed through its own documented cache folder, checking its own hashes."""
    folder = tmp_path_factory.mktemp("cache")
    for name in ("o200k_base", "cl100k_base"):
        packed = files("distillgate") / "data" / f"{name}.tiktoken.xz"
        url = f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"
        (folder / hashlib.sha1(url.encode()).hexdigest()).write_bytes(
            lzma.decompress(packed.read_bytes())
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        yield {name: tiktoken.get_encoding(name) for name in ("o200k_base", "cl100k_base")}


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
def test_counts_are_tiktokens_own(
    vocabulary: Vocabulary, oracle: dict[str, tiktoken.Encoding], name: str
) -> None:
    encoder = vocabulary.encoder(name)

    for text in TEXTS:
        assert encoder.count(text) == len(oracle[name].encode(text, disallowed_special=()))


def test_the_two_carried_encodings_are_different_ones(vocabulary: Vocabulary) -> None:
    text = "Привет, мир"

    assert vocabulary.encoder("o200k_base").count(text) == 4
    assert vocabulary.encoder("cl100k_base").count(text) == 6


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\ud83d\ude00", "x" * 50 + "\udcff" * 50])
def test_lone_surrogates_are_counted_as_tiktoken_repairs_them(
    vocabulary: Vocabulary, oracle: dict[str, tiktoken.Encoding], text: str
) -> None:
    expected = len(oracle["o200k_base"].encode_ordinary(text))

    assert vocabulary.encoder("o200k_base").count(text) == expected


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
@settings(max_examples=60)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=60))
def test_cutting_long_text_does_not_change_its_count(
    oracle: dict[str, tiktoken.Encoding], name: str, words: list[str]
) -> None:
    """Wherever a window holds a single space between two words, whatever the words are."""
    text = " ".join(f"{word}." for word in words)
    whole = len(oracle[name].encode(text, disallowed_special=()))

    assert Vocabulary(piece=64).encoder(name).count(text) == whole


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
@settings(max_examples=300)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_text_is_counted_as_tiktoken_counts_it(
    vocabulary: Vocabulary, oracle: dict[str, tiktoken.Encoding], name: str, text: str
) -> None:
    """Another program encodes here; budgets and logs speak of tiktoken's tokens."""
    expected = len(oracle[name].encode(text, disallowed_special=()))

    assert vocabulary.encoder(name).count(text) == expected


def test_more_spaces_than_tiktoken_survives_are_counted(vocabulary: Vocabulary) -> None:
    encoder = vocabulary.encoder("o200k_base")

    assert 0 < encoder.count(" " * 1_100_000) < 1_100_000


def test_an_encoding_is_loaded_once_a_process(oracle: dict[str, tiktoken.Encoding]) -> None:
    one, other = Vocabulary(piece=64), Vocabulary(piece=128)

    assert one.loaded("o200k_base") is None
    first, second = one.encoder("o200k_base"), other.encoder("o200k_base")
    assert isinstance(first, PieceEncoder)
    assert isinstance(second, PieceEncoder)
    assert first is not second
    assert first._encoding is second._encoding
    assert one.loaded("o200k_base") is first


def test_a_missing_table_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"tokenizer.encoding: no table for 'p50k_base'.*not set.*set tokeniz"
    ):
        Vocabulary().check("p50k_base")
    with pytest.raises(ConfigError, match=r"has no p50k_base\.tiktoken"):
        Vocabulary(str(tmp_path)).encoder("p50k_base")
    with pytest.raises(ConfigError, match="'r50k_base' is its equal"):
        Vocabulary(str(tmp_path)).check("gpt2")


def table(*merges: bytes) -> bytes:
    """A table in tiktoken's form: every byte, then the merges."""
    tokens = [bytes([byte]) for byte in range(256)] + list(merges)
    return b"\n".join(b"%s %d" % (base64.b64encode(t), rank) for rank, t in enumerate(tokens))


def test_a_folder_supplies_a_table_tiktoken_does_not_know(tmp_path: Path) -> None:
    (tmp_path / "local.tiktoken").write_bytes(table(b"he", b"hel", b"llo", b"lo"))
    vocabulary = Vocabulary(str(tmp_path))

    vocabulary.check("local")
    assert vocabulary.encoder("local").count("hello") == 2
    assert vocabulary.encoder("local").count("xyz") == 3


def test_a_folders_table_must_be_the_one_tiktoken_expects(tmp_path: Path) -> None:
    (tmp_path / "p50k_base.tiktoken").write_bytes(table())

    with pytest.raises(ConfigError, match="'p50k_base' is not https://"):
        Vocabulary(str(tmp_path)).encoder("p50k_base")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a table at all", "cannot be read"),
        (b"YQ== 0", "not a byte-pair encoding"),
        (table() + b"\nYWE= 3", "not a byte-pair encoding"),
    ],
    ids=["garbage", "bytes missing", "a rank twice"],
)
def test_a_broken_table_is_an_error_and_not_a_panic(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "local.tiktoken").write_bytes(content)

    with pytest.raises(ConfigError, match=message):
        Vocabulary(str(tmp_path)).encoder("local")


def test_tiktokens_cache_folder_will_do(tmp_path: Path) -> None:
    address = PUBLISHED["p50k_base"].address
    (tmp_path / hashlib.sha1(address.encode()).hexdigest()).write_bytes(b"")

    Vocabulary(str(tmp_path)).check("p50k_base")


def test_the_tables_are_those_that_tiktoken_publishes() -> None:
    """A new tiktoken with another encoding, address or hash fails here."""
    asked = list[tuple[str, str]]()

    def load(url: str, expected_hash: str) -> dict[bytes, int]:
        asked.append((url, expected_hash))
        return {}

    namespace = {**vars(published), "load_tiktoken_bpe": load}
    names = sorted(set(published.ENCODING_CONSTRUCTORS) - {"gpt2"})
    for constructor in published.ENCODING_CONSTRUCTORS.values():
        namespace[constructor.__name__] = FunctionType(constructor.__code__, namespace)
    for name in names:
        namespace[name]()

    assert names == sorted(PUBLISHED)
    assert asked == [(PUBLISHED[name].address, PUBLISHED[name].sha256) for name in names]


def test_nothing_touches_the_network(tmp_path: Path) -> None:
    script = """
import socket
def refuse(*_, **__): raise AssertionError("network")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
from distillgate.tokenizer.vocabulary import Vocabulary
vocabulary = Vocabulary()
print([vocabulary.encoder(name).count("hello world") for name in ("o200k_base", "cl100k_base")])
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": "", "TIKTOKEN_CACHE_DIR": str(tmp_path), "PYTHONPATH": source_root()},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout.strip(), done.stderr) == ("[2, 2]", "")
    assert list(tmp_path.iterdir()) == []


def source_root() -> str:
    with_package = Path(str(files("distillgate"))).parent
    return str(with_package)


class Characters:
    """An encoder of four characters a token that remembers what it was shown."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def count(self, text: str) -> int:
        self.seen.append(text)
        return -(-len(text) // 4)


def test_a_text_within_the_budget_is_counted_whole() -> None:
    encoder = Characters()

    assert estimate(encoder, ["a" * 700, "b" * 300], 1024) == 175 + 75
    assert encoder.seen == ["a" * 700, "b" * 300]


def test_no_more_than_the_budget_is_read() -> None:
    encoder = Characters()

    assert estimate(encoder, ["a" * 1_000_000], 8192) == 250_000
    assert sum(map(len, encoder.seen)) == 8192


def test_the_probes_are_spread_over_all_texts_by_their_length() -> None:
    encoder = Characters()
    texts = ["a" * 40_000, "b" * 40_000, "c" * 120_000]

    estimate(encoder, texts, 10 * PROBE)

    assert [piece[0] for piece in encoder.seen] == list("aabbcccccc")


def test_a_budget_below_one_probe_still_reads_one() -> None:
    encoder = Characters()

    assert estimate(encoder, ["a" * 10_000], 1) == 2500
    assert len(encoder.seen) == 1


def test_short_texts_between_long_ones_do_not_upset_the_walk() -> None:
    encoder = Characters()
    texts = ["a" * 5000, *["b"] * 3000, "c" * 5000, "d"]

    assert abs(estimate(encoder, texts, 4 * PROBE) - 13_001 / 4) < 500
