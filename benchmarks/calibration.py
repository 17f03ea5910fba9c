"""`python -m benchmarks.calibration`: whether the statistics of a comparison keep what they promise.

Products are simulated in which nothing changes, and people are as they are: some come often and some once, everybody
has habits of their own, weekends differ, values and times are skewed and few sessions convert. Two weeks are compared
with the two before by the very functions that the analysis `compare` uses. Then a change is planted that is as large as
the smallest detectable one.
"""

import argparse
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics import metrics, stats, words
from analytics.analyses import compare
from analytics.analyses.compare import Change, Row
from analytics.metrics import Metric
from analytics.stats import Bounded

Numbers = NDArray[np.float64]
RUNS, PEOPLE, DAYS = 2000, 3000, 28
WEEKDAYS = np.array([1.0, 1.0, 1.1, 1.0, 0.9, 0.5, 0.6])  # sessions
KEENNESS = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.4, 1.3])  # of those who come, on that weekday


@dataclass(frozen=True)
class Measure:
    """A metric of the simulated product: `metric` names the kind of it, `what` says what it is like."""

    metric: Metric
    what: str


def _like(name: str, what: str) -> Measure:
    goal = metrics.Matcher(name="order")
    (metric,) = metrics.chosen([name], goal)
    return Measure(metric, what)


MEASURES = {
    "usual": _like("clicked", "share of about 40 %"),
    "rare": _like("conversion", "share of about 1 %, 60 sessions a side"),
    "value": _like("value_per_session", "mean, zero in nearly all sessions, else skewed"),
    "value_each": _like("value_per_buyer", "mean of the 60 sessions that have one"),
    "duration": _like("duration", "mean of a skewed time"),
    "clicks": _like("clicks", "mean of a count"),
    "per_view": _like("clicks_per_view", "ratio of two counts"),
    "median": _like("duration_median", "median of a skewed time"),
    "p90": _like("duration_p90", "90th percentile of a skewed time"),
}


@dataclass(frozen=True)
class Sessions:
    """Of a run: whose they are, on which side, and of each measure what it adds above and below the line."""

    person: NDArray[np.intp]
    side: NDArray[np.intp]
    parts: Mapping[str, tuple[Numbers, Numbers]]


