"""Pictures of pages: what lies under a heatmap and on the stage of a session's player.

A picture is for the pages that its glob matches, seen in windows at least `min_width` CSS pixels wide. SVG, PNG and
JPEG come in, and nothing is kept as it came: an SVG is written anew from the shapes and texts it holds and refused when
it holds anything that runs or reaches out; the others are decoded and encoded again, which drops what cameras add.
"""

import base64
import io
import re
import warnings
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageOps, UnidentifiedImageError

from analytics import words
from analytics.errors import InvalidQuestion, UnreadableSource
from analytics.query import Query
from analytics.store import DuckStore, Store

SVG, PNG, JPEG = "image/svg+xml", "image/png", "image/jpeg"
MOST_BYTES = 8_000_000
MOST_PIXELS = 60_000_000  # a phone's page of 20,000 px at three pixels each
MOST_WIDTH, MOST_HEIGHT = 10_000, 50_000  # CSS pixels

# The glob as a LIKE pattern; what fits best is the glob with most to say, then the widest window it is meant for.
FITTING = """
SELECT page, min_width, media, bytes, width, height
FROM workspace.pictures
WHERE min_width <= $width
    AND $page LIKE
        replace(replace(replace(replace(page, '!', '!!'), '%', '!%'), '_', '!_'), '*', '%') ESCAPE '!'
ORDER BY page = $page DESC, length(replace(page, '*', '')) DESC, page, min_width DESC
LIMIT 1
"""
KEPT = "SELECT page, min_width, media, width, height FROM workspace.pictures ORDER BY page, min_width"
REMOVED = "DELETE FROM workspace.pictures WHERE page = $page AND min_width = $min_width"
ADDED = """
INSERT INTO workspace.pictures (page, min_width, media, bytes, width, height)
VALUES ($page, $min_width, $media, $bytes, $width, $height)
"""


@dataclass(frozen=True)
class Picture:
    """`width` and `height` are CSS pixels of the page it shows; `bytes` is an image of type `media`."""

    page: str
    min_width: int
    media: str
    bytes: bytes
    width: int
    height: int

    @property
    def uri(self) -> str:
        """As a data URI, which an `img`, a canvas and Plotly's `layout.images` show without running anything."""
        return f"data:{self.media};base64,{base64.b64encode(self.bytes).decode('ascii')}"


@dataclass(frozen=True)
class Kept:
    """A picture without its bytes."""

    page: str
    min_width: int
    media: str
    width: int
    height: int


def for_page(store: Store, page: str, width: int | None = None) -> Picture | None:
    """The picture of `page` in a window `width` CSS pixels wide (None: the widest there is); None without one.

    The page's own picture goes before that of a glob, a longer glob before a shorter one, a wider window before a
    narrower.
    """
    asked = Query(FITTING, {"page": page, "width": MOST_WIDTH if width is None else width})
    return next(iter(store.rows(asked, Picture)), None)


def kept(store: Store) -> list[Kept]:
    """All pictures, by page and window."""
    return store.rows(Query(KEPT, {}), Kept)


def add(store: DuckStore, page: str, content: bytes, *, min_width: int = 0, width: int | None = None) -> Picture:
    """Checks `content` and keeps it, in the place of an earlier picture of the same glob and window.

    `width` is that of the page in CSS pixels, where it is not the picture's own (a screenshot of a phone has two or
    three pixels for one). Raises `UnreadableSource` for what is no picture or one that could do something.
    """
    if not page or not 0 <= min_width <= MOST_WIDTH:
        raise InvalidQuestion(
            f"A picture is of a page and for windows of 0 to {words.count(MOST_WIDTH)} px; this one is for "
            f"{page!r} from {min_width} px."
        )
    media, clean, (own_width, own_height) = check(content)
    shown = width or own_width
    height = round(own_height * shown / own_width)
    if not (1 <= shown <= MOST_WIDTH and 1 <= height <= MOST_HEIGHT):
        raise UnreadableSource(
            f"The picture of {page} is {_area(shown, height)}; at most {_area(MOST_WIDTH, MOST_HEIGHT)} can be shown."
        )
    picture = Picture(page, min_width, media, clean, shown, height)
    with store.writing() as cursor:
        cursor.execute(REMOVED, {"page": page, "min_width": min_width})
        cursor.execute(ADDED, dict(vars(picture)))
    return picture


def remove(store: DuckStore, page: str, min_width: int = 0) -> None:
    """Forgets the picture of this glob and window, if there is one."""
    with store.writing() as cursor:
        cursor.execute(REMOVED, {"page": page, "min_width": min_width})


def check(content: bytes) -> tuple[str, bytes, tuple[int, int]]:
    """The type, a harmless copy, and the size in the picture's own pixels; raises `UnreadableSource` otherwise."""
    if len(content) > MOST_BYTES:
        raise UnreadableSource(
            f"The picture has {words.number(len(content) / 1e6)}{words.SPACE}MB; at most "
            f"{words.count(MOST_BYTES / 1e6)}{words.SPACE}MB are taken."
        )
    if content.startswith((b"\x89PNG", b"\xff\xd8")):
        return _bitmap(content)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        drawing = _Drawing()
        return SVG, drawing.copy(content), drawing.size
    raise UnreadableSource("This is no picture of a page: it begins like neither SVG, PNG nor JPEG.")


