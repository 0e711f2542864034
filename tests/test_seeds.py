"""The five scrapes that the product was made for, where they lie beside the project: byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner.golden import Case, Cleaners, check, load_cases
from cleaner.model import Options

FOLDER = Path(__file__).parent.parent.parent / "shared" / "seeds"

if not FOLDER.is_dir():
    pytest.skip(
        f"no folder {FOLDER}: the seeds are other people's pages and not part of the project", allow_module_level=True
    )
CASES = load_cases(FOLDER)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_seed(case: Case) -> None:
    outcome = check(case, Cleaners(Options()).clean)
    if not outcome.passed:
        pytest.fail(outcome.report, pytrace=False)


def test_all_five_are_there() -> None:
    assert len(CASES) == 5
