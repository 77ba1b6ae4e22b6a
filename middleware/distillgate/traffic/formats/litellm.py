"""LiteLLM's spend logs: its database's table, or `/spend/logs` of its proxy.

Prompts and answers are in them only with `store_prompts_in_spend_logs`.
"""

from collections.abc import Iterator, Sequence

from distillgate.traffic.formats.form import (
    CHAT,
    PATHS,
    Call,
    Format,
    Record,
    between,
    first,
    messages,
    parsed,
    when,
    word,
)
from distillgate.wire.fields import integer, mapping

_PASSED_ON = frozenset({"litellm_params", "metadata", "proxy_server_request", "api_key"})


def _read(records: Sequence[Record]) -> Iterator[Call]:
    for record in records:
        asked = mapping(parsed(record.get("proxy_server_request")))
        asked = mapping(asked.get("body")) or asked
        request = {name: value for name, value in asked.items() if name not in _PASSED_ON}
        request.setdefault("model", word(first(record, "model_group", "model")) or "")
        kind = word(record.get("call_type")) or ""
        path = PATHS.get(kind, CHAT)
        if not {"messages", "input", "prompt", "contents"} & request.keys():
            name = "input" if path in (PATHS["embedding"], PATHS["responses"]) else "messages"
            told = parsed(first(record, "messages"))
            request[name] = told if name == "input" and told else messages(told)
        if kind and kind not in PATHS:
            path = f"/{kind}"
        begin, end = when(record.get("startTime")), when(record.get("endTime"))
        status = integer(first(record, "metadata.error_information.error_code"))
        failed = record.get("status") == "failure"
        yield Call(
            ts=begin,
            account=word(first(record, "api_key", "metadata.user_api_key", "user")),
            path=path,
            request=request,
            answer=parsed(first(record, "response")),
            status=(status or 500) if failed else 200,
            prompt_tokens=integer(record.get("prompt_tokens")),
            completion_tokens=integer(record.get("completion_tokens")),
            model=word(record.get("model")),
            latency=between(begin, end),
            id=word(record.get("request_id")) or "",
            organisation=word(first(record, "organization_id", "team_id")),
            end_user=word(record.get("end_user")),
            ip=word(first(record, "requester_ip_address", "metadata.requester_ip_address")),
            user_agent=_agent(record),
        )


def _agent(record: Record) -> str | None:
    tags = parsed(record.get("request_tags"))
    for tag in tags if isinstance(tags, list) else ():
        # The proxy puts the whole name last, after its beginning alone.
        if isinstance(tag, str) and tag.startswith("User-Agent: "):
            agent = tag.removeprefix("User-Agent: ")
            if "/" in agent or tag == tags[-1]:
                return agent
    return None


LITELLM = Format(
    name="litellm",
    about="LiteLLM's spend logs (a dump of its table, or `/spend/logs`)",
    read=_read,
    wrappers=frozenset({"data", "LiteLLM_SpendLogs"}),
)
