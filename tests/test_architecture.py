"""The shape of the code: which module may import which, what is loaded when, and house rules that no linter holds."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeAlias

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "cleaner"
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

#: All modules in the order in which data flows through them: each may import only from those above it.
# fmt: off
ORDER = [
    "version", "model", "errors",
    "formats", "formats.unpack", "formats.stream", "formats.records", "formats.jsonl", "formats.sniff",
    "formats.delimited", "formats.parquet", "formats.http", "formats.warc", "formats.archives", "paths", "seen",
    "read", "decode", "repair",
    "translate", "fold", "tags", "limits", "mend", "head", "running", "scope", "dom", "segment",
    "trials", "packs", "schema", "rules", "lookup", "openings", "index", "store", "lines", "match", "examples",
    "stopwords", "shape", "vocabulary", "markup", "measure",
    "align", "extract",
    "points", "context",
    "linked", "dates", "headline", "byline", "metadata", "facts", "captions", "title", "decide", "article",
    "language", "dateline", "inline", "markdown", "render", "blame", "removed", "names", "files", "columns", "write",
    "pipeline", "duty", "child", "pool", "batch", "journal", "tally", "progress", "__init__",
    "quote", "explain", "report", "golden",
    "config", "figures", "catalogue", "lint", "skeleton", "whatif", "stats", "editors",
    "proposal", "review", "serve",
    "commands", "commands.defaults", "commands.complete", "commands.shared", "commands.stop",
    "commands.run", "commands.explain", "commands.review", "commands.restore", "commands.rules", "commands.golden",
    "cli", "__main__", "pytest_goldens",
]
# fmt: on

#: What cleaning a flat text has no use for; each costs more time to load than the text to clean.
HEAVY = {
    "brotli",
    "cchardet",
    "ftfy",
    "lxml",
    "multiprocessing",
    "numpy",
    "pyarrow",
    "rich",
    "selectolax",
    "tarfile",
    "trafilatura",
    "zstandard",
}

MOST_LINES = 40
#: Functions that may be longer, each with the reason.
LONG: dict[str, str] = {}

#: Words that the project does not use in names: they have a better one, or half of the field means the opposite by it.
BANNED = {"blob", "filter", "filters", "filtered", "junk", "noise", "plugin", "score", "scores"}

FLAT = (
    "Share this:\n\nThe ferry was late again, and nobody on the quay was surprised by it, least of all the harbour "
    "master’s wife, who had brought a book.\n\nBy nine the lamps were lit along the mole, and those who could walk "
    "home had done so.\n"
)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def dotted(path: Path) -> str:
    """A module's name inside the package: `commands/run.py` is commands.run, `commands/__init__.py` commands."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {dotted(path): parsed(path) for path in sorted(PACKAGE.rglob("*.py"))}


# --- Imports ---------------------------------------------------------------------------------------------------------


class Import(NamedTuple):
    """One of our modules imported by another, and the line where it is."""

    module: str
    line: int


def imports(tree: ast.AST) -> Iterator[Import]:
    """Our own modules that code imports when it runs, in functions too; those for the type checker don't run."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield from imports(ast.Module(node.orelse, []))
        elif isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] == "cleaner"):
            yield from (Import(name, node.lineno) for name in _imported_from(node))
        elif isinstance(node, ast.Import):
            own = [alias.name for alias in node.names if alias.name.split(".")[0] == "cleaner"]
            yield from (Import(name.partition(".")[2] or "__init__", node.lineno) for name in own)
        else:
            yield from imports(node)


def _imported_from(node: ast.ImportFrom) -> Iterator[str]:
    inside = (node.module or "").removeprefix("cleaner").lstrip(".")
    for alias in node.names:
        full = f"{inside}.{alias.name}".lstrip(".")
        yield full if full in MODULES else inside or "__init__"


def test_reading_imports_sees_every_form() -> None:
    code = """
        import cleaner.read
        import json
        from cleaner import clean, fold
        if TYPE_CHECKING:
            from cleaner.cli import cli
        else:
            from cleaner.golden import check
        def later():
            from .render import text
    """
    tree = ast.parse(code.replace("\n        ", "\n"))
    assert [found.module for found in imports(tree)] == ["read", "__init__", "fold", "golden", "render"]


def test_the_order_names_every_module_once() -> None:
    assert sorted(ORDER) == sorted(MODULES), "give every module its place in ORDER"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_imports_only_what_stands_before_it(name: str) -> None:
    before = set(ORDER[: ORDER.index(name)])
    wrong = [
        f"cleaner/{name}.py:{line} imports {module}" for module, line in imports(MODULES[name]) if module not in before
    ]
    assert wrong == []


def loaded(code: str, *args: str) -> set[str]:
    """The top-level packages that are loaded once some code has run in a fresh process."""
    tell = "\nimport json, sys\nprint(json.dumps([name.partition('.')[0] for name in sys.modules]), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code + tell, *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_importing_the_package_loads_nothing_of_others() -> None:
    assert loaded("import cleaner") & {*HEAVY, "click", "pycld2", "regex"} == set()


def test_cleaning_flat_text_loads_nothing_heavy() -> None:
    code = f"from cleaner import clean\narticle = clean({FLAT!r})\nassert article.text.startswith('The ferry')"
    assert loaded(code) & HEAVY == set()


def test_the_command_loads_nothing_heavy_for_a_text_file(tmp_path: Path) -> None:
    file = tmp_path / "scrape.txt"
    file.write_text(FLAT, encoding="utf-8")
    code = (
        "import sys\nfrom cleaner.cli import cli\n"
        "try:\n    cli(sys.argv[1:])\nexcept SystemExit as end:\n    assert end.code == 0"
    )
    for args in ([str(file)], ["explain", str(file)]):
        found = loaded(code, *args)
        assert "click" in found
        assert found & HEAVY == set(), args


# --- Names and documentation -----------------------------------------------------------------------------------------


def functions(tree: ast.AST) -> Iterator[tuple[str, Function]]:
    """Every function of a module with its dotted name, methods and inner functions too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, FUNCTIONS):
            yield node.name, node
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield from ((f"{node.name}.{name}", inner) for name, inner in functions(node))
        else:
            yield from functions(node)


