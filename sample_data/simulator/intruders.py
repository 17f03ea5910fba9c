"""Who does not belong there: price machines, stolen passwords, taken accounts, and one who reads too much."""

import json
from datetime import timedelta
from typing import Any

import numpy as np

from .draws import around
from .export import USERS, Export
from .parameters import (
    BULK_EVENINGS,
    BULK_PAUSE_S,
    BULK_READER,
    DAYS,
    FIRST_DAY,
    HOUR,
    PEOPLE,
    RELEASES,
    SCRAPERS,
    SHIPPING_EUR,
    STAFF,
    STAFF_DAYS,
    STAFF_READS,
    STUFFING_ADDRESSES,
    STUFFING_DAYS,
    STUFFING_HITS,
    STUFFING_KNOWN,
    STUFFING_PAUSE_S,
    STUFFING_SESSIONS,
    STUFFING_TRIES,
    TAKEOVERS,
)
from .shop import PLATFORMS
from .things import (
    ACCOUNT,
    ADDRESS,
    CART,
    CATEGORY,
    DONE,
    ELEMENTS,
    FIRST_OF,
    HOME,
    LEFT,
    LOGIN,
    NAMES,
    PATHS,
    PAYMENT,
    PRICE,
    PRODUCT,
    PRODUCTS,
    PROPERTIES,
    SHELVES,
    SHIPPING,
    path,
)
from .visitors import COUNTRY_NAMES, PLATFORM_LIST, SOURCE_NAMES, People, Sessions, release_at, to_utc
from .walk import VISIT
from .wireframes import SCREENS, layout


def take_over(sessions: Sessions, visits: np.ndarray, who: People) -> tuple[Sessions, np.ndarray, list[dict[str, Any]]]:
    """Two accounts are used by somebody else, hours after their owners.

    A new device in another country logs in, changes the address and the e-mail, and orders a tent.
    """
    signed = np.unique(visits["session"][visits["signed"]])
    tent = next(n for n, (_, name, _) in enumerate(PRODUCTS) if name.startswith("Family tent"))
    shelf = SHELVES.index("tents")
    way = [
        (LOGIN, 0),
        (ACCOUNT, 0),
        (HOME, 0),
        (CATEGORY, shelf),
        (PRODUCT, tent),
        (CART, 0),
        (ADDRESS, 0),
        (SHIPPING, 0),
        (PAYMENT, 0),
        (DONE, 0),
        (LEFT, 0),
    ]
    told: list[dict[str, Any]] = []
    taken: set[int] = set()
    for number, (day, hours, address, country) in enumerate(TAKEOVERS):
        mine = signed[
            (sessions.day[signed] >= day)
            & (sessions.number[signed] >= 3)
            & (sessions.country[signed] == 0)
            & (sessions.screen[signed] == 0)
        ]
        owner = next(int(n) for n in mine[np.argsort(sessions.start[mine])] if int(sessions.person[n]) not in taken)
        taken.add(int(sessions.person[owner]))
        start = int(sessions.start[owner] + hours * HOUR)
        platform = next(n for n, (name, p) in enumerate(PLATFORM_LIST) if name == "desktop" and p.os == "Linux")
        width, height, _ = PLATFORM_LIST[platform][1].viewports[number]
        extra: dict[str, list[Any]] = {
            "person": [sessions.person[owner]], "number": [0], "device": [2 * PEOPLE + number], "start": [start],
            "day": [sessions.day[owner]], "screen": [2], "platform": [platform], "width": [width], "height": [height],
            "country": [COUNTRY_NAMES.index(country)], "release": [sessions.release[owner]],
            "source": [SOURCE_NAMES.index("direct")],
        }  # fmt: skip
        sessions = Sessions(
            **{name: np.append(getattr(sessions, name), value) for name, value in extra.items()},
            address=[*sessions.address, address],
        )
        made = np.zeros(len(way) - 1, VISIT)
        made["session"], made["step"] = len(sessions) - 1, np.arange(len(made))
        made["kind"], made["item"] = np.array(way[:-1]).T
        made["next"], made["next_item"] = np.array(way[1:]).T
        made["which"] = np.select(
            [made["next"] == CATEGORY, made["next"] == PRODUCT], [shelf, tent - FIRST_OF[shelf]], 0
        )
        made["signed"] = made["step"] > 0
        made["logs_in"], made["adds"] = made["kind"] == LOGIN, made["kind"] == PRODUCT
        made["changes"] = np.where(made["kind"] == ACCOUNT, 3, 0)
        made["option"], made["items"], made["value"] = 1, 1, PRICE[tent] + SHIPPING_EUR["express"]
        visits = np.concatenate([visits, made])
        told.append(
            {
                "user": f"c{1001 + int(sessions.person[owner])}",
                "session": len(sessions) - 1,
                "owner_session": owner,
                "country": country,
                "owner_country": "DE",
                "address": address,
                "hours_after_owner": hours,
                "order_value": float(made["value"][-1]),
            }
        )
    return sessions, visits, told


