"""What all tests share: nothing is kept in the home of whoever runs them."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

_VARIABLE = "XDG_CACHE_HOME"


def pytest_configure(config: pytest.Config) -> None:
    """Let all processes of a run share one cache folder; those that are started for it find it in their environment."""
    if not hasattr(config, "workerinput"):
        os.environ[_VARIABLE] = tempfile.mkdtemp(prefix="cleaner-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the cache folder."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[_VARIABLE], ignore_errors=True)
