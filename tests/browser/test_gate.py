"""From a file with bad rows and private data to a report that says so, and to mended rows that came in."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

CARD = "4111 1111 1111 1111"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "shop.csv"
    rows = [
        f"2026-05-01 09:{n % 60:02d}:00.5,page_view,u{n},/pay?token=t{n},jane{n}@example.com,e{n}" for n in range(60)
    ]
    rows += [f"2026-13-01 10:00:00,click,u1,/pay,{CARD},e{60 + n}" for n in range(3)]
    path.write_text("timestamp,event,user_id,page,note,event_id\n" + "\n".join(rows) + "\n")
    return path


def read(one) -> str:
    return one.text.replace("\u00a0", " ").replace("\u2060", "")


def test_a_report_says_what_is_doubtful_and_refused_rows_come_in_mended(visitor, app, shop):
    me = visitor()
    me.open("/import")
    me.page.locator('input[type="file"]').set_input_files(str(shop))
    me.page.wait_for_selector("text=Taken out before anything is stored")
    me.settle()
    assert "In the first rows, and kept as it is: e-mail addresses in properties (60 rows)." in read(me)
    me.page.get_by_role("button", name="Bring in shop.csv").click()
    me.page.wait_for_url("**load=1**", timeout=60_000)
    me.settle()
    shown = read(me)
    assert "60 of 63 rows came in" in shown
    assert "1 thing to look at" in shown
    assert "E-mail addresses in 60 events (properties), such as j••••@e••••••.c••." in shown
    assert "Secrets in addresses in page (60 rows)" in shown
    assert "Payment card numbers in refused rows (3 rows)" in shown
    assert "jane1@" not in shown

    me.page.get_by_role("button", name="Take e-mail addresses out from now on").click()
    me.settle()
    assert me.page.get_by_role("button", name="Take e-mail addresses out from now on").count() == 0

    me.page.get_by_text("Mend them and bring them in again").click()
    me.page.get_by_label("Replace in all of them").fill("2026-13-")
    me.page.keyboard.press("Enter")
    me.settle()
    me.page.get_by_label("by", exact=True).fill("2026-05-")
    me.page.keyboard.press("Enter")
    me.settle()
    assert "3 of 3 would come in now." in read(me)
    me.page.get_by_role("button", name="Bring 3 mended rows in").click()
    me.page.wait_for_url("**load=2**", timeout=60_000)
    me.settle()
    assert "3 of 3 rows came in" in read(me)
    assert "shop mended.csv" in read(me)

    me.open("/import?load=1")
    assert me.page.get_by_text("Mend them and bring them in again").count() == 0


def test_what_was_taken_out_is_in_no_file_of_the_store(app):
    """The card number and the tokens are in nothing that the app has written, the log of its writes included."""
    for path in filter(Path.is_file, app.data.rglob("*")):
        content = path.read_bytes()
        assert CARD.encode() not in content, path
        assert b"token=t" not in content, path
