"""The app: Streamlit's pages and our own routes in one process, on one store.

`sessionscope run` starts it. `streamlit run app.py` does too: then `SESSIONSCOPE_STORE` names the store, and
`SESSIONSCOPE_DEMO=1` means the sample shop. One process only: it owns the store's file.

The main script is pages/main.py, not this file: beside a main script, Streamlit serves every file of a folder named
pages/ as a page of its own, past the frame.
"""

import asyncio
import base64
import hashlib
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:  # uvicorn may have been started anywhere
    sys.path.insert(0, str(HERE))

from analytics.errors import AnalyticsError  # noqa: E402
from analytics.query import Query  # noqa: E402
from analytics.serve import open_store  # noqa: E402
from analytics.store import holder  # noqa: E402
from analytics.version import VERSION  # noqa: E402
from pages.data.upload.disk import uploads  # noqa: E402
from pages.data.upload.route import upload  # noqa: E402

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
WARM = (
    "duckdb",
    "pandas",
    "plotly.graph_objects",
    "scipy.stats",
    "analytics.ingest",
)  # a second that the first visitor need not wait
SWEEP_S = 900
VARIABLES = {"SESSIONSCOPE_ADDRESS": "server.address", "SESSIONSCOPE_HOST": "browser.serverAddress"}

_listeners: list[Callable[[str], None]] = []


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict[str, object]]:
    """The store is open and announced, the libraries are loaded, before the first page is asked for."""
    try:
        holder.current()
    except LookupError:
        holder.use(open_store(demo=os.environ.get("SESSIONSCOPE_DEMO") == "1"))
    uploads.open()
    for name in WARM:
        import_module(name)
    holder.serving(url())
    for hear in _listeners:
        hear(url())
    sweeping = asyncio.create_task(_sweep())
    yield {}
    sweeping.cancel()
    uploads.close()
    holder.close_all()


async def _sweep() -> None:
    """Now and then, what people have dropped and left goes, even when nobody comes any more."""
    while True:
        await asyncio.sleep(SWEEP_S)
        await run_in_threadpool(uploads.sweep)


def url() -> str:
    """Where a browser on this machine finds the app."""
    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"{scheme}://localhost:{config.get_option('server.port')}" + (f"/{base}" if base else "")


@dataclass(frozen=True)
class Stored:
    """What the health route says about the store."""

    sessions: int


def health(request: Request) -> Response:
    """Whether the app can answer: 200 with the number of sessions stored, 503 when the store cannot be read."""
    if request.method not in ("GET", "HEAD"):
        return JSONResponse({"error": "Only GET is understood here."}, 405, headers={"Allow": "GET, HEAD"})
    with suppress(AnalyticsError, LookupError):
        [stored] = holder.current().rows(Query("SELECT count(*) AS sessions FROM sessions", {}), Stored)
        return JSONResponse({"status": "ok", "version": VERSION, "sessions": stored.sessions})
    return JSONResponse({"status": "unavailable", "version": VERSION}, 503)


def nothing_here(request: Request) -> Response:
    """Streamlit answers any unknown path with its page; whoever asks for an address of ours is told instead."""
    return JSONResponse({"error": f"There is nothing at {request.url.path}."}, 404)


def content_policy() -> str:
    """What a page of ours may load: its own server's files and nothing else.

    An address in an event's text (a picture in markdown, say) would otherwise be fetched and tell its owner who looks
    at the data. Streamlit's page has one script of its own in the text, known by its hash. Its components come as
    `blob:` modules, and Plotly compiles what it draws by WebGL (`unsafe-eval`). Styles are written by scripts, so they
    cannot be told by hash.
    """
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    known = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {known} 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' data: blob:",
            "connect-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "frame-src 'self' data: blob:",
            "frame-ancestors 'self'",
            "form-action 'self'",
            "base-uri 'self'",
            "object-src 'none'",
        )
    )


class Guard:
    """Puts the security headers on every answer, and answers only to the names that this machine has.

    A page elsewhere on the web can point a name of its own at 127.0.0.1 and then read what the app says as if it came
    from its own server. So while the app listens to this machine alone, it must have been called `localhost`, by
    address, or by Streamlit's `browser.serverAddress`, for those who put a proxy in front.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": content_policy(),
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "SAMEORIGIN",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. A websocket is only asked for its name."""
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        send_on: Send = with_headers if scope["type"] == "http" else send
        if not may_be_called(Headers(scope=scope).get("host", "")):
            refusal = PlainTextResponse(
                "Sessionscope listens to this machine only, and was called by another name. "
                "Behind a proxy, set SESSIONSCOPE_HOST to the name that people use.",
                400,
            )
            return await refusal(scope, receive, send_on)
        await self._app(scope, receive, send_on)


def may_be_called(host: str) -> bool:
    """`host` (a name or address, with or without a port) is one that this app goes by."""
    name = re.sub(r":\d+$", "", host).strip("[]").lower()
    if not is_local(str(config.get_option("server.address") or "0.0.0.0")):  # noqa: S104 - compared, not bound
        return True  # opened to a network on purpose; names are then its owner's business
    return is_local(name) or name == str(config.get_option("browser.serverAddress")).lower()


def is_local(name: str) -> bool:
    """A name or an address of this machine that no other machine can reach."""
    with suppress(ValueError):
        return ip_address(name).is_loopback
    return name == "localhost" or name.endswith(".localhost")


app = st.App(
    HERE / "pages" / "main.py",
    lifespan=lifespan,
    routes=[
        Route("/api/health", health, methods=METHODS),
        Route("/api/upload", upload, methods=METHODS),
        Route("/api/upload/{number}", upload, methods=METHODS),
        Route("/api/{rest:path}", nothing_here, methods=METHODS),
    ],
    middleware=[Middleware(Guard)],
)


def run(*, port: int, ready: Callable[[str], None]) -> None:
    """Serves until it is stopped; `ready` hears the address once pages can be asked for.

    `SESSIONSCOPE_ADDRESS` opens the app to a network (0.0.0.0 in a container), `SESSIONSCOPE_HOST` is the name that
    people use when a proxy stands in front.
    """
    _listeners.append(ready)
    options: dict[str, object] = {"server.port": port}
    options |= {option: os.environ[name] for name, option in VARIABLES.items() if os.environ.get(name)}
    with suppress(KeyboardInterrupt):  # Ctrl+C is how one stops it
        app.run(config=options)


if __name__ == "__main__":
    app.run()
