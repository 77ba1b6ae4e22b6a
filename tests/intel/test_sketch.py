from distillgate.dialects.chat import CHAT
from distillgate.intel.community import create
from distillgate.intel.sketch import Sketches, matches, segments, values
from distillgate.wire.request import Request, from_document

KEY = create("labs", 0.0).newest
RULES = "You are a careful grader of short answers.\nThink in steps before you answer.\nBe brief."


def request(text: str, rules: str = RULES) -> Request:
    turns = [{"role": "system", "content": rules}, {"role": "user", "content": text}]
    return from_document(CHAT, {"model": "m", "messages": turns})


def test_a_template_is_what_half_of_the_accounts_sent_and_nobodys_own_line() -> None:
    sketches = Sketches(KEY)
    for number in range(20):
        own = f"{'x' * number} private {'y' * number} secret {'z' * number} nobodys {'w' * number}"
        sketches.add(f"c-{number}", values(request(own), KEY))

    template = sketches.template(10)

    assert set(template) == segments(request(""), KEY)
    assert sketches.template(21) == []


def test_what_is_in_the_slot_of_most_accounts_now_and_then_is_no_line_of_a_template() -> None:
    sketches = Sketches(KEY)
    saying = "Let us think about it step by step, then."
    for number in range(20):
        for turn in range(6):
            text = f"{'x' * number} private {'y' * turn} secret"
            asked = request(f"{text}\n{saying}" if turn == 0 else text)
            sketches.add(f"c-{number}", values(asked, KEY))

    assert set(sketches.template(10)) == segments(request(""), KEY)


def test_who_uses_a_template_is_known_again_under_the_same_key_alone() -> None:
    template = segments(request(""), KEY)

    reworded = request("Something else altogether, this time.", RULES.upper())
    assert matches(template, segments(reworded, KEY))
    assert not matches(template, segments(request("Hello there, my friend.", "Be kind."), KEY))
    assert not matches(template, segments(reworded, create("labs", 0.0).newest))
    assert not matches((), segments(reworded, KEY))


def test_what_the_model_answered_is_no_line_of_a_template() -> None:
    turns = [
        {"role": "user", "content": "Write a poem about autumn leaves."},
        {"role": "assistant", "content": "The leaves are falling from the trees again."},
    ]
    asked = from_document(CHAT, {"model": "m", "messages": turns})

    assert len(segments(asked, KEY)) == len(segments(request(turns[0]["content"], ""), KEY))
