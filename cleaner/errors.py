"""Every error a user can meet: one line that says what is wrong and what to do next."""

from __future__ import annotations


class CleanError(Exception):
    """Base of all errors this package raises on purpose; `str(error)` is one line fit for a terminal."""


class InputError(CleanError):
    """An input can't be read, decoded or understood.

    `stage` is the verb of the stage that gave up: read, decode, segment, …
    """

    def __init__(self, message: str, stage: str = "read") -> None:
        super().__init__(message)
        self.stage = stage


class OutputError(CleanError):
    """An output can't be written."""


class RuleError(CleanError):
    """A rule file is wrong. The message reads `file:line: CODE: what is wrong, what to write instead`."""


class UsageError(CleanError):
    """The call's options are wrong: an unknown code, an unknown field name, two options that exclude each other."""


class ChildError(CleanError):
    """Child processes can't be started, so that nothing more can be cleaned."""
