"""The hook-in for pytest: one line of configuration makes tests of a folder of cases, as their owners run them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner.golden import record_case
from cleaner.model import Options, Source
from cleaner.pipeline import Cleaner

pytest_plugins = ["pytester"]

SHARE = "Share this:"
PROSE = (
    "The mill wheel turned again on Sunday, for the first time since the flood took the sluice, and half the village "
    "stood on the bridge to see it.\n\nNobody had thought to tell the miller, who slept through it all in the loft.\n"
)
SETTING = "[pytest]\nclean_goldens = golden\n"
#: A checkout that is not installed, as these tests may run in, has no entry points.
LOAD = ("-p", "cleaner.pytest_goldens")


@pytest.fixture
def repository(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Somebody's repository with two cases and one line of configuration."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    cleaner = Cleaner(Options())
    for slug in ("mill", "miller"):
        article = cleaner.clean(Source(f"{SHARE}\n\n{PROSE}".encode(), kind="text"))
        record_case(pytester.path / "golden", "share", slug, article, why="a share label")
    pytester.makeini(SETTING)
    return pytester


def run(repository: pytest.Pytester, *args: str) -> pytest.RunResult:
    """Run pytest, with the hook-in loaded once, whether it is installed or not."""
    return repository.runpytest_inprocess("-p", "no:clean-goldens", *LOAD, *args)


def expected(repository: pytest.Pytester, slug: str = "mill") -> Path:
    return repository.path / "golden" / f"share--{slug}" / "expected.txt"


def test_each_case_is_a_test(repository: pytest.Pytester) -> None:
    result = run(repository, "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["golden/share--mill/case.toml::share--mill PASSED*"])


@pytest.mark.parametrize("ini", ["[pytest]\ntestpaths = tests\nclean_goldens = golden\n", SETTING])
def test_cases_are_found_beside_other_tests_and_once(repository: pytest.Pytester, ini: str) -> None:
    repository.makeini(ini)
    (repository.path / "tests").mkdir()
    (repository.path / "tests" / "test_own.py").write_text("def test_own():\n    assert True\n")
    run(repository).assert_outcomes(passed=3)


def test_a_run_that_names_files_runs_those_alone(repository: pytest.Pytester) -> None:
    repository.makepyfile("def test_own():\n    assert True\n")
    file = next(repository.path.glob("test_*.py"))
    run(repository, file.name).assert_outcomes(passed=1)
    run(repository, "golden/share--miller").assert_outcomes(passed=1)
    run(repository, "-k", "miller").assert_outcomes(passed=1, deselected=2)


def test_without_the_line_a_case_is_no_test(repository: pytest.Pytester) -> None:
    repository.makeini("[pytest]\n")
    assert run(repository).ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_failure_shows_the_difference_and_the_rule_and_no_code_of_ours(repository: pytest.Pytester) -> None:
    expected(repository).write_text(f"{SHARE}\n\n{PROSE}", encoding="utf-8")
    result = run(repository)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["share--mill: a share label", "*", f"-{SHARE}", "*", "*SHR001 +30*"])
    result.stdout.fnmatch_lines(["*clean golden update *golden/share--mill"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*def runtest*")


def test_a_case_that_is_not_whole_is_an_error_that_names_it(repository: pytest.Pytester) -> None:
    expected(repository).unlink()
    result = run(repository)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*share--mill: expected.txt is missing*"])


def test_a_known_failure_is_an_expected_failure_until_it_passes(repository: pytest.Pytester) -> None:
    settings = expected(repository).with_name("case.toml")
    settings.write_text('why = "x"\nknown_failure = "not yet"\n', encoding="utf-8")
    run(repository).assert_outcomes(passed=1, failed=1)
    expected(repository).write_text("something else\n", encoding="utf-8")
    run(repository).assert_outcomes(passed=1, xfailed=1)


def test_the_defaults_of_the_repository_apply(repository: pytest.Pytester) -> None:
    (repository.path / "clean.toml").write_text('keep = ["share"]\n', encoding="utf-8")
    run(repository).assert_outcomes(failed=2)
    expected(repository).write_text(f"{SHARE}\n\n{PROSE}", encoding="utf-8")
    run(repository).assert_outcomes(passed=1, failed=1)


def test_a_missing_folder_is_one_clear_error(repository: pytest.Pytester) -> None:
    repository.makeini("[pytest]\nclean_goldens = goldne\n")
    result = run(repository)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*clean_goldens: no such folder: *goldne; record a case with: clean golden add FILE"])


def test_several_processes_share_the_cases(repository: pytest.Pytester) -> None:
    repository.runpytest_subprocess("-p", "no:clean-goldens", *LOAD, "-n", "2").assert_outcomes(passed=2)


def test_the_package_tells_pytest_of_it() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"clean-goldens": "cleaner.pytest_goldens"}
