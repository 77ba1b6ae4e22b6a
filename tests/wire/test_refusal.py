from typing import Any

import anthropic
import httpx2
import openai
import orjson
import pytest

from distillgate.dialects import gemini
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.ollama import OLLAMA_CHAT
from distillgate.dialects.openai import ERRORS
from distillgate.wire.refusal import Errors, Problem, Refusal, refusal, stream_error

ANTHROPIC = MESSAGES.errors
LIMITED = Problem(429, "rate_limit_exceeded", "Too many requests.")


def refuse(
    errors: Errors = ERRORS, *, reference: str = "dg_1", contact: str = "", **other: Any
) -> Refusal:
    return refusal(errors, LIMITED._replace(**other), reference, contact)


def headers(answer: Refusal) -> dict[str, str]:
    found = {name.decode(): value.decode() for name, value in answer.headers}
    assert len(found) == len(answer.headers)
    return found


def answering(status: int, headers: Any, body: bytes) -> httpx2.Client:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, headers=headers, content=body)

    return httpx2.Client(transport=httpx2.MockTransport(answer))


def ask_openai(http: httpx2.Client, **options: Any) -> Any:
    client = openai.OpenAI(api_key="k", base_url="http://t", max_retries=0, http_client=http)
    return client.chat.completions.create(model="m", messages=[], **options)


def ask_anthropic(http: httpx2.Client, **options: Any) -> Any:
    client = anthropic.Anthropic(api_key="k", base_url="http://t", max_retries=0, http_client=http)
    return client.messages.create(model="m", max_tokens=1, messages=[], **options)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (403, openai.PermissionDeniedError, "permission_error"),
        (413, openai.APIStatusError, "invalid_request_error"),
        (429, openai.RateLimitError, "rate_limit_error"),
        (502, openai.InternalServerError, "server_error"),
        (503, openai.InternalServerError, "service_unavailable_error"),
        (504, openai.InternalServerError, "server_error"),
    ],
)
def test_openais_sdk_raises_its_own_exception(
    status: int, error: type[openai.APIStatusError], kind: str
) -> None:
    answer = refuse(status=status, code="campaign")

    with (
        answering(answer.status, answer.headers, answer.body) as http,
        pytest.raises(error) as raised,
    ):
        ask_openai(http)

    found = raised.value
    assert (found.status_code, found.code, found.type) == (status, "campaign", kind)
    assert found.request_id == "dg_1"
    assert "Too many requests. Reference: dg_1." in found.message


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (403, anthropic.PermissionDeniedError, "permission_error"),
        (413, anthropic.APIStatusError, "request_too_large"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (502, anthropic.InternalServerError, "api_error"),
        (504, anthropic.InternalServerError, "timeout_error"),
        (529, anthropic.InternalServerError, "overloaded_error"),
    ],
)
def test_anthropics_sdk_raises_its_own_exception(
    status: int, error: type[anthropic.APIStatusError], kind: str
) -> None:
    answer = refuse(ANTHROPIC, status=status, code="campaign")

    with (
        answering(answer.status, answer.headers, answer.body) as http,
        pytest.raises(error) as raised,
    ):
        ask_anthropic(http)

    found = raised.value
    assert (found.status_code, found.type) == (status, kind)
    assert found.request_id == "dg_1"
    assert found.error_code == "campaign"
    assert orjson.loads(found.response.content)["request_id"] == "dg_1"
    assert found.api_message == "Too many requests. Reference: dg_1."


def test_a_throttled_openai_client_sees_openais_code() -> None:
    assert orjson.loads(refuse().body)["error"] == {
        "message": "Too many requests. Reference: dg_1.",
        "type": "rate_limit_error",
        "param": None,
        "code": "rate_limit_exceeded",
    }


def test_headers_are_of_the_dialect() -> None:
    openais, anthropics = headers(refuse()), headers(refuse(ANTHROPIC))

    assert openais["content-type"] == "application/json"
    assert openais["content-length"] == str(len(refuse().body))
    assert openais["x-request-id"] == anthropics["request-id"] == "dg_1"
    assert not {"retry-after", "retry-after-ms", "x-should-retry"} & openais.keys()


