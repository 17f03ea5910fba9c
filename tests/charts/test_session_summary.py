"""A session as the text of a ticket, word for word."""

from datetime import datetime, timedelta

import pytest

from analytics.analyses.sessions import Row
from analytics.analyses.timeline import Event
from analytics.charts import session_summary as summary

NINE = datetime(2026, 3, 2, 9, 0)
BERLIN = timedelta(hours=1)
NOBODY = dict.fromkeys(Row.__dataclass_fields__)


def event(name, ms=0, flags=(), **more):
    fields = dict.fromkeys(Event.__dataclass_fields__) | {"visit_no": 1} | more
    time = NINE + timedelta(milliseconds=ms)
    return Event(**fields | {
        "position": 1, "timestamp": time, "local": time + BERLIN, "offset_ms": ms, "event": name, "flags": tuple(flags),
    })  # fmt: skip


def session(events, **more):
    last = events[-1].offset_ms if events else 0
    known = {
        "session_id": "s1", "user": "anna", "start": NINE, "end": NINE + timedelta(milliseconds=last),
        "start_local": NINE + BERLIN, "events": len(events), "errors": sum(one.event == "error" for one in events),
        "page_views": sum(one.event == "page_view" for one in events),
        "clicks": sum(one.event == "click" for one in events), "duration_s": last / 1000, "active_s": last / 1000,
    }  # fmt: skip
    return Row(**NOBODY | known | more)


def link(ms):
    return f"http://here/session?session=s1&at={ms}"


def written(events, total=None, plain=False, **more):
    told = summary.of(session(events, **more), events, total or len(events), "Europe/Berlin")
    return (summary.plain if plain else summary.markdown)(told, link)


PAY = {"page": "/pay", "element": "button#pay-now", "text": "Pay now", "viewport_width": 390, "viewport_height": 664}
STORY = [
    event("page_view", 0, page="/cart", viewport_width=390, viewport_height=664),
    event("add_to_cart", 2000, page="/cart", value=12.5),
    event("page_view", 60_000, page="/pay"),
    event("page_view", 61_000, page="/pay"),
    event("change", 62_000, page="/pay", element="input#card", text="4111 1111 1111 1111"),
    event("form_error", 63_000, page="/pay", element="input#card", properties='{"reason": "No such card."}'),
    event("click", 64_000, **PAY, flags=("dead",)),
    event("click", 64_500, **PAY, flags=("error",)),
    event("click", 65_000, **PAY, flags=("rage",)),
    event("error", 65_100, page="/pay", text="TypeError: form is `null`"),
    event("login_failed", 66_000),
    event("page_view", 70_000, page="/help", flags=("u_turn",)),
    event("page_view", 72_000, page="/pay"),
]


def test_a_ticket_in_markdown():
    assert (
        written(STORY, device="phone", browser="Safari", country="DE", release="1.1", campaign="spring", value=12.5)
        == """\
## Session of `anna`, 2 Mar 2026, 10:00 to 10:01 (Europe/Berlin)

http://here/session?session=s1&at=0

- `phone`, `Safari`, `DE`, release `1.1`, campaign `spring`, window 390 × 664 px
- 1 m 12 s, 1 m 12 s of it active, 5 page views, 13 events, 3 clicks, 1 error, worth 12.50
- session `s1`

### What went wrong
- [1:03](http://here/session?session=s1&at=63000) `Card` was refused: `No such card.`
- [1:04](http://here/session?session=s1&at=64000) Tapped `Pay now` 3 times in 1.0 s on `/pay`: rage click, dead click \
and click with an error, nothing happened and an error followed
- [1:05](http://here/session?session=s1&at=65100) Error: `` TypeError: form is `null` ``
- [1:06](http://here/session?session=s1&at=66000) Could not log in
- [1:10](http://here/session?session=s1&at=70000) Turned back at once from `/help`

### Pages
- [0:00](http://here/session?session=s1&at=0) `/cart` for 1 m 00 s
- [1:00](http://here/session?session=s1&at=60000) `/pay` for 10 s
- [1:10](http://here/session?session=s1&at=70000) `/help` for 2.0 s
- [1:12](http://here/session?session=s1&at=72000) `/pay` for 0.0 s

### How it ended
- [0:02](http://here/session?session=s1&at=2000) Got as far as `Add to cart, 12.50`
- [1:12](http://here/session?session=s1&at=72000) Left from `/pay`
"""
    )


def test_a_ticket_in_plain_text():
    events = [event("page_view", page="/a"), event("error", 500, page="/a", text="no\n*b*")]
    assert (
        written(events, plain=True, user=None)
        == """\
Session of an unknown person, 2 Mar 2026, 10:00 (Europe/Berlin)

http://here/session?session=s1&at=0

  0.5 s, 0.5 s of it active, 1 page view, 2 events, 0 clicks, 1 error
  session “s1”

What went wrong:
  0:00  Error: “no *b*”  http://here/session?session=s1&at=500

Pages:
  0:00  “/a” for 0.5 s  http://here/session?session=s1&at=0

How it ended:
  0:00  Left from “/a”  http://here/session?session=s1&at=500
"""
    )


@pytest.mark.parametrize("plain", [False, True])
def test_what_was_typed_is_not_in_it(plain):
    assert "4111" not in written(STORY, plain=plain)
    assert "4111" not in written([event("click", element="#card", element_tag="input", text="4111", flags=("rage",))])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("plain", "`plain`"),
        ("a `b` c", "``a `b` c``"),
        ("`b`", "`` `b` ``"),
        ("``", "``` `` ```"),
        ("@team #1 ![x](http://evil/p.png)", "`@team #1 ![x](http://evil/p.png)`"),
        ("<img src=x>\n# b", "`<img src=x> # b`"),
    ],
)
def test_data_is_text_in_a_tracker(said, code):
    assert f" Error: {code}\n" in written([event("error", text=said)])


def test_a_session_without_any_trouble_or_page_says_so():
    text = written([event("signup")])
    assert "### What went wrong\n- Nothing that was noticed.\n" in text
    assert "### Pages\n- None was named.\n" in text
    assert text.endswith("Got as far as `Signup`\n- [0:00](http://here/session?session=s1&at=0) Last: `Signup`\n")


def test_long_lists_are_cut_and_say_so():
    events = [event("page_view", n * 1000, page=f"/{n}") for n in range(50)]
    events += [event("error", 60_000 + n, text=f"no {n}") for n in range(1050)]
    text = written(events)
    assert text.count("\n- [") == 40 + 40 + 1
    assert "\n- and 10 more\n" in text
    assert "\n- and 1,010 more\n" in text


def test_a_part_of_a_session_does_not_tell_how_it_ended():
    text = written(STORY, total=400_000)
    assert "Told from the first 13 of 400,000 events." in text
    assert "How it ended" not in text


def test_a_session_of_days_and_a_turned_window():
    events = [
        event("click", 0, viewport_width=390, viewport_height=664),
        event("click", 90_000_000, viewport_width=664, viewport_height=390),
    ]
    text = written(events)
    assert "2 Mar 2026, 10:00 to 3 Mar 2026, 11:00 (Europe/Berlin)" in text
    assert "window 390 × 664 px then 664 × 390 px" in text


def test_clocks_that_are_changed_meanwhile():
    events = [event("click"), event("click", 7_200_000)]
    events[1].local += timedelta(hours=1)  # summer begins
    assert "2 Mar 2026, 10:00 to 13:00 (Europe/Berlin)" in written(events)
    assert "2 Mar 2026, 10:00 to 12:00 (Europe/Berlin)" in written(events, total=3)
