"""The command line without installing it: `python -m analytics`; in the installed package `python -m sessionscope`."""

import sys

from analytics.cli import main

if __name__ == "__main__":
    sys.exit(main())
