"""Azure's logs of models: of API Management's gateway, and of Azure OpenAI itself.

A call is told by several records of one correlation: who called (`GatewayLogs`), and in pieces of
32 KB what was said (`GatewayLlmLog`). Azure OpenAI's own (`RequestResponse`) hold no text.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from distillgate.traffic.formats.form import (
    CHAT,
    Call,
    Format,
    Record,
    messages,
    parsed,
    path_of,
    said,
    seconds,
    when,
    word,
)
from distillgate.wire.fields import integer, mapping, number, sequence

_OPERATIONS = {
    "chatcompletions_create": CHAT,
    "chatcompletion": CHAT,
    "completions_create": "/v1/completions",
    "completion": "/v1/completions",
    "embeddings_create": "/v1/embeddings",
    "embedding": "/v1/embeddings",
    "responses_create": "/v1/responses",
    "create_response": "/v1/responses",
}


def _flat(record: Record) -> dict[str, Any]:
    """Return a record's values and those of its properties, under their names in lower case."""
    inner = mapping(parsed(record.get("properties", record.get("Properties"))))
    every = {**record, **inner}
    return {name.lower(): value for name, value in every.items() if value not in (None, "")}


def _correlation(record: Record) -> str | None:
    return word(_flat(record).get("correlationid"))


def _read(records: Sequence[Record]) -> Iterator[Call]:
    flat = sorted(map(_flat, records), key=lambda one: integer(one.get("sequencenumber")) or 0)
    told: dict[str, Any] = {}
    for one in flat:
        told = {**one, **told}
    operation = str(told.get("operationname", "")).lower()
    texts = any("requestmessages" in one or "responsemessages" in one for one in flat)
    body = mapping(parsed(told.get("requestbody", told.get("backendrequestbody"))))
    path = urlsplit(str(told.get("url", ""))).path or _OPERATIONS.get(operation)
    if not (path or texts or body):
        return
    request = dict(body)
    if not request:
        model = word(told.get("deploymentname", told.get("modeldeploymentname")))
        request = {"model": model or word(told.get("modelname")) or ""}
        asked = _joined(flat, "requestmessages")
        request["input" if "embedding" in (path or "") else "messages"] = messages(asked)
    begin = when(told.get("requesttime")) if "streamtype" in told else None
    address = word(told.get("calleripaddress"))
    status = integer(told.get("responsecode", told.get("resultsignature")))
    yield Call(
        ts=begin or when(told.get("time", told.get("timegenerated", told.get("timestamp")))),
        account=word(told.get("apimsubscriptionid", told.get("userid", told.get("objectid")))),
        path=path or path_of(request),
        request=request,
        answer=parsed(told.get("responsebody", told.get("backendresponsebody"))),
        text=said(_joined(flat, "responsemessages")),
        status=status or (200 if texts else None),
        prompt_tokens=integer(told.get("prompttokens")),
        completion_tokens=integer(told.get("completiontokens")),
        model=word(told.get("modelname")),
        latency=seconds(_duration(told)),
        id=word(told.get("correlationid")) or "",
        organisation=word(told.get("productid")),
        ip=address if address and "*" not in address else None,
        user_agent=word(_headers(told).get("user-agent")),
        headers=list(_headers(told)),
    )


def _duration(told: Mapping[str, Any]) -> float | None:
    for name in ("totaltime", "durationms"):
        if (value := number(told.get(name))) is not None:
            return value
    return None


def _headers(told: Mapping[str, Any]) -> Mapping[str, Any]:
    headers = mapping(parsed(told.get("requestheaders")))
    return {name.lower(): value for name, value in headers.items()}


def _joined(records: Sequence[Mapping[str, Any]], name: str) -> Any:
    """Put the pieces of a conversation together: of text, or of turns whose text goes on."""
    pieces = [parsed(one[name]) for one in records if name in one]
    if any(isinstance(piece, str) for piece in pieces):
        return parsed("".join(piece for piece in pieces if isinstance(piece, str)))
    turns: list[Any] = []
    for piece in pieces:
        fresh = [dict(mapping(turn)) for turn in sequence(piece)]
        if turns and fresh and _goes_on(turns[-1], fresh[0]):
            turns[-1]["content"] += fresh.pop(0)["content"]
        turns += fresh
    return turns or None


def _goes_on(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    both = before.get("content"), after.get("content")
    return before.get("role") == after.get("role") and all(isinstance(one, str) for one in both)


AZURE = Format(
    name="azure",
    about="Azure API Management's and Azure OpenAI's diagnostic logs (storage, or Log Analytics)",
    read=_read,
    key=_correlation,
    wrappers=frozenset({"records", "value"}),
)
