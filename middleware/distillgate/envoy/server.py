"""The external processor's gRPC service."""

import asyncio
from collections.abc import Sequence

from envoy.service.ext_proc.v3 import external_processor_pb2 as ext_proc
from google.protobuf.message import DecodeError
from starlette.requests import HTTPConnection
from starlette.types import Scope

from distillgate.admin.access import Access, Refused
from distillgate.admin.roles import May
from distillgate.asgi.context import Context
from distillgate.asgi.detached import Detaching
from distillgate.envoy.connection import Connection
from distillgate.envoy.processor import Processor
from distillgate.envoy.stream import INTERNAL, INVALID, OK, UNAUTHENTICATED, UNIMPLEMENTED, Stream

PATH = "/envoy.service.ext_proc.v3.ExternalProcessor/Process"
_BESIDE = 1 << 20
"""Bytes of headers and the like beside a body."""


class Server:
    """Answers Envoy."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access
        self._detaching = Detaching(context)
        self._servers: Sequence[asyncio.Server] = ()

    @property
    def port(self) -> int:
        """The port that is listened on; 0 for a Unix socket."""
        name = self._servers[0].sockets[0].getsockname()
        return name[1] if isinstance(name, tuple) else 0

    async def start(self, listen: str, *, shared: bool) -> None:
        """Begin to listen; `shared` with other processes. `OSError` is raised as it comes."""
        loop = asyncio.get_running_loop()
        if listen.startswith("unix:"):
            found = await loop.create_unix_server(self._connection, listen[5:])
        else:
            host, _, port = listen.rpartition(":")
            found = await loop.create_server(
                self._connection, host.strip("[]"), int(port), reuse_port=shared or None
            )
        self._servers = (found,)

    def stop(self) -> None:
        """Take no more."""
        for server in self._servers:
            server.close()

    def _connection(self) -> Connection:
        limit = self._context.settings.body.max_bytes + _BESIDE
        return Connection(self._serve, self._context.tasks.keep, limit)

    async def _serve(self, stream: Stream) -> None:
        """Answer the messages of one exchange."""
        if not self._lets_in(stream):
            stream.end(UNAUTHENTICATED)
            return
        if stream.headers.get(":path") != PATH:
            stream.end(UNIMPLEMENTED)
            return
        processor = Processor(self._detaching, stream.peer)
        try:
            while not processor.over and (message := await stream.receive()) is not None:
                request = ext_proc.ProcessingRequest.FromString(message)
                stream.send((await processor.answer(request)).SerializeToString())
            stream.end(OK)
        except DecodeError:
            stream.end(INVALID)
        except Exception as error:  # noqa: BLE001 - Envoy lets pass, or not, as it is configured
            self._context.observer.failed("envoy", error)
            stream.end(INTERNAL)
        finally:
            processor.close()

    def _lets_in(self, stream: Stream) -> bool:
        given = stream.headers.get("authorization", "")
        scheme, _, key = given.partition(" ")
        caller = self._access.holder(key.strip()) if scheme.lower() == "bearer" else None
        if caller is not None and caller.may(May.DECIDE):
            return True
        why: Refused = "anonymous" if not given else "wrong_key" if caller is None else "role"
        client = None if stream.peer is None else (stream.peer, 0)
        scope: Scope = {"type": "http", "client": client, "headers": [], "path": "/"}
        self._access.note(HTTPConnection(scope), why)
        return False
