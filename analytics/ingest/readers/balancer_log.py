"""Access logs of Amazon's load balancers: the application's (ALB) and the classic one (ELB)."""

from pathlib import Path

from analytics.ingest.files import Sample
from analytics.ingest.readers.access_log import QUOTED, matching, parted
from analytics.ingest.readers.base import Table, Workbench
from analytics.ingest.readers.requests import WITHOUT_PORT, Form, Parts, log
from analytics.ingest.readers.shape import Shape

LINE = (
    r"^(?:(https?|h2|grpcs|wss?) )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.]\d+)?Z) (\S+) (\S+) (\S+) "
    rf'([0-9.-]+) ([0-9.-]+) ([0-9.-]+) (\d{{3}}|-) (\d{{3}}|-) (\d+) (\d+) "{QUOTED}" "{QUOTED}"(?: .*)?$'
)
PARTS = (
    *("type", "time", "balancer", "client", "server", "request_seconds", "server_seconds", "response_seconds"),
    *("status", "server_status", "received", "bytes", "request", "user_agent"),
)


def fits(shape: Shape, sample: Sample) -> bool:
    """Whether most lines are requests that went through a balancer."""
    return matching(LINE, sample)


def table(path: Path, sample: Sample, bench: Workbench) -> Table:
    """A line's parts as columns."""
    return parted(path, sample, bench, LINE, PARTS, kept=("user_agent",), what="a line of a load balancer's log")


FORM = Form(
    Parts(
        time="`time`",
        address=WITHOUT_PORT.format("`client`"),
        method="split_part(`request`, ' ', 1)",
        target="split_part(`request`, ' ', 2)",
        status="`status`",
        agent="`user_agent`",
        size="`bytes`",
        is_request="is_request",
    ),
    fits,
    table,
)
READER = log("balancer-log", "a load balancer", "a load balancer's log", FORM)
