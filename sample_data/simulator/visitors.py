"""Who comes to the shop, when, on which device and from where."""

from dataclasses import dataclass

import numpy as np

from .draws import Bools, Floats, Ints, around, pick, pick_rows
from .parameters import (
    ACCOUNTS,
    CLOCK_BACK_H,
    DAYS,
    DEVICES,
    EARLIER_DAYS,
    GROWTH,
    HOUR,
    HOURS,
    LOYAL,
    MINUTE,
    PEOPLE,
    RELEASES,
    RETURN_CASUAL,
    RETURN_DAYS,
    RETURN_LOYAL,
    ROLLOUT_H,
    SECOND_DEVICE,
    WEEK,
    WEEKDAY,
)
from .shop import COUNTRIES, PLATFORMS, SOURCES
from .wireframes import SCREENS


@dataclass
class Sessions:
    """One row per session, in order of time within a person. Texts are numbers into the lists beside them."""

    person: Ints
    number: Ints  # 0 is the person's first in the data
    device: Ints  # 2 * person, or 2 * person + 1 for the other device
    start: Ints  # ms UTC since the first day's midnight UTC
    day: Ints
    screen: Ints  # into SCREENS
    platform: Ints  # into PLATFORM_LIST
    width: Ints
    height: Ints
    country: Ints
    release: Ints
    source: Ints
    address: list[str]

    def __len__(self) -> int:
        return len(self.person)


SCREEN_NAMES = tuple(screen.name for screen in SCREENS)
PLATFORM_LIST = [(name, platform) for name in SCREEN_NAMES for platform in PLATFORMS[name]]
COUNTRY_NAMES = [*COUNTRIES, "CA", "SG"]
SOURCE_NAMES = tuple(SOURCES)


@dataclass
class People:
    loyal: Bools
    account: Bools
    arrival: Ints
    country: Ints
    screens: Ints  # main and other device
    platforms: Ints
    viewports: Ints


def people(random: np.random.Generator) -> People:
    """Everybody who ever comes: since when, how loyal, from where, with which two devices."""
    days = np.arange(-EARLIER_DAYS, DAYS)
    week = np.array([WEEK[day // 7] if day >= 0 else 1.0 for day in days.tolist()])
    weights = week * np.array(WEEKDAY)[days % 7] * np.linspace(1, GROWTH, len(days))
    loyal = random.random(PEOPLE) < LOYAL
    chance = np.where(loyal, ACCOUNTS["loyal"], ACCOUNTS["casual"])
    main = pick(random, [DEVICES[name] for name in SCREEN_NAMES], PEOPLE)
    other = np.where(main == 0, 2, 0)
    screens = np.stack([main, other], axis=1)
    platforms, viewports = np.zeros_like(screens), np.zeros_like(screens)
    for number, (name, platform) in enumerate(PLATFORM_LIST):
        if PLATFORMS[name][0] is platform:
            mine = screens == SCREEN_NAMES.index(name)
            platforms[mine] = number + pick(random, [p.weight for p in PLATFORMS[name]], int(mine.sum()))
    for number, (_, platform) in enumerate(PLATFORM_LIST):
        mine = platforms == number
        viewports[mine] = pick(random, [weight for *_, weight in platform.viewports], int(mine.sum()))
    return People(
        loyal, random.random(PEOPLE) < chance, days[pick(random, weights, PEOPLE)],
        pick(random, list(COUNTRIES.values()), PEOPLE), screens, platforms, viewports,
    )  # fmt: skip


def visiting_days(random: np.random.Generator, who: People) -> tuple[Ints, Ints]:
    """Person and day of every session: the day of arrival, then again and again until a person stays away."""
    person, day = np.arange(PEOPLE), who.arrival
    persons, days = [], []
    while person.size:
        persons.append(person)
        days.append(day)
        loyal = who.loyal[person]
        back = random.random(person.size) < np.where(loyal, RETURN_LOYAL, RETURN_CASUAL)
        pause = np.where(
            loyal, around(random, RETURN_DAYS["loyal"], person.size), around(random, RETURN_DAYS["casual"], person.size)
        )
        week = day[:, None] + pause.astype(int)[:, None] + np.arange(-3, 4)
        likely = np.where(week > day[:, None], np.array(WEEKDAY)[week % 7], 0)
        following = np.take_along_axis(week, pick_rows(random, likely)[:, None], axis=1)[:, 0]
        back &= following < DAYS
        person, day = person[back], following[back]
    return np.concatenate(persons), np.concatenate(days)


def release_at(random: np.random.Generator, local_h: Floats) -> Ints:
    """A release takes over within hours: for a while both are served."""
    release = np.zeros(len(local_h), int)
    for number, (_, day) in enumerate(RELEASES[1:], 1):
        share = (local_h - day * 24 - ROLLOUT_H[0]) / (ROLLOUT_H[1] - ROLLOUT_H[0])
        release[random.random(len(local_h)) < share] = number
    return release


def to_utc(local: Ints) -> Ints:
    """Wall clock in Berlin to UTC, both in ms since the first day's midnight."""
    return local - np.where(local < CLOCK_BACK_H * HOUR, 2, 1) * HOUR


def addresses(random: np.random.Generator, person: Ints, screen: Ints) -> list[str]:
    """Everybody's own at home; phones on the road get one of the network; some desktops share their office's."""
    home = [f"2001:db8:{p >> 8:x}:{p & 255:x}::1" for p in person.tolist()]
    road = (screen == 0) & (random.random(len(person)) < 0.45)
    office = (screen == 2) & (person % 29 == 0)
    network = random.integers(0, 1 << 16, len(person)).tolist()
    return [
        f"2001:db8:f000:{network[n]:x}::2" if road[n] else f"192.0.2.{1 + person[n] % 120}" if office[n] else home[n]
        for n in range(len(person))
    ]


def schedule(random: np.random.Generator, who: People) -> Sessions:
    """All sessions of people: when, on which device, from where, under which release."""
    person, day = visiting_days(random, who)
    person, day = person[day >= 0], day[day >= 0]
    loyal = who.loyal[person]
    other = random.random(len(person)) < np.where(loyal, SECOND_DEVICE["loyal"], SECOND_DEVICE["casual"])
    slot = other.astype(int)
    screen = who.screens[person, slot]
    hour = np.zeros(len(person), int)
    for number, name in enumerate(SCREEN_NAMES):
        mine = screen == number
        hour[mine] = pick(random, HOURS[name], int(mine.sum()))
    local = (day * 24 + hour) * HOUR + random.integers(0, HOUR, len(person))
    local = np.minimum(local, DAYS * 24 * HOUR - 40 * MINUTE)  # so that nobody walks out of the last day
    order = np.lexsort((local, person))
    person, day, slot, screen, local = person[order], day[order], slot[order], screen[order], local[order]
    number = np.arange(len(person)) - np.searchsorted(person, person)
    platform = who.platforms[person, slot]
    width, height = np.array(
        [PLATFORM_LIST[p][1].viewports[v][:2] for p, v in zip(platform, who.viewports[person, slot], strict=True)]
    ).T
    known = (number > 0) | (who.arrival[person] < day)
    source = np.where(
        known,
        pick(random, [source.returning for source in SOURCES.values()], len(person)),
        pick(random, [source.new for source in SOURCES.values()], len(person)),
    )
    return Sessions(
        person, number, 2 * person + slot, to_utc(local), day, screen, platform, width, height, who.country[person],
        release_at(random, local / HOUR), source, addresses(random, person, screen),
    )  # fmt: skip
