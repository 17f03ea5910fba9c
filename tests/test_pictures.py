import io
from xml.etree import ElementTree

import pytest
from PIL import Image

from analytics.errors import InvalidQuestion, UnreadableSource
from analytics.store import DuckStore
from analytics.workspace import pictures


@pytest.fixture
def store():
    made = DuckStore.open(":memory:", threads=1)
    yield made
    made.close()


def svg(body="", head='width="390" height="800"'):
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {spaces} {head}>{body}</svg>".encode()


def bitmap(kind="PNG", size=(30, 60), mode="RGB", **more):
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    ("page", "width", "found"),
    [
        pytest.param("/cart", 390, ("/cart", 0), id="its own picture"),
        pytest.param("/cart", 1400, ("/cart", 1024), id="the widest window that fits"),
        pytest.param("/cart", 1023, ("/cart", 0), id="a window one pixel short of the next"),
        pytest.param("/cart", None, ("/cart", 1024), id="an unknown window is the widest"),
        pytest.param("/product/tent", 390, ("/product/*", 0), id="a glob"),
        pytest.param("/product/tent", 1400, ("/product/*", 0), id="a longer glob before a wider window"),
        pytest.param("/help", 390, None, id="no picture that fits"),
        pytest.param("/help", 1400, ("*", 1000), id="a picture of everything"),
        pytest.param("/100%_off", 390, ("/100%_off", 0), id="signs of LIKE are letters"),
        pytest.param("/100xyoff", 390, None, id="and match nothing else"),
        pytest.param("/Cart", 390, None, id="case counts"),
    ],
)
def test_the_picture_that_fits_best(store, page, width, found):
    for glob, min_width in (("/cart", 0), ("/cart", 1024), ("/product/*", 0), ("*", 1000), ("/100%_off", 0)):
        pictures.add(store, glob, svg(), min_width=min_width)
    picture = pictures.for_page(store, page, width)
    assert (picture and (picture.page, picture.min_width)) == found


def test_a_new_picture_takes_the_place_of_the_old_one(store):
    pictures.add(store, "/", svg(head='width="10" height="10"'))
    added = pictures.add(store, "/", svg('<rect width="5" height="5"/>', 'viewBox="0 0 390 1030.4"'))
    assert [(kept.width, kept.height) for kept in pictures.kept(store)] == [(390, 1030)]
    assert pictures.for_page(store, "/") == added
    pictures.remove(store, "/")
    assert pictures.for_page(store, "/") is None


def test_an_svg_keeps_its_shapes_and_texts():
    body = """<!-- drawn by hand --><defs><linearGradient id="a"><stop offset="0" stop-color="red"/></linearGradient>
        <style>.b { fill: url(#a) }</style></defs><g class="b"><text x="1">Fish &amp; “chips” &lt;b&gt;</text></g>
        <use xlink:href="#a"/><image href="data:image/png;base64,AAAA"/>"""
    media, clean, size = pictures.check(svg(body))
    assert (media, size) == ("image/svg+xml", (390, 800))
    root = ElementTree.fromstring(clean)
    assert root.get("viewBox") == "0 0 390 800"
    assert [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")] == ["Fish & “chips” <b>"]
    assert b"url(#a)" in clean
    assert b"drawn by hand" not in clean
    assert pictures.check(clean) == (media, clean, size), "what was cleaned once stays as it is"


def test_an_editor_s_own_notes_are_left_out():
    space = 'xmlns:x="http://editor.example"'
    body = f'<x:view {space} x:zoom="2"><x:script>alert(1)</x:script></x:view><rect x:id="r" {space} width="1"/>'
    _, clean, _ = pictures.check(svg(body))
    assert b"editor" not in clean
    assert b"alert" not in clean
    assert b'<rect width="1">' in clean


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (svg("<script>alert(1)</script>"), "<script>"),
        (svg("<g><foreignObject><p xmlns='http://www.w3.org/1999/xhtml'/></foreignObject></g>"), "<foreignObject>"),
        (svg('<rect onclick="alert(1)"/>'), "handler onclick"),
        (svg(head='width="9" height="9" onload="alert(1)"'), "handler onload"),
        (svg('<image href="https://elsewhere.example/p.png"/>'), "https://elsewhere.example"),
        (svg('<use xlink:href="other.svg#a"/>'), "other.svg"),
        (svg('<a href="javascript:alert(1)"/>'), "<a>"),
        (svg('<image href="data:image/svg+xml;base64,AAAA"/>'), "data:image/svg"),
        (svg('<rect fill="url(https://elsewhere.example/#a)"/>'), "elsewhere"),
        (svg("<rect style=\"fill: url( '//elsewhere.example')\"/>"), "elsewhere"),
        (svg("<style>@import '//elsewhere.example';</style>"), "style that loads"),
        (svg("<style>rect { fill: u\\72l(//elsewhere.example) }</style>"), "style that loads"),
        (svg('<set attributeName="href" to="javascript:alert(1)"/>'), "<set>"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("<text>&a;</text>"), "document type"),
        (svg(head=""), "how large it is"),
        (svg(head='width="100%" height="0"'), "how large it is"),
        (svg()[:-4], "SVG is broken"),
        (b"<html><body/></html>", "no SVG: it begins with <html>"),
        (b"GIF89a", "neither SVG, PNG nor JPEG"),
        (b"", "neither SVG, PNG nor JPEG"),
        (bitmap()[:60], "picture is broken"),
        (b"\x89PNG\r\n\x1a\nnothing", "picture is broken"),
        (bitmap(size=(9000, 7000)), "9,000 × 7,000\u00a0px"),
        (svg("x" * 9_000_000), "9.0\u00a0MB"),
        (svg(head='width="20000" height="10"'), "20,000 × 10\u00a0px"),
    ],
)
def test_what_could_run_reach_out_or_is_no_picture_is_refused(store, content, words):
    with pytest.raises(UnreadableSource) as refused:
        pictures.add(store, "/", content)
    assert words in str(refused.value)
    assert str(refused.value).endswith(".")
    assert not pictures.kept(store)


def test_a_photograph_is_encoded_again_without_its_notes(store):
    notes = Image.Exif()
    notes[0x010E] = "taken at home"
    picture = pictures.add(store, "/", bitmap("JPEG", exif=notes), width=15)
    assert b"taken at home" not in picture.bytes
    assert (picture.media, picture.width, picture.height) == ("image/jpeg", 15, 30), "two pixels for one"
    assert picture.uri.startswith("data:image/jpeg;base64,/9j/")


def test_a_screenshot_keeps_what_is_clear():
    media, clean, size = pictures.check(bitmap(mode="RGBA", size=(4, 4)))
    assert (media, size, Image.open(io.BytesIO(clean)).mode) == ("image/png", (4, 4), "RGBA")


@pytest.mark.parametrize(("page", "min_width"), [("", 0), ("/", -1), ("/", 20_000)])
def test_a_picture_is_of_a_page_and_a_window(store, page, min_width):
    with pytest.raises(InvalidQuestion):
        pictures.add(store, page, svg(), min_width=min_width)
