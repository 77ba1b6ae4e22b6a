"""OpenAI's batch files: what was handed in, and what came out, joined by `custom_id`."""

from collections.abc import Iterator, Sequence

from distillgate.traffic.formats.form import CHAT, Call, Format, Record, first, when, word
from distillgate.traffic.log import LineError
from distillgate.wire.fields import integer, mapping


def _custom(record: Record) -> str | None:
    return word(record.get("custom_id"))


def _read(records: Sequence[Record]) -> Iterator[Call]:
    asked = [record for record in records if "body" in record]
    answered = [record for record in records if "body" not in record]
    if not asked:
        raise LineError("an answer without its request: give the input file as well")
    if not answered:
        raise LineError("a request without its answer: give the output and error files as well")
    if len(asked) != len(answered):
        raise LineError("`custom_id` stands in several batches: import each batch alone")
    for one, other in zip(asked, answered, strict=True):
        body, response = mapping(one.get("body")), mapping(other.get("response"))
        answer = mapping(response.get("body"))
        yield Call(
            ts=when(first(answer, "created", "created_at")),
            account=word(first(body, "metadata.account", "safety_identifier", "user")),
            path=word(one.get("url")) or CHAT,
            request=body,
            answer=answer,
            status=integer(response.get("status_code")) or (500 if other.get("error") else 200),
            id=word(first(response, "request_id")) or word(other.get("id")) or "",
        )


OPENAI_BATCH = Format(
    name="openai-batch",
    about="OpenAI's batch files (input and output together)",
    read=_read,
    key=_custom,
)
