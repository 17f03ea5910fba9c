"""The question of a page: an analysis, asked within the scope."""

from types import ModuleType
from typing import Any

from analytics.errors import AnalyticsError
from analytics.scope import Scope
from pages.shared import segments
from pages.shared.scope import current_scope
from pages.shared.waiting import answer, explain


def ask(module: ModuleType, params: Any, scope: Scope | None = None) -> Any:
    """What the analysis `module` answers to `params` within `scope`, by default the sidebar's.

    The same question is answered once, whoever asks. After a second a bar shows how far it is; when the page is left,
    the question stops. What cannot be answered is said in a sentence, and the page ends there.
    """
    try:
        params, within = segments.resolved((params, current_scope() if scope is None else scope))
        key = (module.__name__, repr(params), tuple(query.key for query in module.queries(params, within)))
    except AnalyticsError as error:
        explain(error)
    return answer(key, lambda reader: module.run(reader, params, within))
