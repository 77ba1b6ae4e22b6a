from tests.engine.conftest import ANSWER, chat, make_engine

from distillgate.fingerprint.observation import Observation


def test_all_that_is_learned_of_an_exchange_is_read_before_its_text_goes() -> None:
    engine = make_engine()
    taken: list[object] = []
    engine.publish = taken.append
    exchange = chat("a", "How deep is the harbour at low tide?")

    decision = engine.begin(exchange, 1.0)
    engine.finish(decision, ANSWER, 2.0)

    seen = next(entry for entry in taken if isinstance(entry, Observation))
    assert (seen.account.name, seen.at, seen.retry, seen.inputs) == ("a", 2.0, False, 1)
    assert seen.sent.tokens == ANSWER.prompt_tokens  # the upstream tells them
    assert seen.own.hash is not None
    assert seen.known
