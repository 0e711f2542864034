"""`clean review`: look through pages in a browser, and make rules and cases of what should have stayed or gone."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.commands.shared import Asked, asks, open_sources, say
from cleaner.errors import UsageError


@click.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--rules-dir",
    metavar="DIR",
    type=click.Path(),
    default="my-rules",
    help="Folder of your rules, to add to.  [my-rules]",
)
@click.option(
    "--golden-dir",
    metavar="DIR",
    type=click.Path(),
    default="golden",
    help="Folder of your cases, to add to.  [golden]",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port to listen on.  [any]")
@click.option("--open", "opens", is_flag=True, help="Open the address in your browser.")
@asks
def review(inputs: tuple[str, ...], asked: Asked, rules_dir: str, golden_dir: str, port: int, opens: bool) -> None:
    """Look through pages in a browser, and say of a block: this should have stayed, or, this should have gone.

    Each word becomes a rule in review.toml of your rules folder, with its examples, and a golden case of the page, both
    ready to commit. Only this machine can open the address, and nothing is sent anywhere. Ctrl-C ends.

    \b
    Examples:
      clean review scrapes/
      clean review scrapes/ --rules-dir rules/ --golden-dir tests/golden/ --open
    """
    from cleaner.review import Review
    from cleaner.serve import Server

    sources, _ = open_sources(inputs, asked)
    session = Review(asked.options, Path(rules_dir), Path(golden_dir))
    session.read(sources)
    try:
        server = Server(session, port)
    except OSError as error:
        raise UsageError(f"can't listen on port {port} ({error.strerror}), give another with --port") from error
    try:
        click.echo(f"{server.address}\nCtrl-C ends.", err=True)
        if opens:
            click.launch(server.address)
        server.run()
    except KeyboardInterrupt:
        from cleaner.render import counted

        count = counted(session.verdicts, "verdict")
        say(f"{count}; read {rules_dir} and {golden_dir}, and commit what you agree with")