def machine(
    export: Export, name: str, agent: str, address: str, country: str, local: float, random: np.random.Generator
) -> int:
    """A session of a program; those that say so in their agent have neither browser nor screen."""
    declared = "http" in agent
    release = RELEASES[int(release_at(random, np.array([local / HOUR]))[0])][0]
    return export.session(
        anonymous_id=export.stranger(name), device="desktop", browser=None if declared else "Chrome",
        os=None if declared else "Windows", user_agent=agent, country=country, release=release, ip=address,
        viewport_width=None if declared else 800, viewport_height=None if declared else 600,
        referrer=None, campaign=None,
    )  # fmt: skip


def scrape(random: np.random.Generator, export: Export) -> list[dict[str, Any]]:
    """Price machines: one product after the other at a steady pace, nothing clicked, nothing scrolled."""
    told: list[dict[str, Any]] = []
    for kind, (agent, sessions, products, pace, jitter, ips, country) in enumerate(SCRAPERS):
        declared = "http" in agent
        for _ in range(sessions):
            day, address = int(random.integers(0, DAYS)), str(random.choice(ips))
            local = day * 24 * HOUR + float(random.uniform(0, 23.8 * HOUR))
            name = f"m{kind}-{address}" if declared else f"m{kind}-{len(export.facts)}"
            session = machine(export, name, agent, address, country, local, random)
            n = int(random.integers(*products))
            item = (int(random.integers(0, len(PRODUCTS))) + np.arange(n)) % len(PRODUCTS)
            gaps = 1000 * (pace + random.uniform(-jitter, jitter, n))
            export.add(
                time=to_utc(np.array([local]).astype(int))[0] + np.cumsum(gaps), session=session,
                name=NAMES["page_view"],
                page=PATHS.all([path(PRODUCT, i) for i in item.tolist()]), page_height=layout("product", SCREENS[2])[1],
            )  # fmt: skip
            told.append({"session": session, "declared": declared, "products": n})
    return told


def stuff(random: np.random.Generator, export: Export, customers: list[int], first_hit: int) -> dict[str, Any]:
    """A weekend of stolen passwords: four addresses try account after account, most of which do not exist here."""
    agent = PLATFORMS["desktop"][0].agent
    hits = [
        first_hit,
        *(c for c in random.choice(customers, STUFFING_HITS * 2, replace=False).tolist() if c != first_hit),
    ][:STUFFING_HITS]
    lucky = {
        int(n): hit for n, hit in zip(random.choice(STUFFING_SESSIONS, len(hits), replace=False), hits, strict=True)
    }
    failed, tried, sessions, told_hits = 0, set(), [], []
    for number in range(STUFFING_SESSIONS):
        address, country = STUFFING_ADDRESSES[number % len(STUFFING_ADDRESSES)]
        local = (STUFFING_DAYS[0] * 24 + 1) * HOUR + (number + float(random.random())) * 46 * HOUR / STUFFING_SESSIONS
        session = machine(export, f"s-{number}", agent, address, country, local, random)
        tries = int(random.integers(*STUFFING_TRIES))
        exists = random.random(tries) < STUFFING_KNOWN
        accounts = np.where(exists, random.choice(customers, tries), random.integers(20_000, 99_999, tries)).tolist()
        mails = [f"{'c' if e else 'x'}{a}@example.com" for e, a in zip(exists.tolist(), accounts, strict=True)]
        start = int(to_utc(np.array([local]).astype(int))[0])
        times = start + 900 + np.cumsum(1000 * random.uniform(*STUFFING_PAUSE_S, tries))
        height = layout("login", SCREENS[2])[1]
        export.add(time=start, session=session, name=NAMES["page_view"], page=PATHS["/login"], page_height=height)
        export.add(
            time=times, session=session, name=NAMES["login_failed"], page=PATHS["/login"], page_height=height,
            element=ELEMENTS["form#login"],
            properties=PROPERTIES.all([json.dumps({"account": mail}) for mail in mails]),
        )  # fmt: skip
        failed += tries
        tried |= set(mails)
        sessions.append(session)
        if number in lucky:
            user = USERS[f"c{lucky[number]}"]
            told_hits.append({"session": session, "user": f"c{lucky[number]}"})
            then = times[-1] + np.array([2100.0, 2900.0, 5300.0])
            export.add(
                time=then, session=session, user=user, name=[NAMES["login"], NAMES["page_view"], NAMES["page_view"]],
                page=PATHS.all(["/login", "/account", "/account/orders"]), page_height=height,
            )  # fmt: skip
    return {"sessions": sessions, "login_failed": failed, "accounts_tried": len(tried), "hits": told_hits}


