"""How does a file at an address come to the disk? As a stream over `https://`, or from a bucket over `s3://`.

Python's own library fetches it, so that nothing has to be installed, and what arrives is a file like any other: packed,
in any encoding, hashed. Keys come from the environment alone, as AWS names them, and are neither stored nor shown;
without any, a bucket is asked as by a stranger. `http://` is spoken on this machine only.
"""

import datetime as dt
import fnmatch
import glob
import hashlib
import hmac
import html
import http.client
import os
import re
import shutil
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote, urlsplit

from analytics import words
from analytics.errors import InvalidQuestion, UnreadableSource
from analytics.ingest.files import BLOCK

TIMEOUT_S = 60
MOST_KEYS = 100_000
NOTHING = hashlib.sha256(b"").hexdigest()
REGION = "us-east-1"
HERE = ("localhost", "127.0.0.1", "::1")
KEY = re.compile(r"<Contents>.*?<Key>(.*?)</Key>.*?<Size>(\d+)</Size>.*?</Contents>", re.DOTALL)
NEXT = re.compile(r"<NextContinuationToken>(.*?)</NextContinuationToken>")


@dataclass(frozen=True)
class Remote:
    """A file elsewhere: `shown` is its address without what may be secret, `name` what its file is called. 0 bytes: unknown."""  # noqa: E501

    address: str
    shown: str
    name: str
    bytes: int = 0


def is_address(text: str) -> bool:
    """Whether a text is an address, of whatever kind, and no path."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) is not None


def find(address: str) -> Iterator[Remote]:
    """The files an address names: one, or those of a bucket that a pattern or a folder (`s3://bucket/logs/`) names.

    Raises `InvalidQuestion` for an address of another kind, `UnreadableSource` when the bucket cannot be asked.
    """
    parts = urlsplit(address)
    shown = _shown(address)
    if parts.scheme == "s3":
        yield from _found(parts.netloc, address.removeprefix(f"s3://{parts.netloc}").lstrip("/"), shown)
        return
    _refuse_unsafe(address)
    if parts.username or parts.password:
        raise InvalidQuestion(
            f"Leave name and password out of the address {shown}: it would be seen in lists of programs."
        )
    yield _sized(Remote(address, shown, unquote(parts.path.rsplit("/", 1)[-1]) or parts.netloc))


def fetch(remote: Remote, folder: Path, begin: Callable[[str], None]) -> Path:
    """Streams the file into `folder`; `begin` hears now and then how far it is, and may raise.

    Raises `UnreadableSource` when it cannot be had whole.
    """
    own = folder / f"fetched-{uuid.uuid4().hex}"
    own.mkdir()
    target = own / (re.sub(r"[^\w. -]", "_", remote.name)[-100:].strip(" .") or "file")
    with _opened(remote) as answer, target.open("wb") as out:
        size, there = _length(answer), 0
        if size > (free := shutil.disk_usage(own).free):
            raise UnreadableSource(
                f"{remote.shown} has {words.size(size)}, and the store's disk has {words.size(free)} free."
            )
        of = f" of {words.size(size)}" if size else ""
        while block := _block(answer, remote.shown):
            begin(f"fetching {remote.shown}, {words.size(there)}{of}")
            out.write(block)
            there += len(block)
    if there < size:
        raise UnreadableSource(f"{remote.shown} broke off after {words.size(there)}{of}; try again.")
    return target


def _shown(address: str) -> str:
    """An address without what may be secret in it: its query, and the name and password before its host."""
    scheme, _, rest = address.partition("://")
    if scheme == "s3":
        return address
    place = re.split(r"[?#]", rest, maxsplit=1)[0]
    host, slash, path = place.partition("/")
    return f"{scheme}://{host.rsplit('@', 1)[-1]}{slash}{path}"


def _refuse_unsafe(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE):
        return
    if parts.scheme == "http":
        raise InvalidQuestion(
            f"{_shown(address)} is not encrypted on its way; use https://, or fetch the file yourself."
        )
    raise InvalidQuestion(f"{_shown(address)} is no address known here; they begin with https:// or s3://.")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows an answer that says where else to look, as far as that is safe."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        _refuse_unsafe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _sized(remote: Remote) -> Remote:
    """With its size, where the server says it without sending the file: not every one does."""
    try:
        with _opened(remote, "HEAD") as answer:
            return replace(remote, bytes=_length(answer))
    except UnreadableSource:
        return remote


def _length(answer: http.client.HTTPResponse) -> int:
    return int(answer.headers.get("Content-Length") or 0)


def _opened(remote: Remote, method: str = "GET") -> http.client.HTTPResponse:
    """The answer to a request for a file. Raises `UnreadableSource` when there is none."""
    parts = urlsplit(remote.address)
    if parts.scheme == "s3":
        return _asked(parts.netloc, remote.address.removeprefix(f"s3://{parts.netloc}/"), {}, remote.shown, method)
    return _answer(urllib.request.Request(remote.address, method=method), remote.shown)  # noqa: S310 - its kind was looked at


def _answer(request: urllib.request.Request, shown: str) -> http.client.HTTPResponse:
    try:
        answer: http.client.HTTPResponse = urllib.request.build_opener(_Redirects).open(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        raise UnreadableSource(_refused(error, shown)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or error
        raise UnreadableSource(f"{shown} cannot be reached: {getattr(why, 'strerror', None) or why}.") from error
    return answer


def _refused(error: urllib.error.HTTPError, shown: str) -> str:
    if error.code in (404, 410):
        return f"There is no file {shown}."
    if error.code in (401, 403) and shown.startswith("s3://"):
        who = (
            "by the keys in the environment"
            if _keys()
            else "without keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
        return f"{shown} may not be read {who}."
    if error.code in (401, 403):
        return f"{shown} may not be read by everybody who has the address; fetch it yourself and import the file."
    return f"{shown} cannot be had: the server answered {error.code} {error.reason}."


def _block(answer: http.client.HTTPResponse, shown: str) -> bytes:
    try:
        return answer.read(BLOCK)
    except (OSError, http.client.HTTPException) as error:
        raise UnreadableSource(f"{shown} broke off; try again.") from error


def _keys() -> tuple[str, str] | None:
    """Who asks, as AWS's tools write it in the environment."""
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    return (key, secret) if key and secret else None


