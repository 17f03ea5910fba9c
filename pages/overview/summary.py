"""Overview: how it is going, and what stands out."""

from analytics.analyses import overview
from pages.shared import ask, head

page = head("How is it going?")
result = ask(overview, overview.Overview(grain="week"))
page.answer(f"**{result.totals.sessions:,}** sessions.")
page.actions(result.queries, [vars(point) for point in result.series], "overview")
