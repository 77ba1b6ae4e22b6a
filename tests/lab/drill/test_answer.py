import orjson
import pytest

from distillgate_lab.drill.answer import Fate, read

CHAT = orjson.dumps({"choices": [{"message": {"role": "assistant", "content": "Yes."}}]})


def refused(code: str) -> bytes:
    return orjson.dumps({"error": {"message": "no", "code": code}})


@pytest.mark.parametrize(
    ("status", "header", "body", "fate"),
    [
        (200, "", CHAT, Fate.ALLOWED),
        (200, "degrade; log-probabilities taken out", CHAT, Fate.DEGRADED),
        (429, "", refused("rate_limit_exceeded"), Fate.THROTTLED),
        (429, "", b"slow down", Fate.THROTTLED),
        (403, "", refused("suspected_extraction"), Fate.REFUSED),
        (403, "", refused("verification_required"), Fate.REFUSED),
        (403, "", b'{"error": "your key"}', Fate.FAILED),
        (500, "", b"", Fate.FAILED),
    ],
)
def test_what_became_of_an_exchange_is_read_as_a_client_reads_it(
    status: int, header: str, body: bytes, fate: Fate
) -> None:
    headers = {"x-distillgate": header} if header else {}

    assert read(status, headers, body).fate is fate


def test_the_text_is_read_from_a_whole_answer_and_from_a_stream() -> None:
    pieces = [{"choices": [{"delta": {"content": part}}]} for part in ("Y", "es", ".")]
    stream = b"".join(b"data: %s\n\n" % orjson.dumps(piece) for piece in pieces)

    assert read(200, {}, CHAT).text == "Yes."
    assert read(200, {"content-type": "text/event-stream"}, stream + b"data: [DONE]\n\n").text == (
        "Yes."
    )
    assert read(200, {}, b'{"data": []}').text is None


@pytest.mark.parametrize(
    ("told", "wait"), [("30", 30.0), ("1e9", 3600.0), ("Tue, 17 Feb", 1.0), ("-1", 0.0)]
)
def test_the_time_to_stay_away_is_bounded(told: str, wait: float) -> None:
    assert read(429, {"retry-after": told}, b"").wait == wait
