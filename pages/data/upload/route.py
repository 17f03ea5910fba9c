"""`/api/upload`: a browser sends files in slices, asks how far they are, and takes them back.

    POST    /api/upload               {"files": [{"name", "size", "modified"}]} -> {"files": [{"id", "received"}]}
    GET     /api/upload               the files of the ticket
    PUT     /api/upload/ID?offset=N   one slice -> {"received"}; 409 with it when the file does not end at N
    GET     /api/upload/ID            {"received"}
    DELETE  /api/upload/ID

Every call carries the ticket in `X-Sessionscope-Ticket`. A page elsewhere on the web cannot: it does not know it, and a
browser would ask for leave before it sends such a header, which is never given.
"""

import asyncio
import json
from contextlib import suppress
from typing import IO
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from streamlit import config

from pages.data.upload.disk import Upload, UploadRefused, uploads

TICKET = "x-sessionscope-ticket"
SLICE = 8 << 20  # bytes that the browser sends at once
MOST_AT_ONCE = 2 * SLICE
MOST_ASKED = 1 << 20  # bytes of a list of names
BLOCK = 1 << 20  # what is held in memory
SILENT_S = 20.0  # after which a slice is over
STORAGE_FULL = (28, 122, 27)  # ENOSPC, EDQUOT, EFBIG


class _Unheard(Exception):  # noqa: N818
    """A body larger than it may be."""


async def upload(request: Request) -> Response:
    """One call of the browser's."""
    if is_from_elsewhere(request):
        return _no("This is for the pages of the app itself.", 403)
    ticket = request.headers.get(TICKET, "")
    if not uploads.knows(ticket):
        return _no("The app has been started again since the page was loaded; drop the file again.", 410)
    number = request.path_params.get("number")
    if number is None:
        if request.method == "POST":
            return await _begin(request, ticket)
        if request.method == "GET":
            return JSONResponse({"files": [_said(one) for one in uploads.files(ticket)]})
        return _no("Only GET and POST are understood here.", 405, Allow="GET, POST")
    if request.method not in ("GET", "PUT", "DELETE"):
        return _no("Only GET, PUT and DELETE are understood here.", 405, Allow="GET, PUT, DELETE")
    found = uploads.find(ticket, number)
    if found is None:
        return _no("There is no such file any more; drop it again.", 404)
    if request.method == "GET":
        return JSONResponse(_said(found))
    if request.method == "PUT":
        return await _receive(request, found)
    try:
        await run_in_threadpool(uploads.remove, ticket, number)
    except UploadRefused as error:
        return _no(str(error), 409)
    return Response(status_code=204)


def is_from_elsewhere(request: Request) -> bool:
    """Whether another site's page has sent this. A browser says so itself, or names where the page came from."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return False
    parts = urlsplit(origin.lower())
    if parts.netloc == request.headers.get("host", "").lower():
        return False
    named = str(config.get_option("browser.serverAddress")).lower()  # by whoever put a proxy in front
    return named == "localhost" or parts.hostname != named


async def _begin(request: Request, ticket: str) -> Response:
    try:
        wanted = json.loads(await _whole(request, MOST_ASKED))["files"]
        asked = [(str(one["name"]), int(one["size"]), int(one.get("modified", 0))) for one in wanted]
        if not all(size >= 0 for _, size, _ in asked):
            raise ValueError("a file of less than nothing")
    except _Unheard:
        return _no("The list of files is too long; drop fewer at once.", 413)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return _no('Say {"files": [{"name": ..., "size": ...}]}.', 400)
    answers: list[dict[str, object]] = []
    for name, size, modified in asked:
        try:
            answers.append(_said(await run_in_threadpool(uploads.begin, ticket, name, size, modified)))
        except UploadRefused as error:
            answers.append({"error": str(error)})
        except OSError as error:
            answers.append({"error": f"{name} cannot be kept: {error.strerror}."})
        except KeyError:  # it ran out between two files
            return _no("The app has been started again since the page was loaded; drop the file again.", 410)
    return JSONResponse({"files": answers})


async def _receive(request: Request, found: Upload) -> Response:
    offset = request.query_params.get("offset", "")
    if not (offset.isascii() and offset.isdecimal()):
        return _no("Say where the slice begins: ?offset=0.", 400)
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MOST_AT_ONCE:
        return _no(f"A slice has at most {MOST_AT_ONCE} bytes.", 413)
    if not found.busy.acquire(blocking=False):
        return JSONResponse({"received": found.received, "error": "Another slice is on its way."}, 409)
    try:
        if found.received != int(offset):
            return JSONResponse({"received": found.received, "error": "The file does not end there."}, 409)
        with found.path.open("ab", buffering=0) as file:
            return await _written(request, found, file)
    except FileNotFoundError:
        return _no("There is no such file any more; drop it again.", 404)
    except OSError as error:
        if error.errno in STORAGE_FULL:
            return _no(f"The disk of the app is full; {found.name} stops here. Make room, then try again.", 507)
        return _no(f"{found.name} cannot be kept: {error.strerror}.", 500)
    finally:
        found.busy.release()


async def _written(request: Request, found: Upload, file: IO[bytes]) -> Response:
    """What came is kept, even when the connection is lost in the middle of a slice."""
    room = min(found.size - found.received, MOST_AT_ONCE)
    held, came = bytearray(), 0
    too_much = False
    with suppress(ClientDisconnect, TimeoutError, StopAsyncIteration):
        pieces = request.stream()
        while True:  # a connection that died without a word would keep the file from going on
            async with asyncio.timeout(SILENT_S):
                piece = await anext(pieces)
            came += len(piece)
            if came > room:
                too_much = True
                break
            held += piece
            if len(held) >= BLOCK:
                await run_in_threadpool(_write, file, bytes(held))
                held.clear()
    if too_much:
        return _no(f"{found.name} is longer than was said; it may have changed. Drop it again.", 413)
    await run_in_threadpool(_write, file, bytes(held))
    return JSONResponse({"received": found.received})


def _write(file: IO[bytes], block: bytes) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[file.write(rest) :]


async def _whole(request: Request, most: int) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise _Unheard
    return bytes(body)


def _said(one: Upload) -> dict[str, object]:
    return {"id": one.id, "name": one.name, "size": one.size, "received": one.received}


def _no(sentence: str, status: int, **headers: str) -> Response:
    return JSONResponse({"error": sentence}, status, headers=headers)
