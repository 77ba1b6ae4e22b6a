"""Pages of other origins read the gate's own answers where they may read the upstream's."""

import json
import os
import re
import shutil
import subprocess
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from tests.conftest import Serving

from distillgate import Gate
from distillgate.config.load import read
from distillgate.config.schema import Config
from distillgate.proxy.relay import Relay

PATH = "/v1/chat/completions"
CALL = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
PAGE, OTHER = "https://app.example.com", "https://evil.example"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ONCE: dict[str, Any] = {
    "mode": "enforce",
    "policy": {"plans": {"default": {"requests_per_minute": 0.01}}},
}
"""A plan that lets one request through."""


def host(**cors: Any) -> Any:
    """Make a host whose own CORS headers stand inside the gate."""

    async def chat(_: Request) -> Response:
        return JSONResponse({"choices": []})

    app: Any = Starlette(routes=[Route(PATH, chat, methods=["POST"])])
    options: dict[str, Any] = {
        "allow_methods": ["POST"],
        "allow_headers": ["authorization", "content-type"],
    }
    return CORSMiddleware(app, **options, **cors) if cors else app


def call(url: str, origin: str | None, key: str = "sk-0123456789", **headers: str) -> Any:
    origins = {} if origin is None else {"origin": origin}
    return httpx2.post(
        url + PATH,
        json=CALL,
        headers={"authorization": f"Bearer {key}", **origins, **headers},
        timeout=60,
    )


def preflight(url: str, origin: str) -> Any:
    asked = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    return httpx2.options(url + PATH, headers=asked, timeout=60)


def test_an_own_answer_is_readable_for_an_origin_that_the_upstream_lets_in(
    serving: Serving,
) -> None:
    url = serving(Gate(host(allow_origins=[PAGE], allow_credentials=True), ONCE)).url

    assert preflight(url, PAGE).status_code == 200
    assert call(url, PAGE).status_code == 200
    refused = call(url, PAGE)

    assert refused.status_code == 429
    assert refused.headers["access-control-allow-origin"] == PAGE
    assert refused.headers["access-control-allow-credentials"] == "true"
    readable = refused.headers["access-control-expose-headers"].split(", ")
    assert {"retry-after", "x-request-id", "x-should-retry"} <= set(readable)
    assert "origin" in refused.headers["vary"].lower()
    assert int(refused.headers["retry-after"]) >= 1


def test_a_preflight_alone_teaches_what_the_upstream_lets_in(serving: Serving) -> None:
    url = serving(Gate(host(allow_origins=[PAGE]), ONCE)).url
    assert call(url, None).status_code == 200  # no page's: the plan is used up
    assert preflight(url, PAGE).headers["access-control-allow-origin"] == PAGE

    refused = call(url, PAGE)

    assert refused.status_code == 429
    assert refused.headers["access-control-allow-origin"] == PAGE
    assert "access-control-allow-credentials" not in refused.headers


def test_an_origin_that_the_upstream_does_not_let_in_reads_nothing(serving: Serving) -> None:
    url = serving(Gate(host(allow_origins=[PAGE]), ONCE)).url
    assert call(url, PAGE).status_code == 200
    assert preflight(url, OTHER).status_code == 400

    refused = call(url, OTHER)

    assert refused.status_code == 429
    assert "access-control-allow-origin" not in refused.headers
    assert "origin" in refused.headers["vary"].lower()
    assert "access-control-allow-origin" not in call(url, None).headers


def test_where_everybody_is_let_in_own_answers_say_so_without_credentials(
    serving: Serving,
) -> None:
    url = serving(Gate(host(allow_origins=["*"]), ONCE)).url
    assert call(url, PAGE).headers["access-control-allow-origin"] == "*"

    refused = call(url, OTHER)

    assert refused.status_code == 429
    assert refused.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in refused.headers


def test_the_setting_lets_in_whom_only_a_proxy_in_front_knows(serving: Serving) -> None:
    cors = {"cors": {"origins": [PAGE], "credentials": True}}
    url = serving(Gate(host(), ONCE | {"asgi": cors})).url
    passed = call(url, PAGE)

    refused = call(url, PAGE)

    assert passed.status_code == 200
    assert "access-control-allow-origin" not in passed.headers  # the upstream's stays its own
    assert refused.headers["access-control-allow-origin"] == PAGE
    assert refused.headers["access-control-allow-credentials"] == "true"
    assert "access-control-allow-origin" not in call(url, OTHER).headers


@pytest.mark.parametrize("limits", [{"max_bytes": 1024}, {}])
def test_every_own_answer_has_them_the_relays_too(
    serving: Serving, nowhere: str, limits: dict[str, int]
) -> None:
    document = {
        "proxy": {"upstream": nowhere},
        "asgi": {"cors": {"origins": ["*"]}, "body": limits},
    }
    config = read(json.dumps(document), Config, source="test")
    url = serving(Gate(Relay(config.proxy), config)).url

    answer = (
        call(url, PAGE, x_padding="x" * 10)
        if not limits
        else httpx2.post(
            url + PATH,
            content=b"x" * 5000,
            headers={"authorization": "Bearer sk-0123456789", "origin": PAGE},
            timeout=60,
        )
    )

    assert answer.status_code == (413 if limits else 502)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-request-id" in answer.headers["access-control-expose-headers"]


SCRIPT = """
<pre id="found">waiting</pre><script>
(async () => {
  const found = [];
  for (let i = 0; i < 2; i++) {
    try {
      const answer = await fetch("%s", {method: "POST", body: JSON.stringify(%s),
        headers: {"content-type": "application/json", "authorization": "Bearer sk-0123456789"}});
      const body = await answer.json();
      found.push([answer.status, answer.headers.get("retry-after") !== null,
                  answer.headers.get("x-request-id") !== null, !!body.error]);
    } catch (error) { found.push([String(error)]); }
  }
  document.getElementById("found").textContent = JSON.stringify(found);
})();
</script>
"""


@pytest.mark.skipif(
    CHROMIUM is None or not os.environ.get("DISTILLGATE_BROWSER"),
    reason="opt-in: DISTILLGATE_BROWSER=1, and Chromium on the PATH",
)
@pytest.mark.parametrize("allowed", [True, False])
def test_a_real_browsers_page_reads_the_refusal_and_its_wait(
    serving: Serving, tmp_path: Any, allowed: bool
) -> None:
    assert CHROMIUM is not None

    async def page(_: Request) -> Response:
        return HTMLResponse(SCRIPT % (gate + PATH, json.dumps(CALL)))

    site = serving(Starlette(routes=[Route("/", page)])).url
    origins = [site] if allowed else [PAGE]
    gate = serving(Gate(host(allow_origins=origins), ONCE)).url
    arguments = (
        "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}",
        "--virtual-time-budget=20000", "--dump-dom",
    )  # fmt: skip
    ran = subprocess.run(
        [CHROMIUM, *arguments, site + "/"], capture_output=True, text=True, timeout=110, check=False
    )

    found = re.search(r'<pre id="found">(.*?)</pre>', ran.stdout)

    assert found is not None, ran.stderr[-2000:]
    if allowed:
        assert json.loads(found[1]) == [[200, False, False, False], [429, True, True, True]]
    else:
        assert found[1].count("Failed to fetch") == 2
