"""The gRPC server of the external processor, in the gate's event loop."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
from envoy.service.ext_proc.v3 import external_processor_pb2 as ext_proc
from envoy.service.ext_proc.v3 import external_processor_pb2_grpc as services
from starlette.requests import HTTPConnection

from distillgate.admin.access import Access, Refused
from distillgate.admin.roles import May
from distillgate.asgi.context import Context
from distillgate.asgi.detached import Detaching
from distillgate.envoy.processor import Processor
from distillgate.errors import ConfigError

_BESIDE = 1 << 20
"""Bytes of headers and the like beside a body."""
_GRACE = 5.0
"""Seconds that exchanges under way get when the gate ends."""


class Server:
    """Answers Envoy."""

    def __init__(self, context: Context, access: Access, listen: str) -> None:
        self._context = context
        self._access = access
        self._detaching = Detaching(context)
        self._listen = listen
        most = context.settings.body.max_bytes + _BESIDE
        self._server = grpc.aio.server(options=[("grpc.max_receive_message_length", most)])
        services.add_ExternalProcessorServicer_to_server(self, self._server)
        self.port = 0

    async def start(self) -> None:
        """Begin to listen. Raises `ConfigError` where that cannot be."""
        try:
            self.port = self._server.add_insecure_port(self._listen)
        except RuntimeError as error:
            raise ConfigError(f"envoy.listen: cannot listen on {self._listen}") from error
        await self._server.start()

    async def stop(self) -> None:
        """End; exchanges under way get some seconds."""
        await self._server.stop(_GRACE)

    async def Process(  # noqa: N802 - gRPC's name
        self, request_iterator: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[ext_proc.ProcessingResponse]:
        """Answer the messages of one exchange."""
        peer = _address(context.peer())
        await self._let_in(context, peer)
        async for answer in Processor(self._detaching, peer).run(request_iterator):
            yield answer

    async def _let_in(self, context: Any, peer: str | None) -> None:
        given = dict(context.invocation_metadata()).get("authorization", "")
        scheme, _, key = given.partition(" ")
        caller = self._access.holder(key.strip()) if scheme.lower() == "bearer" else None
        if caller is not None and caller.may(May.DECIDE):
            return
        connection = HTTPConnection(
            {"type": "http", "client": peer and (peer, 0), "headers": [], "path": "/"}
        )
        why: Refused = "anonymous" if not given else "wrong_key" if caller is None else "role"
        self._access.note(connection, why)
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the key is missing or wrong")


def _address(peer: str) -> str | None:
    """Return the address in gRPC's name of a peer; None of a Unix socket."""
    kind, _, rest = peer.partition(":")
    if kind not in ("ipv4", "ipv6"):
        return None
    host = rest.rpartition(":")[0]
    return host.replace("%5B", "").replace("%5D", "").strip("[]")