def simulate(dice: np.random.Generator, people: int = PEOPLE, planted: Mapping[str, float] | None = None) -> Sessions:
    """Four weeks of a product; with `planted`, the named measures are that many times as large in the last two."""
    grown = planted or {}
    often = dice.gamma(0.7, 3.0 / 0.7, people)  # sessions in four weeks, in the mean; most come once or never
    counts = dice.poisson(often)
    person = np.repeat(np.arange(people), counts)
    rhythm = np.tile(WEEKDAYS, DAYS // 7)
    day = dice.choice(DAYS, len(person), p=rhythm / rhythm.sum())
    side = (day >= DAYS // 2).astype(np.intp)
    keen = KEENNESS[day % 7]

    def times(name: str) -> Numbers:
        return np.where(side == 1, grown.get(name, 1.0), 1.0)

    usual = dice.beta(2, 3, people)[person] * np.minimum(keen, 1.2) / 1.2
    rare = dice.beta(0.5, 45, people)[person] * keen
    slow = dice.normal(0, 0.6, people)[person]
    seconds = np.exp(4.3 + slow + dice.normal(0, 1.0, len(person)))
    views = 1.0 + dice.poisson(np.exp(0.8 + 0.5 * slow))
    ordered = dice.random(len(person)) < rare * times("rare") * times("value")
    price = np.exp(3.5 + dice.normal(0, 0.3, people)[person] + dice.normal(0, 0.9, len(person)))
    clicks = dice.poisson(np.exp(0.3 + 0.4 * slow) * times("clicks")).astype(float)
    within = dice.poisson(views * np.exp(0.2 + dice.normal(0, 0.5, people)[person]) * times("per_view")).astype(float)
    one = np.ones(len(person))
    return Sessions(
        person,
        side,
        {
            "usual": ((dice.random(len(person)) < usual * times("usual")).astype(float), one),
            "rare": (ordered.astype(float), one),
            "value": (ordered * price, one),
            "value_each": (ordered * price * times("value_each"), ordered.astype(float)),
            "duration": (seconds * times("duration"), one),
            "clicks": (clicks, one),
            "per_view": (within, views),
            "median": (seconds * times("median"), one),
            "p90": (seconds * times("p90"), one),
        },
    )


def changes(sessions: Sessions, people: int = PEOPLE) -> dict[str, Change]:
    """What a comparison by person says of every measure."""
    return {name: _change(name, sessions, people) for name in MEASURES}


def _change(name: str, sessions: Sessions, people: int) -> Change:
    above, below = sessions.parts[name]
    metric, marks, values = MEASURES[name].metric, [None, None], []
    if metric.kind == "quantile":
        values = [above[sessions.side == side] for side in (0, 1)]
        marks = [float(np.quantile(own, metric.at)) for own in values]
        above = (above <= np.where(sessions.side == 0, marks[0], marks[1])).astype(float)
    place = 2 * sessions.person + sessions.side
    s, n, held = (
        np.bincount(place, weights, 2 * people).reshape(people, 2).T for weights in (above, below, np.ones(len(place)))
    )
    cross = [float((one * other).sum()) for one, other in ((s[0], s[1]), (s[0], n[1]), (n[0], s[1]), (n[0], n[1]))]
    rows = [
        Row(
            metric=1,
            side=side,
            everyone=int((held[side] > 0).sum()),
            both_people=int(((held[0] > 0) & (held[1] > 0)).sum()),
            sessions=float((below[sessions.side == side] > 0).sum()),
            counted=float(n[side].sum()),
            total=float(s[side].sum()),
            people=int((n[side] > 0).sum()),
            hits=int((s[side] != 0).sum()),
            person_squares=float((s[side] ** 2).sum()),
            person_cross=float((s[side] * n[side]).sum()),
            person_counts=float((n[side] ** 2).sum()),
            totals=cross[0],
            total_count=cross[1],
            count_total=cross[2],
            counts=cross[3],
            mark=marks[side],
        )
        for side in (0, 1)
    ]
    bounded: list[Bounded | None] = [None, None]
    for side, own in enumerate(values):
        if ends := stats.fractions(rows[side].sums, metric.at or 0.5):
            bounded[side] = Bounded(float(marks[side] or 0), *(float(np.quantile(own, end)) for end in ends))
    return compare.change(metric, (rows[0], rows[1]), "user", bounded)


# ------------------------------------------------------------------------------------------------------------ reports


@dataclass(frozen=True)
class Quiet:
    """Of the runs without a change in which a measure could be judged: how often its intervals hold no change at all
    (of the difference, and relative), the p-values below 0.05, and the median of the smallest detectable change,
    relative to before."""

    runs: int
    covered: float
    covered_relative: float
    called: float
    smallest: float


def quiet(runs: int, seed: int, people: int = PEOPLE) -> tuple[dict[str, Quiet], float]:
    """Every measure, and the share of runs in which any verdict, after correction, was a change."""
    dice = np.random.default_rng(seed)
    found: dict[str, list[Change]] = {name: [] for name in MEASURES}
    alarms = 0
    for _ in range(runs):
        told = changes(simulate(dice, people), people)
        judged = compare.judge(told.values())
        alarms += any(each.verdict in ("better", "worse", "changed") for each in judged)
        for name, each in zip(told, judged, strict=True):
            if each.p is not None:
                found[name].append(each)
    return {name: _quiet(each) for name, each in found.items()}, alarms / runs


def _quiet(found: Sequence[Change]) -> Quiet:
    related = [each for each in found if each.relative is not None]
    return Quiet(
        runs=len(found),
        covered=_mean((each.low or 0) <= 0 <= (each.high or 0) for each in found),
        covered_relative=_mean((each.relative_low or 0) <= 0 <= (each.relative_high or 0) for each in related),
        called=_mean((each.p or 0) < 0.05 for each in found),
        smallest=float(np.median([(each.smallest_detectable or 0) / (each.before.value or 1) for each in found])),
    )


@dataclass(frozen=True)
class Planted:
    """Of the runs in which a measure grew by as much as its smallest detectable change: how often its interval leaves
    out zero, the verdicts after correction that saw it, and how often its relative interval holds the truth."""

    grown: float
    power: float
    seen: float
    covered: float


def planted(grown: Mapping[str, float], runs: int, seed: int, people: int = PEOPLE) -> tuple[dict[str, Planted], float]:
    """Each measure in `grown` (to so many times) in runs of its own, and the share of false ones among all verdicts."""
    found, false, shares = {}, [], []
    for nth, (name, times) in enumerate(grown.items()):
        dice = np.random.default_rng((seed, nth))
        own = []
        for _ in range(runs):
            told = changes(simulate(dice, people, {name: times}), people)
            judged = dict(zip(told, compare.judge(told.values()), strict=True))
            called = [each for each, change in judged.items() if change.verdict in ("better", "worse", "changed")]
            false = [each for each in called if each not in MOVED.get(name, (name,))]
            shares.append(len(false) / len(called) if called else 0.0)
            own.append(judged[name])
        found[name] = Planted(
            grown=times - 1,
            power=_mean((each.p or 1) < 0.05 for each in own),
            seen=_mean(each.verdict in ("better", "worse", "changed") for each in own),
            covered=_mean(
                (each.relative_low or 0) <= times - 1 <= (each.relative_high or 0)
                for each in own
                if each.relative is not None
            ),
        )
    return found, float(np.mean(shares))


MOVED = {"rare": ("rare", "value"), "value": ("rare", "value")}  # more orders are more value


def _mean(truths: Iterable[bool]) -> float:
    found = list(truths)
    return sum(found) / len(found) if found else float("nan")


def report(runs: int, seed: int, people: int = PEOPLE) -> str:
    """Markdown."""
    still, alarms = quiet(runs, seed, people)
    grown = {name: 1 + of.smallest for name, of in still.items()}
    moved, false = planted(grown, max(1, runs // 4), seed + 1, people)
    percent = lambda share: words.percent(share, 1)  # noqa: E731
    lines = [
        "# Calibration of comparisons",
        "",
        f"{words.count(runs)} simulated products without a change, of {words.count(people)} people who come as often "
        "as they like, two weeks against the two before; then a quarter as many with a change as large as the smallest "
        f"detectable one. Seed {seed}, Python {platform.python_version()}, NumPy {np.__version__}. "
        "Renew with `make calibrate`.",
        "",
        "| measure | kind | 95 % interval of the difference covers | relative interval covers | p below 0.05 | "
        "smallest detectable change | power at it | called after correction | relative interval covers the change |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, of in still.items():
        measure, after = MEASURES[name], moved[name]
        cells = [
            measure.what, measure.metric.kind, percent(of.covered), percent(of.covered_relative), percent(of.called),
            percent(of.smallest), percent(after.power), percent(after.seen), percent(after.covered),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        f"At least one of the {len(MEASURES)} measures is called a change in {percent(alarms)} of the quiet runs "
        "(q below 0.05; the false discovery rate where nothing changed).",
        f"Where one measure changed, {percent(false)} of the verdicts are of others, in the mean.",
        "",
        "A coverage over 2,000 runs is uncertain by about 1 point (95 %), a power over 500 by 3.5 points. The smallest "
        "detectable change is what is seen in 80 of 100 comparisons by its own interval.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=None, help="a file instead of the screen")
    given = parser.parse_args()
    text = report(given.runs, given.seed, given.people)
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
