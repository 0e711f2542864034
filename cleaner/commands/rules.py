"""`clean rules`: look at rules, write them, check them, and see what they do."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from cleaner.commands.complete import codes, kinds, languages
from cleaner.commands.shared import FAILED, WRONG, Asked, asks, open_sources, say, say_failed, show, with_rules
from cleaner.errors import UsageError
from cleaner.model import KINDS, Failure, Match, Rule, Scope

if TYPE_CHECKING:
    from cleaner.lint import Checked


@click.group(no_args_is_help=False)
def rules() -> None:
    """Look at rules, write them, check them, and see what they do.

    \b
    Examples:
      clean rules list newsletter
      clean rules show SHR001
      clean rules new my-rules/mine.toml --kind related --phrase "Also on the quay"
      clean rules lint my-rules/
    """


@rules.command("list")
@with_rules
@click.argument("words", metavar="[WORD]...", nargs=-1)
@click.option("--kind", metavar="KIND", multiple=True, shell_complete=kinds, help="Only rules of a kind; repeatable.")
@click.option(
    "--language", metavar="TAG", multiple=True, shell_complete=languages, help="Only rules with phrases of one."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per rule.")
def list_rules(
    words: tuple[str, ...], paths: tuple[str, ...], kind: tuple[str, ...], language: tuple[str, ...], as_json: bool
) -> None:
    """List rules: all of them, or those that have every WORD in their code, name, summary or one of their phrases.

    \b
    Examples:
      clean rules list
      clean rules list --kind share --language de
      clean rules list inbox --json | jq -r .code
    """
    from cleaner.catalogue import search, table, view
    from cleaner.render import json_line, visible
    from cleaner.rules import load_rules

    known = load_rules(paths).rules
    _refuse_unknown("kind", kind, list(KINDS))
    _refuse_unknown("language", language, {phrase.language for rule in known for phrase in rule.phrases})
    found = search(known, words, kind, language)
    if not found:
        say("no rule has all that; leave out a word, or see all of them with: clean rules list")
    elif as_json:
        show("".join(map(json_line, map(view, found))))
    else:
        show("".join([f"{visible(row)}\n" for row in table(found)]))


def _refuse_unknown(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    from cleaner.schema import suggest

    names = sorted(known)
    for name in given:
        if name not in names:
            raise UsageError(f"unknown {what} {name}{suggest(name, names) or ', use one of ' + ', '.join(names)}")


@rules.command("show")
@with_rules
@click.argument("code", shell_complete=codes)
def show_rule(paths: tuple[str, ...], code: str) -> None:
    """Show everything about the rule CODE: what it means, its phrases by language, its conditions and examples.

    \b
    Example:
      clean rules show SHR001
    """
    from cleaner.catalogue import entry
    from cleaner.render import visible
    from cleaner.rules import load_rules

    rule = _find(code, load_rules(paths).rules)
    show("".join([f"{visible(row)}\n" for row in entry(rule)]))


def _find(code: str, known: Iterable[Rule]) -> Rule:
    from cleaner.schema import suggest

    by_code = {rule.code: rule for rule in known}
    if code.upper() not in by_code:
        raise UsageError(f"unknown rule {code}{suggest(code.upper(), by_code) or ', clean rules list has them all'}")
    return by_code[code.upper()]


@rules.command("lint")
@click.argument("rules", metavar="[PATH]...", nargs=-1, type=click.Path())
@click.option(
    "--hints", "with_hints", is_flag=True, help="Show as well what no example needs: conditions, expressions."
)
def lint_rules(rules: tuple[str, ...], with_hints: bool) -> int:
    """Check rule files or folders, and run their examples; without PATH, those of the configuration, else the shipped.

    Finds what a file may not say, examples that fail, phrases that stand twice or that a shorter one makes useless,
    and expressions that fit anything or take long.

    \b
    Example:
      clean rules lint my-rules/ && clean scrapes/ --rules my-rules/ -o out/
    """
    from cleaner.lint import hints, problems, read_rules
    from cleaner.render import counted, visible

    checked = read_rules(rules)
    wrong = problems(checked)
    told = hints(checked) if with_hints else []
    show("".join([f"{visible(row)}\n" for row in wrong]))
    show("".join([f"{visible(row)} (hint)\n" for row in told]))
    if not wrong:
        show(f"{counted(len(checked.rules), 'rule')}, no problems\n")
    return WRONG if wrong else 0


@rules.command("test")
@click.argument("path", metavar="PATH", type=click.Path())
@click.argument("pages", metavar="[PAGE]...", nargs=-1, type=click.Path())
@asks
def test_rules(path: str, pages: tuple[str, ...], asked: Asked) -> int:
    """Run the examples of the rules at PATH, then show what they would change on PAGEs: files or folders.

    A line with - is a block that would go, one with + a block that would stay. Nothing is written.

    \b
    Examples:
      clean rules test my-rules/mine.toml
      clean rules test my-rules/mine.toml scrapes/
    """
    from cleaner.lint import read_rules
    from cleaner.render import counted, visible

    checked = read_rules((path,))
    failed = [*checked.wrong, *_failing_examples(checked)]
    show("".join([f"{visible(row)}\n" for row in failed]))
    if failed:
        return WRONG
    examples = sum(len(e.drop) + len(e.keep) for rule in checked.rules for e in rule.examples)
    show(f"{counted(len(checked.rules), 'rule')}, {counted(examples, 'example')} as they should be\n")
    return _try_on_pages(path, pages, asked) if pages else 0


def _failing_examples(checked: Checked) -> list[str]:
    from cleaner.examples import failing_examples

    failing = [(rule, failure) for rule in checked.rules for failure in failing_examples(rule)]
    return [checked.stated[rule.code].error(("example",), failure) for rule, failure in failing]


def _try_on_pages(path: str, pages: tuple[str, ...], asked: Asked) -> int:
    """Clean pages without and with the rules at a path, in step, and show what differs."""
    from dataclasses import replace

    from cleaner.batch import as_it_is, clean_batch
    from cleaner.render import counted, visible
    from cleaner.whatif import changes, line, rules_without

    base = rules_without(asked.options.rules, path)
    once, twice = itertools.tee(open_sources(pages, asked)[0])
    before = clean_batch(once, replace(asked.options, rules=base), shape=as_it_is)
    after = clean_batch(twice, replace(asked.options, rules=(*base, path)), shape=as_it_is)
    counts: Counter[str] = Counter()
    for one, other in zip(before, after, strict=True):
        if isinstance(one, Failure) or isinstance(other, Failure):
            say_failed(next(result for result in (one, other) if isinstance(result, Failure)))
            counts["failed"] += 1
            continue
        found = list(changes(one, other))
        show("\n".join([f"\n{visible(one.id)}", *map(line, found), ""]) if found else "")
        counts.update(["read", *["changed"] * bool(found), *["stay" if c.after.keep else "go" for c in found]])
    go, stay = counted(counts["go"], "block"), f"{counts['stay']:,}"
    show(f"\n{counted(counts['read'], 'page')}, {counts['changed']:,} would change: {go} would go, {stay} would stay\n")
    return FAILED if counts["failed"] else 0


@rules.command("new")
@click.argument("file", metavar="FILE", type=click.Path())
@click.option("--kind", metavar="KIND", required=True, shell_complete=kinds, help="Kind of chrome the rule is about.")
@click.option(
    "--phrase", "phrases", metavar="TEXT", multiple=True, help="What it matches; repeatable. For --scope dom a class."
)
@click.option(
    "--language", metavar="TAG", default="en", help="Language of the phrases.  [en]", shell_complete=languages
)
@click.option("--scope", default="line", type=click.Choice(get_args(Scope)), help="Where it looks.  [line]")
@click.option("--match", default="whole", type=click.Choice(get_args(Match)), help="How it compares phrases.  [whole]")
@click.option("--keeps", is_flag=True, help="The rule keeps what it matches, whatever others say.")
@click.option(
    "--points",
    type=click.IntRange(-30, 30),
    metavar="N",
    help="The rule weighs so many decibans. By default it decides.",
)
@click.option("--site", "sites", metavar="HOST", multiple=True, help="Only on pages of this host; repeatable.")
def new_rule(file: str, **draft: Any) -> None:
    """Write a rule of your own to FILE, after those that it has. It lints; to write its near-miss is left to you.

    \b
    Examples:
      clean rules new my-rules/mine.toml --kind related --phrase "Also on the quay"
      clean rules new my-rules/keep.toml --kind share --keeps --phrase "Share this recipe with your mother"
      clean rules new my-rules/site.toml --kind related --scope dom --phrase gz-teasers --site gazette.example
    """
    from cleaner.skeleton import add_rule

    code = add_rule(Path(file), **draft)
    show(f"{file}: {code}\n")
    say(f"write its near-miss, then: clean rules lint {file}")


@rules.command("stats")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="One JSON object per rule.")
@asks
def stats(inputs: tuple[str, ...], asked: Asked, as_json: bool) -> int:
    """Clean INPUTs and count what each rule removed. Each removed block counts once, for the rule that decided it.

    "agreed" are blocks that another rule removed and this one would have, "overruled" blocks that stayed all the same.

    \b
    Examples:
      clean rules stats scrapes/
      clean rules stats scrapes/ --json | jq -r 'select(.removed == 0) | .rule'
    """
    from cleaner.batch import as_it_is, clean_batch
    from cleaner.render import counted, json_line, visible
    from cleaner.rules import load_rules
    from cleaner.stats import Stats, summaries, table

    tally, failed, read = Stats(), 0, 0
    for result in clean_batch(open_sources(inputs, asked)[0], asked.options, shape=as_it_is):
        read += 1
        if isinstance(result, Failure):
            failed += 1
            say_failed(result)
        else:
            tally.add(result)
    rows = list(tally.rows(summaries(load_rules(asked.options.rules).rules)))
    show("".join(map(json_line, rows) if as_json else [f"{visible(row)}\n" for row in table(rows)]))
    removed = counted(tally.removed.total(), "block")
    say(f"{read:,} read = {read - failed:,} counted + {failed:,} failed; {removed} removed")
    return FAILED if failed else 0


@rules.command("schema")
def schema() -> None:
    """Print the JSON Schema of rule files, with which an editor completes keys and marks mistakes.

    \b
    Example:
      clean rules schema > my-rules/rules.schema.json
    """
    import json

    from cleaner.editors import rule_schema

    show(json.dumps(rule_schema(), ensure_ascii=False, indent=2) + "\n")
