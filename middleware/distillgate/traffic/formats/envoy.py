"""Envoy AI Gateway's access logs, in JSON. They hold no text."""

from collections.abc import Iterator, Sequence

from distillgate.traffic.formats.form import CHAT, Call, Format, Record, first, seconds, when, word
from distillgate.wire.fields import integer

_PATHS = ("path", "x-envoy-origin-path", "x-envoy-original-path", "request.path", "url.path")
_ACCOUNTS = ("account", "user_id", "x-user-id", "user.id", "x-account", "enduser.id")


def _read(records: Sequence[Record]) -> Iterator[Call]:
    for record in records:
        asked = word(first(record, "genai_model_name", "gen_ai.request.model"))
        path = (word(first(record, *_PATHS)) or CHAT).partition("?")[0]
        hops = word(first(record, "x-forwarded-for", "downstream_remote_address")) or ""
        address = hops.split(",")[-1].strip()
        yield Call(
            ts=when(first(record, "start_time", "timestamp")),
            account=word(first(record, *_ACCOUNTS)),
            path=path,
            request={"model": asked or "", _content(path): []},
            status=integer(first(record, "response_code", "response.code", "status")),
            prompt_tokens=integer(
                first(record, "genai_tokens_input", "llm_input_token", "gen_ai.usage.input_tokens")
            ),
            completion_tokens=integer(
                first(
                    record, "genai_tokens_output", "llm_output_token", "gen_ai.usage.output_tokens"
                )
            ),
            model=word(
                first(record, "genai_model_name_override", "gen_ai.response.model") or asked
            ),
            latency=seconds(record.get("duration")),
            id=word(first(record, "x-request-id", "request_id")) or "",
            organisation=word(first(record, "organisation", "organization", "tenant_id")),
            ip=_host(address),
            user_agent=word(first(record, "user-agent", "user_agent")),
        )


def _content(path: str) -> str:
    return "input" if path.endswith(("/embeddings", "/responses")) else "messages"


def _host(address: str) -> str | None:
    """Return an address without its port."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address or None


ENVOY = Format(
    name="envoy-ai-gateway",
    about="Envoy AI Gateway's access logs (JSON)",
    read=_read,
)