def _found(bucket: str, path: str, shown: str) -> Iterator[Remote]:
    """The objects of a bucket that a key, a pattern or a folder names, by name."""
    if not bucket:
        raise InvalidQuestion(f"{shown} names no bucket; write s3://BUCKET/FILE.")
    if path and not path.endswith("/") and not glob.has_magic(path):
        yield _sized(Remote(f"s3://{bucket}/{path}", shown, path.rsplit("/", 1)[-1]))
        return
    fits = re.compile(_pattern(path) if glob.has_magic(path) else re.escape(path) + r".*", re.DOTALL).fullmatch
    prefix = re.split(r"[*?\[]", path, maxsplit=1)[0]
    found = [(key, size) for key, size in _listed(bucket, prefix, shown) if fits(key) and not key.endswith("/")]
    if not found:
        raise UnreadableSource(f"There is no file at {shown}.")
    for key, size in sorted(found):
        yield Remote(f"s3://{bucket}/{key}", f"s3://{bucket}/{key}", key.rsplit("/", 1)[-1], size)


def _pattern(path: str) -> str:
    """A pattern as a regular expression: `**/` is any depth, `*` stays in its folder."""
    parts = re.split(r"(\*\*/?|\*|\?|\[[^\]]+\])", path)
    said = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    return "".join(
        said.get(part) or (fnmatch.translate(part)[4:-3] if part.startswith("[") else re.escape(part)) for part in parts
    )


def _listed(bucket: str, prefix: str, shown: str) -> Iterator[tuple[str, int]]:
    query = {"encoding-type": "url", "list-type": "2", "prefix": prefix}
    seen = 0
    while True:
        with _asked(bucket, "", query, shown) as answer:
            page = answer.read(64_000_000).decode("utf-8", errors="replace")
        for key, size in KEY.findall(page):
            seen += 1
            yield unquote(html.unescape(key).replace("+", " ")), int(size)
        more = NEXT.search(page)
        if more is None:
            return
        if seen > MOST_KEYS:
            raise UnreadableSource(f"{shown} names more than {words.count(MOST_KEYS)} files; name a smaller part.")
        query["continuation-token"] = html.unescape(more[1])


def _asked(
    bucket: str, key: str, query: Mapping[str, str], shown: str, method: str = "GET"
) -> http.client.HTTPResponse:
    """What a bucket answers; asked again where it says that it lies in another region."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or REGION
    try:
        return _answer(_request(bucket, key, query, region, method), shown)
    except UnreadableSource as error:
        headers = getattr(error.__cause__, "headers", None)
        there = headers.get("x-amz-bucket-region") if headers is not None else None
        if not there or there == region:
            raise
        return _answer(_request(bucket, key, query, there, method), shown)


def _request(bucket: str, key: str, query: Mapping[str, str], region: str, method: str) -> urllib.request.Request:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        _refuse_unsafe(endpoint)
        root, path = endpoint.rstrip("/"), f"/{bucket}/{key}"
    elif "." in bucket:  # its name would not fit the certificate
        root, path = f"https://s3.{region}.amazonaws.com", f"/{bucket}/{key}"
    else:
        root, path = f"https://{bucket}.s3.{region}.amazonaws.com", f"/{key}"
    way = quote(path, safe="/~")
    asked = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(query.items()))
    headers = {}
    if keys := _keys():
        parts = urlsplit(root)
        headers = signed(method, parts.netloc, parts.path + way, asked, region, *keys, now=dt.datetime.now(dt.UTC))
    return urllib.request.Request(f"{root}{way}{'?' if asked else ''}{asked}", headers=headers, method=method)  # noqa: S310


def signed(
    method: str, host: str, path: str, query: str, region: str, key: str, secret: str, *, now: dt.datetime
) -> dict[str, str]:
    """The headers of a request without a body, signed by Signature Version 4; `path` and `query` are as sent."""
    moment, day = f"{now:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%d}"
    headers = {"host": host, "x-amz-content-sha256": NOTHING, "x-amz-date": moment}
    if token := os.environ.get("AWS_SESSION_TOKEN"):
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = "\n".join((method, path, query, lines, names, NOTHING))
    scope = f"{day}/{region}/s3/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()))
    made = f"AWS4{secret}".encode()
    for part in (day, region, "s3", "aws4_request", text):
        made = hmac.digest(made, part.encode(), "sha256")
    authorization = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={made.hex()}"
    return {**headers, "Authorization": authorization}
