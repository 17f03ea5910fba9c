"""The version of this release; the wheel and the health route take it from here."""

VERSION = "0.1.0"
