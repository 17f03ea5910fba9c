"""The axis of time: few ticks, whatever it spans."""

import datetime as dt

import plotly.graph_objects as go
import pytest

from analytics.charts import base


@pytest.mark.parametrize(
    ("last", "named"),
    [
        (dt.date(2026, 3, 5), ["2 Mar", "4 Mar"]),
        (dt.date(2026, 4, 20), ["2 Mar", "9 Mar", "16 Mar", "23 Mar", "30 Mar", "6 Apr", "13 Apr", "20 Apr"]),
        (dt.date(2055, 1, 1), ["2030", "2035", "2040", "2045", "2050", "2055"]),
    ],
)
def test_ticks_of_a_time_axis(last, named):
    figure = go.Figure()
    base.time_axis(figure, dt.date(2026, 3, 2), last, 8 if last.year > 2026 or last.month > 3 else 3)
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in figure.layout.xaxis.ticktext] == named
