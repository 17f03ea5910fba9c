"""What was planted, counted from what the simulator knows and not from the events it wrote."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import parameters
from .parameters import RELEASES
from .stage import Stage
from .things import (
    DONE,
    ELEMENTS,
    KINDS,
    LEFT,
    NAMES,
    PAYMENT,
    PRODUCT,
    PROPERTIES,
    SEARCH,
    SHIPPING,
    SIZE_GUIDE,
    STUCK,
)
from .visitors import SCREEN_NAMES, Sessions
from .wireframes import SHIPPING_OPTIONS


def share(part: Any, whole: Any) -> float:
    return round(float(np.sum(part)) / max(float(np.sum(whole)), 1), 4)


def by_release_and_device(sessions: Sessions, visits: np.ndarray) -> list[dict[str, Any]]:
    """Sessions of people (not of machines and staff), those that saw the payment page, and those with an order."""
    sees, orders = np.zeros(len(sessions), bool), np.zeros(len(sessions), bool)
    sees[visits["session"][visits["kind"] == PAYMENT]] = True
    orders[visits["session"][visits["kind"] == DONE]] = True
    own = np.arange(len(sessions)) < len(sessions) - len(parameters.TAKEOVERS)
    rows: list[dict[str, Any]] = []
    for number, (release, _) in enumerate(RELEASES):
        for screen, device in enumerate(SCREEN_NAMES):
            mine = own & (sessions.release == number) & (sessions.screen == screen)
            counts = {"sessions": mine, "payment": mine & sees, "orders": mine & orders}
            row = {"release": release, "device": device} | {name: int(found.sum()) for name, found in counts.items()}
            rows.append(row | {"conversion": share(counts["orders"], mine)})
    return rows


def pay_now(stage: Stage, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Orders expected: had those at payment under 1.1 ordered in the share in which they did under 1.0."""
    v = stage.v
    stuck = (v["kind"] == PAYMENT) & (v["outcome"] == STUCK)
    events = stage.log.joined()
    at_stuck = stuck[events["visit"]]
    pressed = at_stuck & (events["element"] == ELEMENTS["button#pay-now"])
    broke = PROPERTIES[json.dumps(parameters.BREAKS_WITH)]
    found = {(row["release"], row["device"]): row for row in rows}
    before, during = found["1.0", "phone"], found["1.1", "phone"]
    after = v["next"][stuck]
    expected = during["payment"] * before["orders"] / before["payment"]
    return {
        "sessions_at_payment": during["payment"],
        "sessions_stuck": len(np.unique(v["session"][stuck])),
        "visits_stuck": int(stuck.sum()),
        "clicks_without_effect": int(pressed.sum()),
        "errors": int((events["properties"] == broke).sum()),
        "orders": during["orders"],
        "orders_expected": round(expected, 1),
        "orders_lost": round(expected - during["orders"], 1),
        "next": {KINDS[kind]: share(after == kind, stuck) for kind in np.unique(after).tolist()},
    }


def search_truth(sessions: Sessions, stage: Stage) -> dict[str, Any]:
    v, events = stage.v, stage.log.joined()
    release = sessions.release[v["session"]]
    asked = events["name"] == NAMES["search"]
    wait = stage.clock[events["visit"][asked]] - events["at"][asked]
    visit = events["visit"][asked]
    told: dict[str, Any] = {}
    for number, (name, _) in enumerate(RELEASES):
        mine, came = release[visit] == number, v["next"][visit] != LEFT
        results = (v["kind"] == SEARCH) & (release == number)
        told[name] = {
            "searches": int(mine.sum()), "seconds_median": round(float(np.median(wait[mine & came])) / 1000, 3),
            "left_before_results": share(mine & ~came, mine),
            "results_to_product": share(results & (v["next"] == PRODUCT), results),
        }  # fmt: skip
    return told


def coupon_truth(stage: Stage) -> dict[str, Any]:
    v = stage.v[stage.v["tries"] > 0]
    refused = v["tries"] - v["accepted"]
    accepted, gave_up = v["accepted"], ~v["accepted"]
    return {
        "sessions": len(v), "tries": int(v["tries"].sum()), "refused": int(refused.sum()),
        "refused_share": share(refused, v["tries"]),
        "sessions_refused": int((refused > 0).sum()), "tried_again_share": share(v["tries"] > 1, refused > 0),
        "left_after_refusal": share(gave_up & (v["next"] == LEFT), gave_up),
        "left_after_success": share(accepted & (v["next"] == LEFT), accepted),
    }  # fmt: skip


