"""A traffic log as other programs would have written it: what their exports hold, in their shapes.

Written from the documentation of each program, apart from the readers of `distillgate.traffic`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

Line = Mapping[str, Any]


def litellm(line: Line) -> Iterator[Line]:
    asked, answer = line["request"], line["response"]
    yield {
        "request_id": f"chatcmpl-{line['ts']}",
        "call_type": "acompletion",
        "api_key": line["account"],
        "spend": 0.0012,
        "total_tokens": sum(answer["usage"].values()),
        **{name: answer["usage"][name] for name in ("prompt_tokens", "completion_tokens")},
        "startTime": iso(line["ts"]),
        "endTime": iso(line["ts"] + answer["latency"]),
        "model": asked["model"],
        "model_group": asked["model"],
        "user": "default_user_id",
        "metadata": json.dumps({"status": "success", "usage_object": answer["usage"]}),
        "cache_hit": "False",
        "request_tags": ["User-Agent: " + (line["client"]["user_agent"] or "").split("/")[0],
                         "User-Agent: " + (line["client"]["user_agent"] or "")],
        "team_id": line["org"],
        "end_user": line["attributes"]["end_user"],
        "requester_ip_address": line["client"]["ip"],
        "messages": {},
        "response": chat_answer(line),
        "proxy_server_request": json.dumps(asked),
        "status": "success" if answer["status"] < 400 else "failure",
    }  # fmt: skip


def langfuse(line: Line) -> Iterator[Line]:
    asked, answer = line["request"], line["response"]
    trace = f"trace-{line['account']}-{line['ts']}"
    yield {
        "id": f"obs-{trace}",
        "trace_id": trace,
        "type": "GENERATION",
        "name": "chat",
        "start_time": iso(line["ts"]).replace("T", " ").removesuffix("Z"),
        "end_time": iso(line["ts"] + answer["latency"]).replace("T", " ").removesuffix("Z"),
        "provided_model_name": asked["model"],
        "model_parameters": json.dumps({k: v for k, v in asked.items() if not _content(k)}),
        "input": json.dumps(asked["messages"]),
        "output": json.dumps({"role": "assistant", "content": answer["text"]}),
        "usage_details": {
            "input": answer["usage"]["prompt_tokens"],
            "output": answer["usage"]["completion_tokens"],
        },
        "level": "DEFAULT" if answer["status"] < 400 else "ERROR",
        "metadata": {"organisation": line["org"]} if line["org"] else {},
    }
    yield {
        "id": trace,
        "timestamp": iso(line["ts"]),
        "name": "request",
        "user_id": line["account"],
        "session_id": None,
        "tags": [],
    }


def helicone(line: Line) -> Iterator[Line]:
    asked, answer = line["request"], line["response"]
    yield {
        "request_id": f"req-{line['ts']}",
        "request_created_at": iso(line["ts"]),
        "response_created_at": iso(line["ts"] + answer["latency"]),
        "request_body": asked,
        "response_body": chat_answer(line),
        "request_path": "https://api.openai.com/v1/chat/completions",
        "response_status": answer["status"],
        "request_user_id": line["account"],
        "request_properties": {"organisation": line["org"]} if line["org"] else {},
        "request_model": asked["model"],
        "response_model": asked["model"],
        "provider": "OPENAI",
        "delay_ms": round(answer["latency"] * 1000),
        **{name: answer["usage"][name] for name in ("prompt_tokens", "completion_tokens")},
    }


def bedrock(line: Line) -> Iterator[Line]:
    asked, answer = line["request"], line["response"]
    turns = [
        {"role": turn["role"], "content": [{"text": turn["content"]}]}
        for turn in asked["messages"]
        if turn["role"] != "system"
    ]
    system = [{"text": t["content"]} for t in asked["messages"] if t["role"] == "system"]
    usage = answer["usage"]
    yield {
        "timestamp": iso(line["ts"]),
        "accountId": "111122223333",
        "identity": {"arn": f"arn:aws:sts::111122223333:assumed-role/app/{line['account']}"},
        "region": "us-east-1",
        "requestId": f"req-{line['ts']}",
        "operation": "Converse",
        "modelId": asked["model"],
        "input": {
            "inputContentType": "application/json",
            "inputBodyJson": {"messages": turns, **({"system": system} if system else {})},
            "inputTokenCount": usage["prompt_tokens"],
        },
        "output": {
            "outputContentType": "application/json",
            "outputBodyJson": {
                "output": {"message": {"role": "assistant", "content": [{"text": answer["text"]}]}},
                "stopReason": "end_turn",
                "metrics": {"latencyMs": round(answer["latency"] * 1000)},
                "usage": {
                    "inputTokens": usage["prompt_tokens"],
                    "outputTokens": usage["completion_tokens"],
                },
            },
            "outputTokenCount": usage["completion_tokens"],
        },
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
    }


def cloudflare(line: Line) -> Iterator[Line]:
    asked, answer = line["request"], line["response"]
    yield {
        "id": f"log-{line['ts']}",
        "created_at": iso(line["ts"]),
        "cached": False,
        "duration": round(answer["latency"] * 1000),
        "provider": "openai",
        "model": asked["model"],
        "path": "chat/completions",
        "request": json.dumps(asked),
        "response": json.dumps(chat_answer(line)),
        "status_code": answer["status"],
        "success": answer["status"] < 400,
        "tokens_in": answer["usage"]["prompt_tokens"],
        "tokens_out": answer["usage"]["completion_tokens"],
        "metadata": json.dumps({
            "user": line["account"],
            **({"organisation": line["org"]} if line["org"] else {}),
        }),
    }  # fmt: skip


def azure(line: Line) -> Iterator[Line]:
    """Who called, and the texts in pieces, as a storage account has them."""
    answer = line["response"]
    correlation = f"{line['account']}-{line['ts']}"
    common = {"resourceId": "/subscriptions/s/…/service/apim", "correlationId": correlation}
    asked = json.dumps(line["request"]["messages"])
    half = len(asked) // 2
    for number, (said, given) in enumerate((
        (asked[:half], json.dumps([{"role": "assistant", "content": answer["text"]}])),
        (asked[half:], None),
    )):  # fmt: skip
        yield {
            **common,
            "time": iso(line["ts"]),
            "category": "GatewayLlmLogs",
            "properties": {
                "deploymentName": line["request"]["model"],
                "promptTokens": answer["usage"]["prompt_tokens"],
                "completionTokens": answer["usage"]["completion_tokens"],
                "sequenceNumber": number,
                "requestMessages": said,
                **({"responseMessages": given} if given else {}),
            },
        }
    yield {
        **common,
        "time": iso(line["ts"]),
        "category": "GatewayLogs",
        "callerIpAddress": line["client"]["ip"],
        "durationMs": round(answer["latency"] * 1000),
        "properties": {
            "method": "POST",
            "url": "https://apim.example/openai/deployments/m/chat/completions?api-version=1",
            "responseCode": answer["status"],
            "apimSubscriptionId": line["account"],
            **({"productId": line["org"]} if line["org"] else {}),
            "requestHeaders": {"User-Agent": line["client"]["user_agent"] or ""},
        },
    }


def openai_batch(line: Line) -> Iterator[Line]:
    name = f"{line['account']}-{line['ts']}"
    yield {
        "custom_id": name,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {**line["request"], "user": line["account"]},
    }
    yield {
        "id": f"batch_req_{name}",
        "custom_id": name,
        "response": {
            "status_code": line["response"]["status"],
            "request_id": f"req-{name}",
            "body": {**chat_answer(line), "created": line["ts"]},
        },
        "error": None,
    }


def envoy(line: Line) -> Iterator[Line]:
    answer = line["response"]
    yield {
        "start_time": iso(line["ts"]),
        "method": "POST",
        "x-envoy-origin-path": "/v1/chat/completions",
        "response_code": answer["status"],
        "duration": round(answer["latency"] * 1000),
        "x-forwarded-for": line["client"]["ip"],
        "user-agent": line["client"]["user_agent"],
        "x-request-id": f"req-{line['ts']}",
        "x-user-id": line["account"],
        "tenant_id": line["org"],
        "genai_model_name": line["request"]["model"],
        "genai_backend_name": "default/ollama",
        "genai_tokens_input": answer["usage"]["prompt_tokens"],
        "genai_tokens_output": answer["usage"]["completion_tokens"],
    }


def otel(line: Line) -> Iterator[Line]:
    asked, answer = line["request"], line["response"]
    parts = [
        {"role": turn["role"], "parts": [{"type": "text", "content": turn["content"]}]}
        for turn in asked["messages"]
    ]
    said = [{"role": "assistant", "parts": [{"type": "text", "content": answer["text"]}]}]
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": asked["model"],
        "gen_ai.usage.input_tokens": answer["usage"]["prompt_tokens"],
        "gen_ai.usage.output_tokens": answer["usage"]["completion_tokens"],
        "gen_ai.input.messages": json.dumps(parts),
        "gen_ai.output.messages": json.dumps(said),
        "user.id": line["account"],
        "client.address": line["client"]["ip"],
        "user_agent.original": line["client"]["user_agent"],
        **({"tenant.id": line["org"]} if line["org"] else {}),
        **({f"gen_ai.request.{k}": asked[k] for k in ("temperature", "max_tokens") if k in asked}),
    }
    span = {
        "traceId": f"{abs(hash((line['account'], line['ts']))):032x}",
        "spanId": f"{abs(hash(line['ts'])):016x}",
        "name": f"chat {asked['model']}",
        "kind": 3,
        "startTimeUnixNano": str(round(line["ts"] * 1e9)),
        "endTimeUnixNano": str(round((line["ts"] + answer["latency"]) * 1e9)),
        "attributes": [{"key": name, "value": _value(value)} for name, value in told.items()],
        "status": {},
    }
    yield {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"spans": [span]}]}]}


EXPORTS: Mapping[str, Callable[[Line], Iterator[Line]]] = {
    "azure": azure,
    "bedrock": bedrock,
    "cloudflare": cloudflare,
    "envoy-ai-gateway": envoy,
    "helicone": helicone,
    "langfuse": langfuse,
    "litellm": litellm,
    "openai-batch": openai_batch,
    "otel": otel,
}


def iso(ts: float) -> str:
    return datetime.fromtimestamp(ts, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def chat_answer(line: Line) -> dict[str, Any]:
    """The answer's body, as OpenAI's API gives it."""
    answer = line["response"]
    return {
        "id": f"chatcmpl-{line['ts']}",
        "object": "chat.completion",
        "created": int(line["ts"]),
        "model": line["request"]["model"],
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": answer["text"]},
                "finish_reason": answer.get("finish_reason") or "stop",
            }
        ],
        "usage": answer["usage"],
    }


def _content(name: str) -> bool:
    return name in ("messages", "model")


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": value}
