from msgspec.structs import replace
from tests.remembering import moved

from distillgate.campaign.openers import Openers
from distillgate.fingerprint.conversation import Conversation

ANN, BOB = 1 << 40, 2 << 40
_STEP = 0x9E3779B97F4A7C15


def value(number: int) -> int:
    return number * _STEP % 2**64


def turn(number: int, after: int | None = None, *, telling: bool = True) -> Conversation:
    """A conversation that stands at a state, after another one."""
    made = Conversation(None, value(number), telling, ())
    return made if after is None else replace(made, previous=value(after))


def test_the_first_request_of_a_conversation_is_a_draw_and_what_goes_on_is_none() -> None:
    openers = Openers()

    assert openers.draws(turn(1), value(101), ANN)
    assert not openers.draws(turn(2, after=1), value(102), ANN)
    assert not openers.draws(turn(3, after=2), value(103), ANN)
    assert openers.draws(turn(4), value(104), ANN)


def test_a_conversation_that_another_account_goes_on_with_was_drawn_already() -> None:
    openers = Openers()
    openers.draws(turn(1), value(101), ANN)

    assert not openers.draws(turn(2, after=1), value(102), BOB)


def test_an_invented_history_hides_no_draw() -> None:
    openers = Openers()

    assert all(openers.draws(turn(10 + n, after=1), value(110 + n), ANN) for n in range(5))


def test_one_real_opener_hides_one_request_and_no_list() -> None:
    openers = Openers()
    openers.draws(turn(1), value(101), ANN)

    drawn = [openers.draws(turn(10 + n, after=1), value(110 + n), ANN) for n in range(5)]

    assert drawn == [False, True, True, True, True]


def test_a_text_that_came_before_is_drawn_once() -> None:
    openers = Openers()

    assert [openers.draws(turn(n), value(101), ANN) for n in range(1, 5)] == [True] + 3 * [False]
    assert openers.draws(turn(5), value(101), BOB), "it is new to another account"


def test_a_constant_greeting_hides_nothing() -> None:
    openers = Openers()
    greeted = [openers.draws(turn(1), None, ANN) for _ in range(3)]

    assert greeted == [False] * 3
    assert openers.draws(turn(2, after=1), value(102), ANN)


def test_a_short_opener_is_each_accounts_own() -> None:
    openers = Openers()
    hello = turn(1, telling=False)
    openers.draws(hello, value(101), ANN)

    assert openers.draws(turn(2, after=1), value(102), BOB)
    assert not openers.draws(turn(2, after=1), value(102), ANN)


def test_what_was_drawn_outlives_a_restart() -> None:
    openers, again = Openers(), Openers()
    openers.draws(turn(1), value(101), ANN)
    moved(openers.places, again.places)

    assert not again.draws(turn(2, after=1), value(102), ANN)
