"""Transitions: what follows straight upon what, how often people go back, and how often they repeat."""

from dataclasses import replace

from analytics.analyses import sessions, transition_sessions, transitions
from analytics.analyses.transition_sessions import TransitionSessions
from analytics.charts import paths as paths_chart
from analytics.charts import transitions as chart
from pages.journeys import moves, moves_against, moves_drawn, moves_repeats, moves_steps, view, ways
from pages.shared import ask, end, escape, head, palette, sessions_behind
from pages.shared.picking import pick

TIMES_UP_TO = 300_000  # sessions; the time of a step takes longer than its count

page = head("What follows upon what?")
known = ways.stored()
params, shape, pair, pinned = moves.choose(known)
order = paths_chart.order(known.of(params.level), params.groups)
items = paths_chart.items(known.of(params.level), params.groups)
within = ask(sessions, sessions.Sessions(limit=0)).total
asked = replace(params, shown=chart.shown(order, items, params.exclude, pinned), times=within <= TIMES_UP_TO)
if shape == "steps":
    moves_steps.draw(page, asked, pair, order)
    end()
if pair:
    moves_against.draw(page, asked, shape, pair, order, pinned)
    end()
result = ask(transitions, asked)
if not result.links:
    page.answer(f"**No session** has {'a page' if params.level == 'page' else 'an event'} here. Leave out less.")
    page.actions(result.queries)
    end()

drawn = chart.drawn(asked, result, order, pinned)
page.answer(chart.sentence(drawn, lambda text: escape(text, 80)))
if shape == "graph":
    least = moves_drawn.choose_least()
    moves_drawn.legend_of_graph(drawn, order)
    picture = chart.graph(palette(), drawn, order, least)
    clicked = moves_drawn.graph(picture, drawn, least)
else:
    moves_drawn.legend_of_matrix(params.norm, params.by)
    picture = chart.matrix(palette(), drawn)
    clicked = moves_drawn.matrix(picture, drawn)
if view.section({"sessions": "Sessions of a step", "repeats": "Repeats before a goal"}, "sessions") == "repeats":
    queries = moves_repeats.draw(params.groups, moves.most_repeated(drawn))
else:
    link = drawn.links[
        pick(
            "Sessions of",
            [chart.as_link(link) for link in drawn.links],
            [chart.title(link, params.level, lambda text: paths_chart.short(text, 40)) for link in drawn.links],
            clicked,
            chart.usual(drawn),
            width=430,
        )
    ]
    title = chart.title(link, params.level, lambda text: escape(text, 80))
    behind = TransitionSessions(replace(asked, times=False, norm="count"), link.source, link.target)
    title += moves_drawn.one_each(params.by)
    queries = sessions_behind("transitions", title, transition_sessions, behind).queries
page.actions((*result.queries, *queries), chart.table(drawn), "transitions", picture)