def public(tree: ast.Module | ast.ClassDef, within: str = "") -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """The public classes and functions of a module, and the public methods of the public classes."""
    for node in tree.body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            yield f"{within}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node, f"{node.name}.")


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_begins_with_its_purpose_in_one_sentence(name: str) -> None:
    first = (ast.get_docstring(MODULES[name]) or "").partition("\n")[0]
    assert re.fullmatch(r"[A-Z`].{10,}[.:?]", first), f"cleaner/{name}.py: {first!r}"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_what_is_public_is_documented(name: str) -> None:
    bare = [f"cleaner/{name}.py:{node.lineno} {label}" for label, node in _undocumented(name)]
    assert bare == []


def _undocumented(name: str) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Public names without a docstring; a method that stands in for one of a base class needs none of its own."""
    bases = {n.name: n.bases for n in ast.walk(MODULES[name]) if isinstance(n, ast.ClassDef)}
    for label, node in public(MODULES[name]):
        owner = label.rpartition(".")[0]
        if not ast.get_docstring(node) and not (owner and bases.get(owner)):
            yield label, node


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_function_is_annotated_in_full(name: str) -> None:
    bare = [f"cleaner/{name}.py:{node.lineno} {label}" for label, node in functions(MODULES[name]) if _bare(node)]
    assert bare == []


def _bare(node: Function) -> bool:
    given = node.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    named = [argument for argument in arguments if argument.arg not in ("self", "cls")]
    return node.returns is None or any(argument.annotation is None for argument in named)


def lines(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_are_short() -> None:
    lengths = {f"{name}.{label}": lines(node) for name, tree in MODULES.items() for label, node in functions(tree)}
    long = {label for label, length in lengths.items() if length > MOST_LINES}
    assert long - LONG.keys() == set(), "cut these up, or say in LONG why they can't be"
    assert LONG.keys() - long == set(), "no longer long"
    assert median(lengths.values()) <= 12


def test_no_name_holds_a_banned_word() -> None:
    found = {
        f"cleaner/{name}.py:{line} {given}"
        for name, tree in MODULES.items()
        for given, line in given_names(tree)
        if BANNED & set(words_of(given))
    }
    assert found == set()


def given_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that the code gives to something; names that it takes over from libraries are theirs."""
    for node in ast.walk(tree):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname, node.lineno


def words_of(name: str) -> list[str]:
    """The words of a name: `keptBlob_count` is kept, blob, count."""
    return [word.lower() for part in name.split("_") for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", part)]


def test_banned_words_are_found_within_names() -> None:
    tree = ast.parse("def get_blob(): ...\nclass LineFilter: ...\nx.junk = 1\nfilter(None, [])\nimport a as score")
    assert {name for name, _ in given_names(tree) if BANNED & set(words_of(name))} == {
        "get_blob",
        "LineFilter",
        "junk",
        "score",
    }


# --- Data between stages ---------------------------------------------------------------------------------------------


def dataclasses_of(tree: ast.Module) -> Iterator[tuple[ast.ClassDef, set[str]]]:
    """The dataclasses of a module, each with the switches that it sets to true."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for decorator in node.decorator_list:
                if "dataclass" in ast.dump(decorator):
                    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
                    yield node, {str(keyword.arg) for keyword in keywords if ast.unparse(keyword.value) == "True"}


def test_dataclasses_are_frozen_and_slotted() -> None:
    loose = [
        f"cleaner/{name}.py:{node.lineno} {node.name}"
        for name, tree in MODULES.items()
        for node, switches in dataclasses_of(tree)
        if not {"frozen", "slots"} <= switches
    ]
    assert loose == []


def test_the_model_does_no_work() -> None:
    kinds = [node for node in MODULES["model"].body if isinstance(node, FUNCTIONS)]
    assert kinds == []
    assert len(list(dataclasses_of(MODULES["model"]))) > 10
