"""Envoy's messages, as a server would have brought them, and the gate's in Envoy's form. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from envoy.config.core.v3 import base_pb2
from envoy.extensions.filters.http.ext_proc.v3 import processing_mode_pb2
from envoy.service.ext_proc.v3 import external_processor_pb2 as ext_proc
from envoy.type.v3 import http_status_pb2
from starlette.types import Message, Scope

from distillgate.asgi.detached import Forward, Respond, scope_of

Header = tuple[bytes, bytes]

_OVERWRITE = base_pb2.HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD
_APPEND = base_pb2.HeaderValueOption.APPEND_IF_EXISTS_OR_ADD
_MODE = processing_mode_pb2.ProcessingMode

HEADERS_PASS = ext_proc.ProcessingResponse(request_headers=ext_proc.HeadersResponse())
BODY_PASSES = ext_proc.ProcessingResponse(request_body=ext_proc.BodyResponse())
ANSWER_HEADERS_PASS = ext_proc.ProcessingResponse(response_headers=ext_proc.HeadersResponse())
ANSWER_BODY_PASSES = ext_proc.ProcessingResponse(response_body=ext_proc.BodyResponse())
TRAILERS_PASS = ext_proc.ProcessingResponse(request_trailers=ext_proc.TrailersResponse())
ANSWER_TRAILERS_PASS = ext_proc.ProcessingResponse(response_trailers=ext_proc.TrailersResponse())
NOTHING_MORE = ext_proc.ProcessingResponse(
    request_headers=ext_proc.HeadersResponse(),
    mode_override=_MODE(
        request_header_mode=_MODE.SKIP,
        response_header_mode=_MODE.SKIP,
        request_body_mode=_MODE.NONE,
        response_body_mode=_MODE.NONE,
        request_trailer_mode=_MODE.SKIP,
        response_trailer_mode=_MODE.SKIP,
    ),
)
"""The request passes, and nothing else of its exchange is asked about."""


def asked(message: Any, peer: str | None) -> Scope:
    """Read a request's headers. `peer` is Envoy's own address, None on a Unix socket."""
    pseudo: dict[str, bytes] = {}
    headers: list[Header] = []
    for one in message.headers.headers:
        value = one.raw_value or one.value.encode("utf-8", "surrogateescape")
        if one.key.startswith(":"):
            pseudo[one.key] = value
        else:
            headers.append((one.key.lower().encode("latin-1"), value))
    if ":authority" in pseudo:
        headers.insert(0, (b"host", pseudo[":authority"]))
    method, target, scheme = (
        pseudo.get(name, usual).decode("latin-1")
        for name, usual in ((":method", b"GET"), (":path", b"/"), (":scheme", b"http"))
    )
    return scope_of(method, target, headers, peer, scheme=scheme, encoding="latin-1")


def start_of(message: Any) -> Message:
    """Read the headers of an answer as the message that begins it."""
    status, headers = 502, list[Header]()
    for one in message.headers.headers:
        value = one.raw_value or one.value.encode("utf-8", "surrogateescape")
        if one.key == ":status":
            status = int(value)
        else:
            headers.append((one.key.lower().encode("latin-1"), value))
    return {"type": "http.response.start", "status": status, "headers": headers}


def forward(found: Forward, *, at_headers: bool) -> Any:
    """Return what Envoy is to forward, in answer to the request's headers or its body."""
    if found.body is None and not found.headers and not found.removed:
        return HEADERS_PASS if at_headers else BODY_PASSES
    common = ext_proc.CommonResponse(header_mutation=mutation(found.headers, found.removed))
    if found.body is not None:
        common.body_mutation.CopyFrom(ext_proc.BodyMutation(body=found.body))
    if at_headers:
        return ext_proc.ProcessingResponse(
            request_headers=ext_proc.HeadersResponse(response=common)
        )
    return ext_proc.ProcessingResponse(request_body=ext_proc.BodyResponse(response=common))


def respond(found: Respond) -> Any:
    """Return the answer that Envoy is to give itself."""
    immediate = ext_proc.ImmediateResponse(
        status=http_status_pb2.HttpStatus(code=found.status),
        headers=mutation(pair for pair in found.headers if pair[0] != b"content-length"),
        body=found.body,
        details="distillgate",
    )
    return ext_proc.ProcessingResponse(immediate_response=immediate)


def begun(came: Sequence[Header], goes: Sequence[Header]) -> Any:
    """Return how the headers of an answer change."""
    if came == goes:
        return ANSWER_HEADERS_PASS
    names = {name for name, _ in goes}
    removed = dict.fromkeys(name for name, _ in came if name not in names)
    changed = mutation([pair for pair in goes if pair not in came], removed)
    common = ext_proc.CommonResponse(header_mutation=changed)
    return ext_proc.ProcessingResponse(response_headers=ext_proc.HeadersResponse(response=common))


def piece(came: bytes, goes: bytes) -> Any:
    """Return how a piece of an answer changes."""
    if came == goes:
        return ANSWER_BODY_PASSES
    found = ext_proc.BodyMutation(body=goes) if goes else ext_proc.BodyMutation(clear_body=True)
    common = ext_proc.CommonResponse(body_mutation=found)
    return ext_proc.ProcessingResponse(response_body=ext_proc.BodyResponse(response=common))


def mutation(headers: Iterable[Header], removed: Iterable[bytes] = ()) -> Any:
    """Return headers to set, each name's first in place of what there is, and names to remove."""
    found, seen = ext_proc.HeaderMutation(), set[bytes]()
    for name, value in headers:
        option = found.set_headers.add(append_action=_APPEND if name in seen else _OVERWRITE)
        option.header.key, option.header.raw_value = name.decode("latin-1"), value
        seen.add(name)
    found.remove_headers.extend(name.decode("latin-1") for name in removed)
    return found
