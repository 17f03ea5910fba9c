"""Files to events: any tool's export into the store, in one transaction.

`load` imports, `preview` shows how a file would be read. Formats are modules of `readers`; what an event is made of
lies in `fields` and `canonical`; what follows from events in `derive` and the modules it calls.
"""

from analytics.ingest.forget import Forgotten, Person, forget, person
from analytics.ingest.load import load
from analytics.ingest.options import Options, seconds
from analytics.ingest.preview import Preview, PreviewColumn, preview
from analytics.ingest.report import CameBefore, FileReport, Reject, Report, Skipped
from analytics.ingest.rezone import Rezoned, rezone
from analytics.ingest.undo import undo
from analytics.ingest.watch import ImportCancelled, Progress

__all__ = [
    "CameBefore",
    "FileReport",
    "Forgotten",
    "ImportCancelled",
    "Options",
    "Person",
    "Preview",
    "PreviewColumn",
    "Progress",
    "Reject",
    "Report",
    "Rezoned",
    "Skipped",
    "forget",
    "load",
    "person",
    "preview",
    "rezone",
    "seconds",
    "undo",
]
