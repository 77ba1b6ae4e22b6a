"""Counting requests: exact where it can be, bounded where it must be, remembered always."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS, EMBEDDINGS
from distillgate.errors import ConfigError
from distillgate.tokenizer import Tokenizer, TokenizerSettings
from distillgate.tokenizer.count import FRAME, PRIMING, RUN, Bounds
from distillgate.tokenizer.vocabulary import Encoder, Vocabulary
from distillgate.wire.operation import Operation
from distillgate.wire.request import Message, Parameters, Request


class Counting(Vocabulary):
    """The real vocabulary, with every encoded text written down."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def encoder(self, name: str) -> Encoder:
        return Watched(super().encoder(name), self.seen)

    def loaded(self, name: str) -> Encoder | None:
        encoder = super().loaded(name)
        return encoder and Watched(encoder, self.seen)

    def take(self) -> list[str]:
        """The texts encoded since the last call."""
        seen, self.seen[:] = list(self.seen), []
        return seen


class Watched:
    def __init__(self, encoder: Encoder, seen: list[str]) -> None:
        self.encoder, self.seen = encoder, seen

    def count(self, text: str) -> int:
        self.seen.append(text)
        return self.encoder.count(text)


@pytest.fixture
def watched() -> Counting:
    return Counting()


@pytest.fixture
def tokenizer(watched: Counting) -> Tokenizer:
    return Tokenizer(TokenizerSettings(), watched)


def request(
    *texts: str,
    model: str = "m-large",
    operation: Operation = CHAT,
    tools: Sequence[object] = (),
) -> Request:
    messages = [Message("user", text) for text in texts]
    return Request(operation, model, messages, Parameters(), tools=tools)


def words(count: int, start: int = 0) -> str:
    """Ordinary text of which every part differs."""
    return " ".join(f"word{number} of" for number in range(start, start + count))


def test_a_conversation_counts_its_text_and_its_frame(
    tokenizer: Tokenizer, watched: Counting
) -> None:
    whole = watched.encoder("o200k_base")
    texts = ["You are helpful.", "Hi!", words(300)]

    expected = sum(map(whole.count, texts)) + 3 * FRAME + PRIMING
    assert tokenizer.count(request(*texts)) == expected


@pytest.mark.parametrize("operation", [COMPLETIONS, EMBEDDINGS])
def test_plain_inputs_have_no_frame(tokenizer: Tokenizer, operation: Operation) -> None:
    assert tokenizer.count(request("hello world", operation=operation)) == 2


def test_an_empty_request_is_its_frame(tokenizer: Tokenizer, watched: Counting) -> None:
    assert tokenizer.count(request()) == PRIMING
    assert tokenizer.count(request("", "")) == PRIMING + 2 * FRAME
    assert watched.take() == []


def test_history_is_encoded_once(tokenizer: Tokenizer, watched: Counting) -> None:
    turns = [words(100, start) for start in range(0, 2000, 100)]
    for end in range(1, len(turns) + 1):
        tokenizer.count(request(*turns[:end]))

    assert watched.take() == turns


def test_what_is_remembered_is_remembered_an_encoding(tokenizer: Tokenizer) -> None:
    tokenizer._vocabulary.encoder("cl100k_base")
    text = "Привет, мир"

    assert tokenizer.count(request(text, model="gpt-4o")) == 4 + FRAME + PRIMING
    assert tokenizer.count(request(text, model="gpt-4")) == 6 + FRAME + PRIMING


def test_the_memory_is_bounded(watched: Counting) -> None:
    tokenizer = Tokenizer(TokenizerSettings(), watched, Bounds(entries=10))
    for number in range(100):
        tokenizer.count(request(f"text {number}"))

    watched.take()
    tokenizer.count(request(*[f"text {number}" for number in range(90, 100)]))
    assert watched.take() == []
    tokenizer.count(request("text 1"))
    assert watched.take() == ["text 1"]


def test_tools_count_once_by_content(tokenizer: Tokenizer, watched: Counting) -> None:
    def tools() -> list[object]:
        return [{"type": "function", "function": {"name": "look_up", "parameters": {}}}]

    without = tokenizer.count(request("hi"))
    first = tokenizer.count(request("hi", tools=tools()))
    watched.take()

    assert first > without + 5
    assert tokenizer.count(request("hi", tools=tools())) == first
    assert watched.take() == []


def deep(levels: int) -> list[object]:
    value: list[object] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "tools", [[{"name": "\ud800"}], [2**70], [object()], [deep(100_000)]], ids=lambda _: ""
)
def test_tools_that_are_hardly_json_do_not_raise(
    tokenizer: Tokenizer, tools: Sequence[object]
) -> None:
    assert tokenizer.count(request("hi", tools=tools)) >= tokenizer.count(request("hi"))


def test_short_new_text_is_exact_at_once(tokenizer: Tokenizer) -> None:
    asked = request(words(1000))

    tokenizer.count(asked)
    assert not tokenizer.pending(asked)