def _area(width: int, height: int) -> str:
    return f"{words.count(width)} × {words.count(height)}{words.SPACE}px"


def _bitmap(content: bytes) -> tuple[str, bytes, tuple[int, int]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is checked below
            opened = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        if opened.width * opened.height > MOST_PIXELS:
            raise UnreadableSource(
                f"The picture has {_area(*opened.size)}; over {words.count(MOST_PIXELS)} pixels in all are refused."
            )
        kind = opened.format or "PNG"
        turned = ImageOps.exif_transpose(opened)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise UnreadableSource(f"The picture is broken: {str(error) or type(error).__name__}.") from error
    see_through = "A" in turned.getbands() or "transparency" in turned.info
    bare = Image.new("RGBA" if see_through else "RGB", turned.size)  # a new one: nothing but pixels comes along
    bare.paste(turned.convert(bare.mode))
    out = io.BytesIO()
    if kind == "JPEG":
        bare.convert("RGB").save(out, "JPEG", quality=88)
    else:
        bare.save(out, "PNG")
    return (JPEG if kind == "JPEG" else PNG), out.getvalue(), bare.size


# ------------------------------------------------------------------------------------------------------------ SVG

SVG_SPACE, LINK_SPACE = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
SHAPES = frozenset(
    """svg g defs symbol use switch title desc rect circle ellipse line polyline polygon path text tspan textPath
    linearGradient radialGradient stop pattern clipPath mask marker image style filter feBlend feColorMatrix
    feComponentTransfer feComposite feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge
    feMergeNode feOffset""".split()
)
EMBEDDED = re.compile(r"\s*data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]*\s*\Z")
REACHES_OUT = re.compile(r"url\(\s*(?!['\"]?#)|@import|@font-face|image-set|\\|expression\(|javascript:", re.IGNORECASE)
NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)(?:px)?\s*\Z")


def _refuse(what: str) -> NoReturn:
    raise UnreadableSource(
        f"The SVG holds {what}, which a picture of a page does not need and which could run or reach out; "
        "save it without, or as PNG."
    )


class _Drawing:
    """Reads an SVG and writes only what it understands: shapes, texts, styles; no comments, no foreign namespaces."""

    def __init__(self) -> None:
        self.size = (0, 0)
        self._out: list[str] = []
        self._open: list[str] = []
        self._foreign = 0
        self._css: list[str] = []

    def copy(self, content: bytes) -> bytes:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = lambda *_: _refuse("a document type")  # its entities could name files
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError) as error:
            raise UnreadableSource(f"The SVG is broken: {error}.") from error
        return "".join(self._out).encode("utf-8")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        if self._foreign or (space != SVG_SPACE and self._open):
            self._foreign += 1  # an editor's own notes: left out with all they hold
            return
        if not self._open and (space, tag) != (SVG_SPACE, "svg"):
            raise UnreadableSource(f"This is no SVG: it begins with <{tag}>.")
        if tag not in SHAPES:
            _refuse(f"<{tag}>")
        if not self._open:
            self.size = _size(attributes)
        kept = {key: value for key, value in map(_attribute, attributes.items()) if key}
        if not self._open:
            kept = {"xmlns": SVG_SPACE, "width": str(self.size[0]), "height": str(self.size[1])} | {
                key: value for key, value in kept.items() if key not in ("width", "height")
            }
            kept.setdefault("viewBox", f"0 0 {self.size[0]} {self.size[1]}")
        self._open.append(tag)
        self._out.append(f"<{tag}{''.join(f' {key}={quoteattr(value)}' for key, value in kept.items())}>")

    def _end(self, name: str) -> None:
        if self._foreign:
            self._foreign -= 1
            return
        tag = self._open.pop()
        if tag == "style":
            css = "".join(self._css)
            if REACHES_OUT.search(css):
                _refuse("a style that loads something")
            self._out.append(escape(css))
            self._css.clear()
        self._out.append(f"</{tag}>")

    def _text(self, text: str) -> None:
        if self._foreign:
            return
        if self._open and self._open[-1] == "style":
            self._css.append(text)
        else:
            self._out.append(escape(text))


def _attribute(item: tuple[str, str]) -> tuple[str, str]:
    """Name and value as they are written; an empty name for one that is left out."""
    space, _, name = item[0].rpartition(" ")
    value = item[1]
    if name.lower().startswith("on"):
        _refuse(f"the handler {name}")
    if name == "href" and space in ("", LINK_SPACE):
        if not value.strip().startswith("#") and not EMBEDDED.match(value):
            _refuse(f"a link to {value[:60]!r}")
        return "href", value
    if space:
        return "", ""
    if REACHES_OUT.search(value):
        _refuse(f"a reference to {value[:60]!r}")
    return name, value


def _size(attributes: dict[str, str]) -> tuple[int, int]:
    given = [NUMBER.match(attributes.get(name, "")) for name in ("width", "height")]
    if given[0] and given[1]:
        numbers = [float(found[1]) for found in given if found]
    else:
        box = re.split(r"[\s,]+", attributes.get("viewBox", "").strip())
        numbers = [float(part) for part in box[2:] if NUMBER.match(part)]
    if len(numbers) != 2 or min(numbers) < 1:
        raise UnreadableSource("The SVG does not say how large it is; it needs a width and a height, or a viewBox.")
    return round(numbers[0]), round(numbers[1])
