from msgspec.structs import replace
from tests.observing import observe

from distillgate.dialects.chat import CHAT
from distillgate.wire.request import from_document

HELLO = from_document(CHAT, {"messages": [{"role": "user", "content": "Hello."}]})


def test_a_request_holds_as_many_inputs_as_it_packs() -> None:
    seen = observe(HELLO)

    assert seen.inputs == 1
    assert replace(seen, more=(seen.own, seen.own), others=(1, 2, 3)).inputs == 6
