"""Lay the defaults of a configuration file under the options of all commands; what the command line says wins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cleaner.config import Config, load_config
from cleaner.errors import UsageError


def default_map(group: click.Group, context: click.Context) -> dict[str, Any]:
    """The defaults for the current folder, for each command by its name, as click takes them.

    Raises `UsageError` that names file and key where a value is none that the option takes.
    """
    config = load_config(Path())
    return _of_group(group, context, config) if config.values else {}


def located(error: UsageError) -> UsageError:
    """The error, with file and key before it where a configuration disables a rule that there isn't.

    Which rules there are is known only once a command has loaded them, and then not where their names came from.
    """
    config = load_config(Path())
    for name in config.values.get("disable", ()):
        if str(error).partition(",")[0] == f"unknown rule {name}":
            return config.error("disable", str(error))
    return error


def _of_group(group: click.Group, context: click.Context, config: Config) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found[name] = _of_group(command, context, config)
        else:
            found[name] = dict(_of_command(command, context, config))
    return found


def _of_command(command: click.Command, context: click.Context, config: Config) -> Iterator[tuple[str, Any]]:
    for parameter in command.params:
        for key in _names(parameter) & config.values.keys():
            try:
                parameter.type_cast_value(context, config.values[key])
            except click.BadParameter as error:
                raise config.error(key, error.message.rstrip(".")) from error
            yield str(parameter.name), config.values[key]


def _names(parameter: click.Parameter) -> set[str]:
    """The keys that set a parameter: an option's long names, an argument's name, or the name that code gives it."""
    long = {name.removeprefix("--") for name in parameter.opts if name.startswith("--")}
    return {*long, str(parameter.name)}
