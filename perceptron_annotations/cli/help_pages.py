"""What ``--help`` prints: options under headings, and nothing cut off; and what a word that is not a verb is told.

Plain text without rich, so that help starts fast and reads the same in a pipe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from typer.core import TyperCommand, TyperGroup

from ..words import closest

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter, Parameter

#: Headings of options, in the order of the page; a verb shows those of which it has an option.
HEADINGS: Mapping[str, Sequence[str]] = {
    "Input": ("--truth", "--truth-from", "--from", "--text", "--join", "--fps"),
    "Answers": (*("--mode", "--frame", "--dialect", "--key", "--merge", "--samples", "--most", "--track-ids"),),
    "Question": (
        *("--prompt", "--prompt-file", "--system", "--annotation-format", "--key-from", "--root", "--together"),
        *("--thinking", "--reasoning-effort", "--focus", "--temperature", "--top-p", "--max-tokens"),
        *("--regex", "--schema", "--constrain"),
    ),
    "Service": (
        *("--service", "--url", "--model", "--key-env", "--header"),
        *("--concurrency", "--rate", "--tries", "--timeout", "--max-tokens-total"),
    ),
    "Output": (
        *(
            "--output",
            "--resume",
            "--title",
            "--to",
            "--format",
            "--size",
            "--points",
            "--split",
            "--seed",
            "--rejects",
        ),
        *("--dry-run", "--batch-file"),
    ),
    "Labels and kinds": (
        *("--label", "--kind", "--category", "--categories", "--label-map", "--ignore-case", "--singular"),
        "--across-labels",
    ),
    "Images": (
        *("--images", "--sizes", "--ignore-exif", "--max-side", "--copy-images", "--link-images", "--scale", "--crop"),
    ),
    "Metrics": (
        *("--task", "--iou", "--tiou", "--iou-type", "--matching", "--distance", "--radius", "--sigmas", "--least"),
    ),
    "Report": ("--by", "--compare", "--worst", "--curves", "--html"),
    "Exit status": ("--strict", "--fail-under", "--fail-over"),
    "General": ("--jobs", "--version", "--debug", "--limit", "--help"),
    "Shell completion": ("--install-completion", "--show-completion"),
}
#: Long enough for what every verb does in a sentence, which is then wrapped and not cut.
_WHOLE = 200


def _is_argument(parameter: Parameter) -> bool:
    return parameter.param_type_name == "argument"


def _heading(parameter: Parameter) -> str:
    named = (heading for heading, options in HEADINGS.items() if not {*options}.isdisjoint(parameter.opts))
    return next(named, "General")


def _place(parameter: Parameter) -> int:
    """Where an option stands below its heading."""
    options = HEADINGS.get(_heading(parameter), ())
    return min((options.index(name) for name in parameter.opts if name in options), default=0)


def _usage(command: Command, context: Context) -> list[str]:
    """The words of a usage line: an argument is what its metavar says, whatever its type."""
    arguments = [each for each in command.get_params(context) if _is_argument(each)]
    return ["[OPTIONS]", *(str(each.metavar or each.name) for each in arguments)]


def _write_options(command: Command, context: Context, page: HelpFormatter) -> None:
    """Write the arguments, and the options below their headings."""
    sections: dict[str, list[Parameter]] = {name: [] for name in ("Arguments", *HEADINGS)}
    for parameter in command.get_params(context):
        sections["Arguments" if _is_argument(parameter) else _heading(parameter)].append(parameter)
    for heading, parameters in sections.items():
        rows = []
        for parameter in sorted(parameters, key=_place):
            record = parameter.get_help_record(context)
            if record is not None:
                name, text = record
                rows.append((str(parameter.metavar or name) if _is_argument(parameter) else name, text))
        if rows:
            with page.section(heading):
                page.write_dl(rows)


class Verb(TyperCommand):
    """A verb, with its options under headings."""

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        return _usage(self, ctx)

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        _write_options(self, ctx, formatter)


class Verbs(TyperGroup):
    """All verbs, each with a whole sentence."""

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        return [*_usage(self, ctx), "VERB ..."]

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        with formatter.section("Verbs"):
            verbs = [(name, self.commands[name]) for name in self.list_commands(ctx)]
            formatter.write_dl([(name, verb.get_short_help_str(_WHOLE)) for name, verb in verbs if not verb.hidden])
        _write_options(self, ctx, formatter)

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        if args and args[0] not in self.commands and not ctx.resilient_parsing:
            self._refuse(ctx, args[0])
        return super().resolve_command(ctx, args)

    def _refuse(self, context: Context, word: str) -> NoReturn:
        """Raise for a word that is not a verb: a file is told which verb reads it."""
        if word.startswith("-"):
            context.fail(f"there is no option {word}{closest(word, ['--help', '--version', '--debug', '--limit'])}")
        if word in ("help", "version"):
            context.fail(f"there is no verb {word!r}: type {context.command_path} --{word}")
        if Path(word).exists() or Path(word).suffix:
            context.fail(f"{word} is not a verb: put one before it, such as check {word}")
        context.fail(f"there is no verb {word!r}{closest(word, self.commands) or ': ' + ', '.join(self.commands)}")
