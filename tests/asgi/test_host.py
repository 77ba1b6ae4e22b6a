import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from distillgate.asgi.host import load_identify
from distillgate.assembly import build
from distillgate.config.load import read
from distillgate.config.schema import Config
from distillgate.errors import ConfigError

LITELLM = os.environ.get("DISTILLGATE_LITELLM", "")
"""A Python in which `litellm[proxy]` is installed."""
DOCS = Path(__file__).parents[2] / "docs" / "hosts.md"

MODULE = """
class Names:
    def __call__(self, scope):
        return "by-the-host"

    async def later(self, scope):
        return "never"

identify = Names()
later = identify.later
text = "no function"

async def waits(scope):
    return "never"
"""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "host_of_this_test.py").write_text(MODULE)
    (tmp_path / "broken_host.py").write_text("raise RuntimeError('no database')")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "host_of_this_test"
    sys.modules.pop("host_of_this_test", None)


def test_a_function_named_in_the_configuration_names_accounts(host: str) -> None:
    yaml = f"asgi: {{identity: {{identify: '{host}:identify'}}}}"
    parts = build(read(yaml, Config, source="test"))

    found = parts.context.identifier.identify({"type": "http", "headers": [], "client": None})

    assert found is not None
    assert found.account == "by-the-host"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such_module:identify", "cannot be imported: ModuleNotFoundError"),
        ("host_of_this_test:missing", "cannot be imported: AttributeError"),
        ("broken_host:identify", "cannot be imported: RuntimeError: no database"),
        ("host_of_this_test:text", "cannot be called"),
        ("host_of_this_test:waits", "asynchronous"),
        ("host_of_this_test:later", "asynchronous"),
    ],
)
def test_a_name_that_is_no_usable_function_is_an_error_at_the_start(
    host: str, name: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=f"{name}.*{message}"):
        load_identify(name)


@pytest.mark.parametrize("name", ["identify", "module:", ":identify", "a b:c", "module:a.b"])
def test_a_name_of_another_form_is_an_error_of_the_configuration(name: str) -> None:
    with pytest.raises(ConfigError, match=r"asgi\.identity\.identify"):
        read(f"asgi: {{identity: {{identify: '{name}'}}}}", Config, source="test")


@pytest.mark.skipif(not LITELLM, reason="DISTILLGATE_LITELLM names no Python with litellm[proxy]")
def test_the_recipe_for_litellm_names_a_key_as_litellm_does_in_whatever_form(
    tmp_path: Path,
) -> None:
    recipe = re.search(r"```python\n(# litellm_accounts\.py.*?)```", DOCS.read_text(), re.DOTALL)
    assert recipe is not None
    (tmp_path / "litellm_accounts.py").write_text(recipe[1])
    forms = [
        [["authorization", "Bearer sk-1234"]],
        [["authorization", "bearer sk-1234"]],
        [["authorization", "Basic sk-1234"]],
        [["authorization", "Bearer sk-Bearer 1234"]],
        [["authorization", "AWS4-HMAC-SHA256 Credential=Bearer sk-1234/20260216/us"]],
        [["x-litellm-api-key", "sk-1234"], ["authorization", "Bearer another"]],
        [["api-key", "sk-1234"]],
        [["x-api-key", "sk-1234"]],
        [["x-goog-api-key", "sk-1234"]],
        [["ocp-apim-subscription-key", "sk-1234"]],
    ]
    script = """
        import json, sys
        from litellm_accounts import identify
        from litellm.proxy.utils import hash_token
        names = []
        for form in json.loads(sys.argv[1]):
            headers = [(name.encode(), value.encode()) for name, value in form]
            names.append(identify({
                "type": "http", "method": "POST", "scheme": "http", "server": ["127.0.0.1", 80],
                "path": "/v1/chat/completions", "root_path": "", "query_string": b"",
                "headers": headers,
            }))
        print(json.dumps([names, hash_token("sk-1234")]))
    """
    environ = os.environ | {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(
        [LITELLM, "-c", dedent(script), json.dumps([*forms, [["x-made-up", "sk-1234"]]])],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env=environ,
    )

    (*names, nobody), own = json.loads(ran.stdout.splitlines()[-1])

    assert names == [own] * len(forms)
    assert nobody is None
