from typing import Any

from distillgate.dialects.chat import CHAT
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.fingerprint.conversation import Conversation, answered, conversation, marks
from distillgate.fingerprint.segments import SegmentSettings, cut
from distillgate.fingerprint.thread import thread
from distillgate.wire.exchange import Outcome
from distillgate.wire.request import Request, from_document

SETTINGS = SegmentSettings()
ANSWER = "The river rose by two metres in the night because the dam upstream was opened."
OTHER = "Most of the fields along its lower course were under water until the next evening."


def read(*turns: str, system: str = "", seed: int = 1) -> Conversation:
    """Read a conversation of user and assistant turns by turns."""
    messages: list[dict[str, Any]] = [
        {"role": "assistant" if i % 2 else "user", "content": text} for i, text in enumerate(turns)
    ]
    if system:
        messages.insert(0, {"role": "system", "content": system})
    request = from_document(CHAT, {"messages": messages})
    return of(request, seed)


def of(request: Request, seed: int = 1) -> Conversation:
    """Read a request's conversation."""
    turn, found = cut(request.newest, SETTINGS, seed), thread(request.dialogue, seed)
    return conversation(request, turn, found, SETTINGS, seed)


def test_the_next_turn_knows_the_request_before_it() -> None:
    first = read("a", ANSWER, "b")
    second = read("a", ANSWER, "b", OTHER, "c")

    assert second.before == first.now
    assert second.now != first.now


def test_a_first_question_is_nobodys_conversation() -> None:
    assert read("hello").before is None
    assert read("hello", ANSWER, "and then?").before is None
    assert read(ANSWER).before is None


def test_a_first_question_that_tells_is_known_by_the_second() -> None:
    assert read(ANSWER, OTHER, "and then?").before == read(ANSWER).now


def test_an_answer_of_several_turns_is_one_answer() -> None:
    asked = {"role": "user", "content": ANSWER}
    called = {"type": "function_call", "name": "look", "arguments": "{}"}
    found = {"type": "function_call_output", "output": "rain"}
    sealed = {"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "s" * 90}
    turns: list[dict[str, Any]] = [asked, sealed, called, found, sealed, called]

    def sent(turns: list[dict[str, Any]]) -> Conversation:
        return of(from_document(RESPONSES, {"input": turns}))

    assert sent([*turns, found]).before == sent(turns[:4]).now
    assert sent(turns[:4]).before == sent(turns[:1]).now


def test_sealed_reasoning_is_known_again_whoever_brings_it() -> None:
    thought = {"type": "thinking", "thinking": "", "signature": "k7" * 60}
    turns = [{"role": "assistant", "content": [thought]}, {"role": "user", "content": "Print it."}]
    request = from_document(MESSAGES, {"messages": turns})
    seals = tuple(seal for _, seal in request.references)

    carried = of(request).sealed

    assert carried == answered(Outcome(200, references=seals), SETTINGS, 1).sealed
    assert carried != answered(Outcome(200, references=seals), SETTINGS, 2).sealed
    assert len(carried) == 1


def test_of_many_references_the_newest_are_looked_up() -> None:
    thoughts = [
        {"type": "thinking", "thinking": "", "signature": f"{i:03}" * 60} for i in range(100)
    ]
    turns = [{"role": "user", "content": "Go."}, {"role": "assistant", "content": thoughts}]
    request = from_document(MESSAGES, {"messages": turns})
    newest = tuple(seal for _, seal in request.references)[-16:]

    carried = of(request).sealed

    assert carried == answered(Outcome(200, references=newest), SETTINGS, 1).sealed


def test_instructions_are_left_out_since_relays_change_them() -> None:
    assert read("a", ANSWER, "b", system="x").now == read("a", ANSWER, "b", system="y").now


def test_other_conversations_and_other_keys_have_other_hashes() -> None:
    assert read("a", ANSWER, "b").now != read("a", OTHER, "b").now
    assert read("a", ANSWER, "b").now != read("a", ANSWER, "b", seed=2).now


def test_an_answer_is_known_again_where_it_is_carried_or_pasted() -> None:
    answered = marks(f"{ANSWER} {OTHER}", SETTINGS, 1)

    assert len(answered) == 2
    assert set(answered) <= set(read("q", f"{ANSWER} {OTHER}", "go on").carried)
    assert set(answered) <= set(read(f"Grade this:\n{ANSWER} {OTHER}").carried)
    assert not set(answered) & set(read("Something else altogether, as long as an answer").carried)


def test_short_sentences_tell_nothing() -> None:
    assert marks("Yes. It is. You are welcome! Let me know.", SETTINGS, 1) == ()


def test_a_sentence_tells_from_sixty_bytes() -> None:
    assert marks("x" * 59, SETTINGS, 1) == ()
    assert len(marks("x" * 60, SETTINGS, 1)) == 1


def test_what_two_people_hardly_send_by_chance_is_telling() -> None:
    assert not read("hello").telling
    assert not read("x" * 59).telling
    assert read("x" * 60).telling
    assert read("hello", "Hello! How can I help you today?", "in the usual way, please").telling
    assert not read("hello", system=ANSWER).telling, "instructions are everybody's"


def test_marks_are_few_and_always_the_same() -> None:
    text = "\n".join(
        f"Sentence {letter} of a long answer, long enough to be told from any other."
        for letter in "abcdefghijklmnop"
    )

    assert marks(text, SETTINGS, 1) == marks(text, SETTINGS, 1)
    assert 0 < len(marks(text, SETTINGS, 1)) <= 8
    assert len(marks(text * 10_000, SETTINGS, 1)) <= 8


def test_a_conversation_keeps_its_opening_and_knows_whether_it_goes_on() -> None:
    first, second = read("a"), read("a", ANSWER, "b")

    assert first.opening == second.opening != read("b").opening
    assert (first.goes_on, second.goes_on) == (False, True)
