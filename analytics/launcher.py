"""Sessionscope as an installed package: `import sessionscope`, then `analytics` and `pages` can be imported too.

In a wheel this file is `sessionscope/__init__.py`, beside app.py, pages/, analytics/ and the sample. They call each
other by the names they have in a checkout, so the folder that holds them goes onto the path, in front: a folder named
pages/ or analytics/ where somebody happens to stand is not ours.
"""

import sys
from pathlib import Path

FOLDER = next(folder for folder in Path(__file__).resolve().parents if (folder / "app.py").is_file())
if str(FOLDER) not in sys.path:
    sys.path.insert(0, str(FOLDER))

from analytics.version import VERSION  # noqa: E402 - needs the path above

__version__ = VERSION


def main() -> int:
    """The command `sessionscope`; returns its exit code."""
    from analytics import cli  # here, so that `import sessionscope` stays light

    return cli.main()
