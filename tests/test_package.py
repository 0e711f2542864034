"""The wheel: that what `clean` needs is in it, and is found there when nothing of the checkout is near."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from cleaner.rules import load_rules
from cleaner.version import VERSION

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SECONDS = 300

BACKEND = "import sys, hatchling.build as backend; print(backend.build_wheel(sys.argv[1]))"
#: Where there is no backend, pip fetches one, and needs the network for it.
PIP = [sys.executable, "-m", "pip", "wheel", ".", "--quiet", "--no-deps", "--disable-pip-version-check", "--wheel-dir"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    has_backend = importlib.util.find_spec("hatchling") is not None
    command = [sys.executable, "-c", BACKEND] if has_backend else PIP
    done = subprocess.run(
        [*command, str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode and not has_backend:
        pytest.skip("hatchling is not installed, and pip could not fetch it: no network?")
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def shipped(unpacked: Path) -> set[str]:
    return {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}


def run(code: str, unpacked: Path, empty: Path) -> str:
    """What a program prints that has the unpacked wheel, and nothing of the checkout, to import from."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=empty, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_module_rule_and_table_is_in_the_wheel(unpacked: Path) -> None:
    modules = {f"cleaner/{path.name}" for path in (ROOT / "cleaner").glob("*.py")}
    rules = {
        f"cleaner/_rules/{path.relative_to(ROOT / 'rules').as_posix()}" for path in (ROOT / "rules").rglob("*.toml")
    }
    assert len(rules) > 10
    assets = {f"cleaner/assets/{path.name}" for path in (ROOT / "cleaner" / "assets").iterdir()}
    assert len(assets) == 3
    data = {"cleaner/points.toml", "cleaner/py.typed", "cleaner/rules.schema.json"}
    assert {*modules, *rules, *assets, *data} - shipped(unpacked) == set()


def test_nothing_else_is_in_the_wheel(unpacked: Path) -> None:
    tops = {name.split("/")[0] for name in shipped(unpacked)}
    assert tops == {"cleaner", f"cleaner_pipeline-{VERSION}.dist-info"}
    assert [name for name in shipped(unpacked) if name.endswith(".pyc") or "__pycache__" in name] == []


def test_the_wheel_says_what_it_is(unpacked: Path) -> None:
    about = unpacked / f"cleaner_pipeline-{VERSION}.dist-info"
    metadata = (about / "METADATA").read_text(encoding="utf-8")
    assert f"\nVersion: {VERSION}\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata
    assert "\nRequires-Python: >=3.11\n" in metadata
    for requirement in PROJECT["dependencies"]:
        assert f"\nRequires-Dist: {requirement.split('>')[0]}".lower().replace("_", "-") in metadata.lower().replace(
            "_", "-"
        )
    assert (about / "licenses" / "LICENSE").is_file()
    entries = (about / "entry_points.txt").read_text(encoding="utf-8")
    assert "clean = cleaner.cli:main" in entries
    assert "[pytest11]\nclean-goldens = cleaner.pytest_goldens" in entries


def test_rules_are_found_in_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    code = "from cleaner import load_rules\nfrom cleaner.packs import shipped\nprint(load_rules().id, shipped())"
    told, folder = run(code, unpacked, tmp_path).split(" ", 1)
    assert told == load_rules().id
    assert Path(folder) == unpacked / "cleaner" / "_rules"


def test_the_wheel_cleans(unpacked: Path, tmp_path: Path) -> None:
    body = "The ferry was late again, and nobody on the quay was surprised by it, least of all the harbour master."
    text = f"Share this:\n\n{body}\n"
    code = f"from cleaner import clean\nprint(clean({text!r}).text)"
    assert run(code, unpacked, tmp_path) == body


def test_the_wheel_writes_reports(unpacked: Path, tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\nfrom cleaner.report import write_report\n"
        "print(write_report(Path('report.html'), [], {}).sum(), Path('report.html').stat().st_size > 20_000)"
    )
    assert run(code, unpacked, tmp_path) == "0 read = 0 cleaned + 0 empty + 0 failed True"


def test_every_dependency_has_a_lower_bound_and_a_reason() -> None:
    reasons = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for requirement in PROJECT["dependencies"]:
        name, bound, _ = requirement.partition(">=")
        assert bound, f"{requirement} has no lower bound"
        assert f"`{name}`" in reasons, f"{name} has no reason in CONTRIBUTING.md"
