from distillgate.fingerprint.thread import Thread, thread
from distillgate.wire.message import Message

LONG = "The river rose by two metres in the night because the dam upstream was opened."


def follow(*texts: str) -> Thread:
    roles = ("user", "assistant")
    return thread([Message(roles[i % 2], text) for i, text in enumerate(texts)], 1)


def test_a_request_knows_the_one_before_it() -> None:
    assert follow("a", LONG, "b", LONG, "c").before == follow("a", LONG, "b").now


def test_the_newest_answers_are_a_run() -> None:
    turns = [Message("user", "a"), *[Message("assistant", t) for t in "bc"], Message("user", "d")]
    found = thread(turns, 1)

    assert (found.start, found.end) == (1, 3)


def test_instructions_in_the_midst_change_nothing() -> None:
    turns = [Message("user", LONG), Message("system", "x"), Message("user", "b")]

    assert thread(turns, 1).now == thread([turns[0], turns[2]], 1).now


def test_a_greeting_tells_nothing() -> None:
    assert not follow("hello").telling
    assert follow(LONG).telling