@pytest.mark.parametrize(
    ("wait", "seconds", "milliseconds"),
    [
        (1.2, "2", "1200"),
        (30, "30", "30000"),
        (0.01, "1", "1000"),
        (-5.0, "1", "1000"),
        (119.5, "120", "119500"),
        (3600.0, "120", "120000"),
        (float("inf"), "120", "120000"),
        (float("nan"), "1", "1000"),
    ],
)
def test_a_wait_is_one_the_sdks_keep_to(wait: float, seconds: str, milliseconds: str) -> None:
    found = headers(refuse(retry_after=wait))

    assert (found["retry-after"], found["retry-after-ms"]) == (seconds, milliseconds)


@pytest.mark.parametrize(("should", "said"), [(True, "true"), (False, "false")])
def test_whether_to_retry_is_said(should: bool, said: str) -> None:
    assert headers(refuse(should_retry=should))["x-should-retry"] == said


def test_the_contact_is_named() -> None:
    body = orjson.loads(refuse(contact="abuse@example.com").body)

    assert body["error"]["message"].endswith("Reference: dg_1. Contact: abuse@example.com.")


def test_a_message_that_names_them_is_left_as_it_is() -> None:
    answer = refuse(message="Ask me@x about dg_1.", contact="me@x")

    assert orjson.loads(answer.body)["error"]["message"] == "Ask me@x about dg_1."


def test_a_clients_own_reference_cannot_break_the_headers() -> None:
    answer = refuse(reference="a\r\nset-cookie: x=1\x00é\ud800" + "y" * 1000, message="\ud800")

    found = headers(answer)["x-request-id"]
    assert found.startswith("aset-cookie:x=1y")
    assert len(found) <= 128
    orjson.loads(answer.body)


def test_an_unusable_reference_is_left_out() -> None:
    assert "x-request-id" not in headers(refuse(reference="\n"))


CHUNK = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[]}\n\n'
)
START = b'event: ping\ndata: {"type":"ping"}\n\n'
STREAM = {"content-type": "text/event-stream"}


@pytest.mark.parametrize("begun", [b"", CHUNK, CHUNK[:-1], CHUNK[:-2]])
def test_openais_sdk_raises_what_ends_a_stream(begun: bytes) -> None:
    end = stream_error(ERRORS, Problem(502, "upstream", "Gone."), "dg_1")

    with (
        answering(200, STREAM, begun + end) as http,
        pytest.raises(openai.APIError) as raised,
    ):
        list(ask_openai(http, stream=True))

    assert (raised.value.code, raised.value.type) == ("upstream", "server_error")
    assert raised.value.message == "Gone. Reference: dg_1."


@pytest.mark.parametrize("begun", [b"", START, START[:-1], START[:-2]])
def test_anthropics_sdk_raises_what_ends_a_stream(begun: bytes) -> None:
    end = stream_error(ANTHROPIC, Problem(504, "timeout", "Late."), "dg_1")

    with (
        answering(200, STREAM, begun + end) as http,
        pytest.raises(anthropic.APIStatusError) as raised,
    ):
        list(ask_anthropic(http, stream=True))

    assert (raised.value.type, raised.value.error_code) == ("timeout_error", "timeout")
    assert raised.value.api_message == "Late. Reference: dg_1."


def test_googles_and_ollamas_clients_are_told_in_their_own_shape() -> None:
    told = LIMITED._replace(message="Wait.")
    google = orjson.loads(refusal(gemini.ERRORS, told, "r-1").body)["error"]
    ollama = orjson.loads(refusal(OLLAMA_CHAT.errors, told, "r-1").body)

    assert (google["code"], google["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert "r-1" in google["message"]
    assert ollama == {"error": "Wait. Reference: r-1.", "code": "rate_limit_exceeded"}
