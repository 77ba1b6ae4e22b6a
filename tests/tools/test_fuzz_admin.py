from pathlib import Path

import httpx2
from tools.fuzz_admin import KEY, described, gate

from distillgate_lab.upstream.server import serve


def test_every_page_that_answers_with_json_is_described(tmp_path: Path) -> None:
    asked = gate(tmp_path)
    with serve(asked.sidecar()) as server, httpx2.Client(trust_env=False, timeout=60) as client:
        assert asked.parts is not None
        pages = described(asked.parts.console().app(), ["a-1"])["paths"]
        assert {"/state", "/accounts/{id}/{deed}", "/intelligence/export"} < pages.keys()
        assert not any(path.startswith("/console") for path in pages)
        assert pages["/kill"]["post"]["requestBody"]["content"].keys() == {"application/json"}
        headers = {"authorization": f"Bearer {KEY}"}
        for path in pages:
            if "get" in pages[path] and "{" not in path:
                found = client.get(f"{server.url}/distillgate{path}", headers=headers)
                assert str(found.status_code) in pages[path]["get"]["responses"], path
