from collections.abc import Iterator
from itertools import pairwise

from distillgate_lab.demo import people
from distillgate_lab.demo.call import HOUR, MESSAGES, Account, Call
from distillgate_lab.demo.dice import dice
from distillgate_lab.demo.script import Playing


def _plays(play: Playing, number: int = 12) -> Iterator[list[Call]]:
    for index in range(number):
        account = Account(f"somebody-{index}", "somebody")
        yield list(play(account, dice("people", play.__name__, index), 3.0))


def test_a_chat_goes_on_with_everything_said_before() -> None:
    for calls in _plays(people.chatting):
        for before, after in pairwise(calls):
            if len(after.body["messages"]) > len(before.body["messages"]):
                was = before.body["messages"]
                assert after.body["messages"][: len(was)] == was
                assert after.body["messages"][len(was)]["role"] == "assistant"
                assert after.at > before.at


def test_some_chats_speak_the_other_dialect_and_never_with_system_messages() -> None:
    calls = [call for calls in _plays(people.chatting, 40) for call in calls]
    messages = [call for call in calls if call.path == MESSAGES]

    assert 0 < len(messages) < len(calls)
    assert all(m["role"] != "system" for call in messages for m in call.body["messages"])
    assert all(call.body["max_tokens"] > 0 for call in messages)


def test_the_popular_tool_sends_one_prompt_and_everybody_their_own_text() -> None:
    bodies = [call.body["messages"] for calls in _plays(people.polishing) for call in calls]
    texts = [messages[1]["content"] for messages in bodies]

    assert {messages[0]["content"] for messages in bodies} == {people.POLISHER}
    assert len(set(texts)) == len(texts)


def test_a_front_end_puts_many_people_through_one_key() -> None:
    for calls in _plays(people.fronting, 2):
        assert len({call.account for call in calls}) == 1
        assert len({call.body["user"] for call in calls}) > 30
        assert all(0 <= call.at <= 3 * HOUR for call in calls)