def staff(random: np.random.Generator, export: Export, customers: list[int]) -> dict[str, Any]:
    """Four people of the service read customers' pages by day, as asked; one reads hundreds on some evenings."""
    customers = sorted(customers)
    normal: list[int] = []
    bulk: list[dict[str, Any]] = []

    def sitting(name: str, local: float, address: str) -> int:
        release = RELEASES[int(release_at(random, np.array([local / HOUR]))[0])][0]
        platform = PLATFORMS["desktop"][1]
        return export.session(
            anonymous_id=export.stranger(name), device="desktop", browser=platform.browser, os=platform.os,
            user_agent=platform.agent, country="DE",
            release=release, ip=address, viewport_width=1920, viewport_height=945, referrer=None, campaign=None,
        )  # fmt: skip

    for name in STAFF:
        for day in range(DAYS):
            if day % 7 < 5 and random.random() < STAFF_DAYS:
                local = (day * 24 + float(random.uniform(8.5, 16))) * HOUR
                session, reads = sitting(name, local, "192.0.2.200"), int(random.integers(*STAFF_READS))
                pages = [
                    ["/admin/customers", f"/admin/customers/{c}"] for c in random.choice(customers, reads).tolist()
                ]
                start = int(to_utc(np.array([local]).astype(int))[0])
                list_at = start + np.cumsum(1000 * around(random, (70, 0.7), reads))
                click_at = list_at + 1000 * random.uniform(4, 12, reads)
                view_at = click_at + random.uniform(250, 900, reads)
                view_at = np.minimum(view_at, np.append(list_at[1:], np.inf) - 500)
                click_at = np.minimum(click_at, view_at - 150)
                common = {"session": session, "user": USERS[name], "page_height": 1400}
                times = np.stack([list_at, click_at, view_at], axis=1)
                order = np.argsort(times.ravel(), kind="stable")
                listing, single = PATHS.all([p for p, _ in pages]), PATHS.all([p for _, p in pages])
                nothing = np.full(reads, -1)
                export.add(
                    **common, time=times.ravel()[order],
                    name=np.tile([NAMES["page_view"], NAMES["click"], NAMES["page_view"]], reads)[order],
                    page=np.stack([listing, listing, single], axis=1).ravel()[order],
                    element=np.tile([0, ELEMENTS["a.customer"], 0], reads)[order],
                    x=np.stack([nothing, random.integers(70, 260, reads), nothing], axis=1).ravel()[order],
                    y=np.stack([nothing, random.integers(140, 800, reads), nothing], axis=1).ravel()[order],
                )  # fmt: skip
                normal.append(reads)
    for day, reads in BULK_EVENINGS:
        local = (day * 24 + float(random.uniform(19.6, 21))) * HOUR
        session = sitting(BULK_READER, local, "2001:db8:7a:3::1")
        first = int(random.integers(0, len(customers) - reads))
        start = int(to_utc(np.array([local]).astype(int))[0])
        export.add(
            time=start + np.cumsum(1000 * random.uniform(*BULK_PAUSE_S, reads)), session=session,
            user=USERS[BULK_READER], page_height=1400,
            name=NAMES["page_view"],
            page=PATHS.all([f"/admin/customers/{c}" for c in customers[first : first + reads]]),
        )  # fmt: skip
        bulk.append(
            {"session": session, "day": (FIRST_DAY + timedelta(days=day)).date().isoformat(), "customers": reads}
        )
    return {
        "user": BULK_READER,
        "evenings": bulk,
        "usual_sessions": len(normal),
        "usual_most": max(normal),
        "usual_median": float(np.median(normal)),
    }