def shipping_truth(stage: Stage) -> dict[str, Any]:
    events = stage.log.joined()
    labels = [ELEMENTS[selector] for selector, _ in SHIPPING_OPTIONS]
    chosen = np.isin(events["element"], labels)
    first = np.full(len(stage.v), np.inf)
    np.minimum.at(first, events["visit"][chosen], events["at"][chosen])
    here = stage.of(SHIPPING)
    paused = first[here][np.isfinite(first[here])]
    counts = np.bincount(events["visit"][chosen], minlength=len(stage.v))[here]
    return {
        "visits": len(here), "seconds_median": round(float(np.median(paused)) / 1000, 2),
        "left_share": share(stage.v["next"][here] == LEFT, np.ones(len(here))),
        "chose_again_share": share(counts > 1, counts > 0),
    }  # fmt: skip


def size_guide_truth(sessions: Sessions, stage: Stage) -> dict[str, Any]:
    """From a product to the guide and back to it, by seconds between the two page views (the load included)."""
    v = stage.v
    told: dict[str, Any] = {}
    for number, (name, _) in enumerate(RELEASES):
        here = stage.of(SIZE_GUIDE, sessions.release[v["session"]] == number)
        back = here[v["next"][here] == PRODUCT]
        stays = stage.clock[back]
        told[name] = {
            "visits": len(here), "back_within_7_s": share(stays < 7000, np.ones(len(here))),
            "back_share": share(len(back), len(here)),
            "seconds_median_back": round(float(np.median(stays)) / 1000, 2),
        }  # fmt: skip
    return told


def given(*names: str) -> dict[str, Any]:
    return {name.lower(): getattr(parameters, name) for name in names}


def planted(
    sessions: Sessions,
    visits: np.ndarray,
    stage: Stage,
    ids: Sequence[str],
    scraped: list[dict[str, Any]],
    stuffed: dict[str, Any],
    taken: list[dict[str, Any]],
    read: dict[str, Any],
) -> dict[str, Any]:
    """What was planted: the parameters that made it and the figures that came of them."""

    def named(facts: dict[str, Any]) -> dict[str, Any]:
        """Sessions by their id instead of their number."""
        numbers = {name for name in facts if name.endswith("session")}
        return {f"{n}_id" if n in numbers else n: ids[value] if n in numbers else value for n, value in facts.items()}

    scrapers = {
        "sessions": len(scraped),
        "declared": sum(session["declared"] for session in scraped),
        "page_views": sum(session["products"] for session in scraped),
        "session_ids": sorted(ids[session["session"]] for session in scraped),
    }
    stuffing = stuffed | {
        "sessions": len(stuffed["sessions"]),
        "session_ids": sorted(ids[session] for session in stuffed["sessions"]),
        "hits": [named(hit) for hit in stuffed["hits"]],
    }
    measured: dict[str, tuple[dict[str, Any], object]] = {
        "pay_now": (
            given(
                "BROKEN_RELEASE", "SMALL_SCREEN", "METHODS", "PAYS", "STUCK_NEXT", "PRESSES", "RAGES", "BURST",
                "BURST_GAP_MS", "ERROR_TOLD", "SWITCHES",
            ),
            pay_now(stage, by_release_and_device(sessions, visits)),
        ),
        "search": (given("SEARCH_MS", "IMPATIENT", "FOUND"), search_truth(sessions, stage)),
        "coupon": (
            given("COUPON", "COUPON_FAILS", "COUPON_AGAIN", "COUPON_TRIES", "COUPON_GRUDGE"), coupon_truth(stage)
        ),
        "shipping": (given("SHIPPING_PAUSE_S", "SHIPPING_CHANGES"), shipping_truth(stage)),
        "size_guide": (
            given("USELESS_GUIDE", "STRAIGHT_BACK", "STRAIGHT_BACK_S"), size_guide_truth(sessions, stage)
        ),
        "scrapers": (given("SCRAPERS"), scrapers),
        "credential_stuffing": (
            given("STUFFING_DAYS", "STUFFING_SESSIONS", "STUFFING_TRIES", "STUFFING_PAUSE_S", "STUFFING_ADDRESSES"),
            stuffing,
        ),
        "takeovers": (given("TAKEOVERS"), [named(facts) for facts in taken]),
        "bulk_reader": (
            given("STAFF", "STAFF_DAYS", "STAFF_READS", "BULK_READER", "BULK_EVENINGS", "BULK_PAUSE_S"),
            read | {"evenings": [named(evening) for evening in read["evenings"]]},
        ),
    }  # fmt: skip
    return {name: {"parameters": made, "measured": found} for name, (made, found) in measured.items()}
