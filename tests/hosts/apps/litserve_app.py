"""LitServe, with the gate among its middleware: `python litserve_app.py PORT`."""

import sys
from collections.abc import Iterator
from typing import Any

import litserve

from distillgate import Gate


class Echo(litserve.LitAPI):
    """Two words, whatever is asked."""

    def setup(self, device: str) -> None:
        """Load nothing."""

    def predict(self, prompt: Any) -> Iterator[str]:
        yield "one "
        yield "two"


if __name__ == "__main__":
    server = litserve.LitServer(
        Echo(spec=litserve.OpenAISpec()), accelerator="cpu", middlewares=[(Gate, {})]
    )
    server.run(
        host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, num_api_servers=1
    )
