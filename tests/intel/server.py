"""A small TAXII 2.1 server of one collection, as the specification's sections 3.4, 5.4 and 5.5."""

import base64
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

MEDIA = "application/taxii+json;version=2.1"
LOGIN = "lab:secret"
_PAGE = 5


class Collection:
    """Objects in the order in which they came, each once."""

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}
        self.requests = 0
        self.app = Starlette(
            routes=[
                Route("/api/collections/c/objects/", self.read, methods=["GET"]),
                Route("/api/collections/c/objects/", self.add, methods=["POST"]),
            ]
        )

    async def read(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        start = int(request.query_params.get("next", "0"))
        held = list(self.objects.values())
        page: dict[str, Any] = {"objects": held[start : start + _PAGE]}
        if start + _PAGE < len(held):
            page |= {"more": True, "next": str(start + _PAGE)}
        return Response(orjson.dumps(page), media_type=MEDIA)

    async def add(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        if request.headers.get("content-type") != MEDIA:
            return Response(status_code=415)
        objects = orjson.loads(await request.body())["objects"]
        bad = [one for one in objects if "id" not in one]
        self.objects |= {one["id"]: one for one in objects if "id" in one}
        status = {
            "id": "2d086da7-4bdc-4f91-900e-d77486753710", "status": "complete",
            "total_count": len(objects), "success_count": len(objects) - len(bad),
            "failure_count": len(bad), "pending_count": 0,
            "failures": [{"id": "?", "version": "?", "message": "has no id"} for _ in bad],
        }  # fmt: skip
        return Response(orjson.dumps(status), status_code=202, media_type=MEDIA)

    def _refused(self, request: Request) -> Response | None:
        self.requests += 1
        wanted = f"Basic {base64.b64encode(LOGIN.encode()).decode()}"
        if request.headers.get("authorization") != wanted:
            return Response(status_code=401)
        return None if request.headers.get("accept") == MEDIA else Response(status_code=406)
