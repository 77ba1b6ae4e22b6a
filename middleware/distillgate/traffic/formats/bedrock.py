"""Amazon Bedrock's model invocation logs, from S3 or out of CloudWatch."""

from collections.abc import Iterator, Sequence

from distillgate.traffic.formats.form import (
    Call,
    Format,
    Record,
    first,
    parsed,
    seconds,
    when,
    word,
)
from distillgate.wire.fields import integer, mapping

_PATHS = {
    "Converse": "converse",
    "ConverseStream": "converse-stream",
    "InvokeModel": "invoke",
    "InvokeModelWithResponseStream": "invoke-with-response-stream",
}
_STATUS = {
    "AccessDeniedException": 403,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 429,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}


def _read(records: Sequence[Record]) -> Iterator[Call]:
    for outer in records:
        # CloudWatch hands a log's line out as the text of an event.
        record = mapping(parsed(outer.get("message"))) or outer
        operation = word(record.get("operation"))
        if operation is None:
            continue
        model = word(record.get("modelId")) or ""
        request = dict(mapping(parsed(first(record, "input.inputBodyJson"))))
        if not request:  # in a file of its own, or not kept
            request["messages"] = []
        answer = parsed(first(record, "output.outputBodyJson"))
        error = word(record.get("errorCode"))
        yield Call(
            ts=when(record.get("timestamp")),
            account=word(first(record, "identity.arn")),
            path=f"/model/{_named(model)}/{_PATHS.get(operation, operation)}",
            request=request,
            answer=answer,
            status=_STATUS.get(error, 500) if error else 200,
            prompt_tokens=integer(first(record, "input.inputTokenCount")),
            completion_tokens=integer(first(record, "output.outputTokenCount")),
            finish_reason=word(first({"a": answer}, "a.stopReason")),
            model=model,
            latency=seconds(first({"a": answer}, "a.metrics.latencyMs")),
            id=word(record.get("requestId")) or "",
        )


def _named(model: str) -> str:
    """Return a model's name out of its own, or its profile's, resource name."""
    return model.rpartition("/")[2]


BEDROCK = Format(
    name="bedrock",
    about="Amazon Bedrock's model invocation logs (S3, or out of CloudWatch)",
    read=_read,
    wrappers=frozenset({"events"}),
)
