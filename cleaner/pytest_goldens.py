"""Make tests of recorded cases in other people's repositories: pytest loads this wherever the package is installed.

One line of configuration is enough, `clean_goldens = golden/`: each case in that folder becomes a test. Nothing of the
cleaner is imported before there is a case to run.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from cleaner.golden import Case, Cleaners

_SETTING: Final = "clean_goldens"
_CASE_FILE: Final = "case.toml"
_CLEANERS: Final = pytest.StashKey["Cleaners"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tell pytest of the setting."""
    parser.addini(_SETTING, "folders of recorded cases that `clean golden check` passes", type="paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Let a run that names no files look into the folders of cases as well."""
    folders = _folders(config)
    for folder in folders:
        if not folder.is_dir():
            raise pytest.UsageError(f"{_SETTING}: no such folder: {folder}; record a case with: clean golden add FILE")
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        known = [Path(config.invocation_params.dir, arg) for arg in config.args]
        config.args += [str(folder) for folder in folders if not any(map(folder.is_relative_to, known))]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take the settings of a case for a file with one test."""
    if file_path.name == _CASE_FILE and file_path.parent.parent in _folders(parent.config):
        return CaseFile.from_parent(parent, path=file_path)
    return None


def _folders(config: pytest.Config) -> list[Path]:
    return config.getini(_SETTING)  # type: ignore[no-any-return]


class CaseFile(pytest.File):
    """A case's settings, which stand for the case."""

    def collect(self) -> Iterable[pytest.Item]:
        from cleaner.golden import GoldenError, load_cases

        try:
            (case,) = load_cases(self.path.parent)
        except GoldenError as error:
            raise self.CollectError(str(error)) from error
        yield CaseTest.from_parent(self, name=case.name, case=case)


class CaseTest(pytest.Item):
    """The test that a case's source still gives what is written down."""

    def __init__(self, *, case: Case, **more: Any) -> None:
        super().__init__(**more)
        self._case = case

    def runtest(self) -> None:
        from cleaner.golden import check

        outcome = check(self._case, _cleaners(self.config).clean)
        if not outcome.passed:
            raise CaseFailedError(outcome.report)
        if self._case.known_failure:
            pytest.xfail(self._case.known_failure)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any) -> Any:
        if isinstance(excinfo.value, CaseFailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


class CaseFailedError(Exception):
    """A case went otherwise than it should; the message is all that a reader needs."""


def _cleaners(config: pytest.Config) -> Cleaners:
    """What cleans the cases of a run: under the defaults that `clean` would find in the same folder."""
    if _CLEANERS not in config.stash:
        from cleaner.config import load_config
        from cleaner.golden import Cleaners

        config.stash[_CLEANERS] = Cleaners(load_config(config.rootpath).options())
    return config.stash[_CLEANERS]
