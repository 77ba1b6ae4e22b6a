from distillgate.wire import document
from distillgate.wire.event import Event

RAW = b'{"id": 1e400, "delta" : "a", "n":1157920892373161954235709850086879078532699846656405640}'


def test_an_event_is_written_as_it_came_but_for_what_was_changed() -> None:
    event = Event(RAW, document.read(RAW))
    assert event.text() == RAW

    event.document["delta"] = "b"

    assert event.text() == RAW.replace(b'"a"', b'"b"')


def test_another_like_it_keeps_its_bytes_too() -> None:
    event = Event(RAW, document.read(RAW))

    other = event.like(delta="c", more=1)

    assert other.text() == RAW.replace(b'"a"', b'"c"').replace(b"}", b',"more":1}')
    assert event.text() == RAW


def test_one_that_is_like_none_is_written_anew() -> None:
    assert Event.of({"type": "x"}).text() == b'{"type":"x"}'
