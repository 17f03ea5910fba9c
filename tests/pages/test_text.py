"""Text from data, in markdown and in Plotly."""

import pytest

from analytics.charts import base
from pages.shared.text import escape, many_of, spoken
from tests.pages.conftest import HOSTILE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain text 24,812", "plain text 24,812", id="nothing to do"),
        pytest.param("a*b_c", r"a\*b\_c", id="emphasis"),
        pytest.param("[a](b)", r"\[a\]\(b\)", id="a link"),
        pytest.param("![a](b)", r"\!\[a\]\(b\)", id="a picture"),
        pytest.param("<b>&amp;", r"\<b\>\&amp;", id="tags and entities"),
        pytest.param("/checkout/payment", r"\/checkout\/payment", id="a path"),
        pytest.param("http://x.example", "h\u2060ttp\\:\\/\\/x\\.example", id="an address is broken up unseen"),
        pytest.param("WWW.x.example", "W\u2060WW\\.x\\.example", id="in capitals too"),
        pytest.param("me@x.example", "me\u2060\\@\u2060x\\.example", id="a mail address"),
        pytest.param(":smile: 10:30:00", "\\:\u2060smile\\: 10\\:\u206030\\:00", id="a name between colons"),
        pytest.param(":red[x]", "\\:\u2060red\\[x\\]", id="a colour"),
        pytest.param("two\nlines\tand  more", "two lines and more", id="one line"),
        pytest.param("# title", r"\# title", id="a heading"),
        pytest.param("1. item", r"1\. item", id="a list"),
        pytest.param("$x^2$ `y` ~z~ |t|", r"\$x\^2\$ \`y\` \~z\~ \|t\|", id="formulas, code, strikes, tables"),
        pytest.param("日本語 🛒", "日本語 🛒", id="any script"),
    ],
)
def test_markdown_has_nothing_to_read(text, shown):
    assert escape(text) == shown


def test_long_text_is_cut_with_an_ellipsis():
    assert escape("ä" * 10_000, 20) == "ä" * 19 + "…"
    assert base.plain("ä" * 10_000, 20) == "ä" * 19 + "…"


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_plotly_gets_no_tag(name):
    assert "<" not in base.plain(HOSTILE[name])


def test_plotly_shows_tags_as_text():
    assert base.plain("<b>A & B</b>") == "&lt;b&gt;A &amp; B&lt;/b&gt;"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("add_to_cart", "add to cart"),
        ("couponApplied", "coupon applied"),
        ("Order Completed", "order completed"),
        ("KYC", "KYC"),
        ("_", "_"),
    ],
)
def test_an_events_name_as_words(name, words):
    assert spoken(name) == words


def test_a_device_in_a_sentence():
    assert many_of("phone") == "phones"
    assert many_of("Set-top *box*") == r"Set\-top \*box\*"


def test_a_segment_before_a_colon_is_no_symbol():
    assert f"{escape('/user/:id')}: 7" == "\\/user\\/\\:\u2060id: 7"