@pytest.mark.parametrize(
    "texts",
    [
        [words(60_000)],
        [words(30) for _ in range(1)] + [words(300, start) for start in range(0, 60_000, 300)],
        [" " * 10_000_000],
        ["\ud800" * 1_000_000],
        ["日本語の文章です。" * 50_000],
        ["x" * 1_100_000, " " * 1_100_000, words(9)],
        [f"turn {number}" for number in range(100_000)],
    ],
    ids=["one", "many", "spaces", "surrogates", "wide", "mixed", "turns"],
)
def test_the_event_loop_never_encodes_more_than_the_bound(
    tokenizer: Tokenizer, watched: Counting, texts: list[str]
) -> None:
    asked = request(*texts)

    estimated = tokenizer.count(asked)
    encoded = watched.take()

    assert sum(len(text.encode("utf-8", "surrogatepass")) for text in encoded) <= 24_576 + 2048
    assert tokenizer.pending(asked)
    assert estimated > len(texts) * FRAME


def test_what_was_estimated_is_finished_and_then_known(
    tokenizer: Tokenizer, watched: Counting
) -> None:
    texts = ["short", words(20_000), words(20_000, 50_000)]
    asked = request(*texts)
    estimated = tokenizer.count(asked)
    exact = sum(watched.encoder("o200k_base").count(text) for text in texts) + 3 * FRAME + PRIMING

    with ThreadPoolExecutor(1) as worker:
        assert worker.submit(tokenizer.finish, asked).result() == exact
    assert abs(estimated - exact) < exact / 20
    assert not tokenizer.pending(asked)
    watched.take()
    assert tokenizer.count(request(*texts, "more")) > exact
    assert watched.take() == ["more"]


def test_a_request_that_does_not_wait_is_finished_afresh(tokenizer: Tokenizer) -> None:
    asked = request("hello world", words(20))

    assert tokenizer.finish(asked) == tokenizer.count(asked)
    assert not tokenizer.pending(asked)


def test_a_replay_counts_exactly_and_remembers(tokenizer: Tokenizer, watched: Counting) -> None:
    text = words(40_000)

    first = tokenizer.exact(request(text))
    watched.take()
    assert tokenizer.exact(request(text)) == first
    assert watched.take() == []
    assert first == watched.encoder("o200k_base").count(text) + FRAME + PRIMING


def test_pending_is_about_this_very_request(tokenizer: Tokenizer) -> None:
    tokenizer.count(request(words(40_000)))

    assert not tokenizer.pending(request(words(40_000)))


def test_texts_that_wait_are_bounded(watched: Counting) -> None:
    tokenizer = Tokenizer(TokenizerSettings(), watched, Bounds(waiting_bytes=1_000_000))
    asked = [request(words(40_000, start)) for start in range(0, 400_000, 40_000)]
    for each in asked:
        tokenizer.count(each)

    waiting = [tokenizer.pending(each) for each in asked]
    assert waiting == sorted(waiting)
    assert 0 < sum(waiting) < 3


def test_the_same_request_counted_twice_waits_once(watched: Counting) -> None:
    tokenizer = Tokenizer(TokenizerSettings(), watched, Bounds(waiting_bytes=1_000_000))
    asked = request(words(40_000))
    for _ in range(10):
        tokenizer.count(asked)

    assert tokenizer.pending(asked)


def test_off_the_loop_there_is_a_bound_too(watched: Counting) -> None:
    tokenizer = Tokenizer(TokenizerSettings(), watched, Bounds(exact_bytes=100_000))
    asked = request(words(4000), words(60_000))
    tokenizer.count(asked)
    watched.take()

    tokenizer.finish(asked)
    assert sum(map(len, watched.take())) <= 100_000
    tokenizer.count(asked)
    assert tokenizer.pending(asked)


def test_long_conversations_are_cheap_to_look_up(tokenizer: Tokenizer) -> None:
    turns = [f"turn {number}" for number in range(10 * RUN + 5)]
    asked = request(*turns)

    first = tokenizer.exact(asked)
    assert len(tokenizer._counts) <= 10 + RUN
    assert tokenizer.count(request(*turns)) == first


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4", "cl100k_base"),
        ("gpt-4-0613", "cl100k_base"),
        ("gpt-4o-mini", "o200k_base"),
        ("openai/gpt-3.5-turbo", "cl100k_base"),
        ("text-embedding-3-small", "cl100k_base"),
        ("m-large", "o200k_base"),
        ("", "o200k_base"),
        ("gpt-4" * 1_000_000, "o200k_base"),
    ],
)
def test_a_model_has_an_encoding(tokenizer: Tokenizer, model: str, encoding: str) -> None:
    assert tokenizer.encoding(model) == encoding


def test_another_encoding_is_loaded_off_the_loop(tokenizer: Tokenizer, watched: Counting) -> None:
    """The first request for it is estimated with the default one; none waits for a table."""
    tokenizer.warm()
    asked = request("Привет, мир", model="gpt-4")

    assert tokenizer.count(asked) == 4 + FRAME + PRIMING
    assert tokenizer.pending(asked)
    assert Vocabulary.loaded(watched, "cl100k_base") is None
    assert tokenizer.finish(asked) == 6 + FRAME + PRIMING
    assert tokenizer.count(asked) == 6 + FRAME + PRIMING
    assert not tokenizer.pending(asked)


@pytest.mark.parametrize(
    "chosen", [{"encoding": "o900k_base"}, {"models": {"local-": "missing"}}], ids=lambda _: ""
)
def test_an_encoding_this_machine_does_not_have_is_said_at_the_start(
    chosen: dict[str, Any],
) -> None:
    with pytest.raises(ConfigError, match="no table for"):
        Tokenizer(TokenizerSettings(**chosen))
