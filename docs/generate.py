"""Writes the tables and lists of the pages that say what stands in the code: ``python docs/generate.py``.

A page has a place for each, between ``<!-- generated: NAME -->`` and ``<!-- end -->``; the tests hold them equal.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from inspect import Signature, getdoc, isclass, isfunction, signature
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple, get_args, get_type_hints

import pyarrow
from typer.models import ArgumentInfo, CommandInfo, OptionInfo

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "docs"))

from docstrings import PACKAGE, listed, public_names  # noqa: E402 - found by the lines above
from statements import statements  # noqa: E402 - found by the lines above

import perceptron_annotations  # noqa: E402
from perceptron_annotations.cli.exit_status import ExitStatus  # noqa: E402
from perceptron_annotations.cli.main import app  # noqa: E402
from perceptron_annotations.codes import Code  # noqa: E402
from perceptron_annotations.completions.ending import Ending  # noqa: E402
from perceptron_annotations.completions.request_options import MAX_BODY_BYTES  # noqa: E402
from perceptron_annotations.completions.sse import MAX_EVENT_BYTES  # noqa: E402
from perceptron_annotations.datasets import FORMATS  # noqa: E402
from perceptron_annotations.datasets.formats.csv_rows import COLUMNS  # noqa: E402
from perceptron_annotations.dialects import ResizeRule, Scale, dialect_named, dialect_names  # noqa: E402
from perceptron_annotations.evaluation.metric_catalogue import METRICS  # noqa: E402
from perceptron_annotations.issues import CATALOG, DETAIL_LIMIT  # noqa: E402
from perceptron_annotations.limits import Limits  # noqa: E402
from perceptron_annotations.losses import LossCode  # noqa: E402
from perceptron_annotations.markup import ForeignFamily  # noqa: E402
from perceptron_annotations.markup.grammar import MAX_ASSET_IDX, MAX_COORDINATE  # noqa: E402
from perceptron_annotations.problems import ProblemCode  # noqa: E402
from perceptron_annotations.table import arrow_schema  # noqa: E402

_PLACE = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_PAGES = ("README.md", "SECURITY.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")))


def filled(text: str) -> str:
    """A page with all its places filled anew."""
    return _PLACE.sub(lambda place: f"{place[1]}\n{GENERATORS[place[2]]()}\n\n{place[3]}", text)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(each) for each in line) + " |" for line in lines)


def _cell(value: object) -> str:
    text = ("yes" if value else "") if isinstance(value, bool) else str(value)
    return " ".join(text.split()).replace("|", r"\|")


def issue_codes() -> str:
    """Codes of issues in answers."""
    rows = ((f"`{code}`", info.severity, info.in_sdk, _escaped(info.summary)) for code, info in CATALOG.items())
    return table(("code", "severity", "in the SDK", "meaning"), rows)


def codes(catalogue: type[Code]) -> str:
    """Codes that say their meaning themselves."""
    return table(("code", "meaning"), ((f"`{code.value}`", _escaped(code.meaning)) for code in catalogue))


def dialects() -> str:
    """The dialects that are known by name."""
    rows = [
        (
            f"`{name}`",
            _joined(dialect.models),
            dialect.order.value,
            _scale(dialect.scale),
            _escaped(f"{dialect.source} ({dialect.date})"),
        )
        for name in dialect_names()
        for dialect in (dialect_named(name),)
    ]
    return table(("Dialect", "Models", "Order", "Scale", "Source"), rows)


def _scale(scale: Scale) -> str:
    if scale.parts is None:
        return f"pixels, `{scale.resize}`" if scale.resize else "pixels"
    named = {1: "unit", 100: "percent"}
    if scale.offset:
        return f"centre of {scale.parts:g} bins"
    if scale.last is not None:
        return f"edge of {scale.parts:g} bins"
    return named.get(int(scale.parts), f"grid of {scale.parts:g}")


def _joined(patterns: Iterable[str]) -> str:
    return ", ".join(f"`{pattern}`" for pattern in patterns)


def formats() -> str:
    """What each format of a dataset holds."""
    extra = {"rings": "rings", "crowds": "crowds", "ignored": "ignored objects", "attributes": "attributes"}
    extra |= {"keypoints": "keypoints", "scores": "scores", "times": "times and tracks"}
    rows = [
        (
            f"`{info.format}`",
            info.title,
            "folder" if info.is_folder else "file",
            ", ".join(kind.name.lower() for kind in info.holds),
            ", ".join(name for field, name in extra.items() if getattr(info, field)),
            info.streams,
            _escaped(info.note),
        )
        for info in FORMATS.values()
    ]
    return table(("format", "name", "is a", "shapes", "also holds", "written in shards", "note"), rows)


def format_names() -> str:
    """The names alone, as a sentence holds them."""
    return ", ".join(f"`{name}`" for name in FORMATS)


def services() -> str:
    """What the services document, and where it is honoured."""
    rows = ((each.service, each.text, each.honoured_by, f"`{each.module}.{each.test}`") for each in statements())
    return table(("service", "statement", "honoured by", "shown by"), rows)


def arrow_columns() -> str:
    """The columns of a table in Arrow; fields of structs are listed below their column."""
    rows: list[tuple[str, str]] = []
    for field in (*arrow_schema.SCHEMA, *arrow_schema.RECORDED):
        inner = field.type.value_type if pyarrow.types.is_large_list(field.type) else None
        if inner is None or not pyarrow.types.is_struct(inner):
            rows.append((f"`{field.name}`", _arrow_type(field.type)))
            continue
        rows.append((f"`{field.name}`", "list of structs:"))
        rows += [(f"`{field.name}.{each.name}`", _arrow_type(each.type)) for each in inner]
    return table(("column", "type"), rows)


def _arrow_type(kind: Any) -> str:
    if pyarrow.types.is_dictionary(kind):
        return "dictionary of strings"
    if pyarrow.types.is_large_list(kind):
        return f"list of {_arrow_type(kind.value_type)}"
    if pyarrow.types.is_fixed_size_list(kind):
        return f"pairs of {_arrow_type(kind.value_type)}"
    return str(kind)


def csv_columns() -> str:
    """The columns of a dataset in CSV."""
    return ", ".join(f"`{name}`" for name in COLUMNS)


def exit_statuses() -> str:
    """The exit statuses of the command."""
    return table(["status", "meaning"], [(str(int(each)), each.meaning) for each in ExitStatus])


def limits() -> str:
    """Named limits, and what they are about."""
    limits = Limits()
    files = {
        "line_bytes": "line of JSON Lines or CSV",
        "transcript_bytes": "transcript of a stream",
        "file_bytes": "file that is read as a whole, such as JSON",
        "xml_bytes": "XML file",
        "xml_elements": "elements of an XML file",
        "xml_depth": "levels of elements in an XML file",
        "yaml_bytes": "YAML file",
        "yaml_nodes": "values and keys of a YAML file",
        "yaml_depth": "levels of values in a YAML file",
        "image_bytes": "what is read of an image to find its size",
        "image_reads": "reads of an image to find its size",
        "image_pixels": "pixels of an image that is drawn on",
    }
    if files.keys() != set(Limits.__struct_fields__):
        raise ValueError("the limits of files have changed: say what each is about")
    rows = (
        *((f"{what} (`{name}`)", _count(name, getattr(limits, name))) for name, what in files.items()),
        ("server-sent event", _size(MAX_EVENT_BYTES)),
        ("body of a request", f"{MAX_BODY_BYTES:,} bytes"),
        ("coordinate", "2^53, beyond which floats have gaps"),
        ("`asset_idx`", f"{MAX_ASSET_IDX:,}"),
        ("text that an issue quotes", f"{DETAIL_LIMIT} characters"),
    )
    if MAX_COORDINATE != 2**53:
        raise ValueError("the limit of coordinates has changed: say the new one")
    return table(("what", "at most"), rows)


def _count(name: str, most: int) -> str:
    return _size(most) if name.endswith("_bytes") else f"{most:,}"


def _size(count: int) -> str:
    return f"{count // 2**20} MiB"


def top_level() -> str:
    """The names of the package itself, each with the place of its full description."""
    public = public_names(ROOT / PACKAGE)
    rows = []
    for name in listed(ROOT / PACKAGE / "__init__.pyi"):
        value = getattr(perceptron_annotations, name)
        if name in public and (isclass(value) or isfunction(value)):
            rows.append((f"[`{name}`][{public[name]}]", _first_sentence(getdoc(value) or "")))
    return table(("name", "what it is"), rows)


def _first_sentence(doc: str) -> str:
    text = doc.strip().partition("\n\n")[0]
    text = re.sub(r":\w+:`~?([\w.]+)`", lambda match: f"`{match[1].rpartition('.')[2]}`", text)
    return " ".join(text.replace("``", "`").split())


def metrics() -> str:
    """What each metric is, a table for each task."""
    tasks = list(dict.fromkeys(each.task for each in METRICS))
    head = ("name", "in tables", "better", "what it is", "not a number if", "limit", "source")
    parts = []
    for task in tasks:
        rows = [
            (
                f"`{each.name}{'@T' if each.has_threshold else ''}`",
                f"`{each.heading}`" if each.heading == each.name else each.heading,
                each.better.value,
                _escaped(each.formula),
                each.undefined,
                each.is_limited,
                each.source,
            )
            for each in METRICS
            if each.task == task
        ]
        parts.append(f"## `{task}`\n\n{table(head, rows)}")
    return "\n\n".join(parts)


# -- the command line --------------------------------------------------------------------------------------------------


def command_line() -> str:
    """Every verb with its arguments and options, as the functions of the verbs declare them."""
    return "\n\n".join(part for command in app.registered_commands for part in _verb(command))


class Parameter(NamedTuple):
    """An argument or option of a verb."""

    name: str
    kind: Any
    default: object
    #: What typer was told.
    told: ArgumentInfo | OptionInfo

    @property
    def names(self) -> list[str]:
        """``--format`` and ``-f``; of an argument, its name."""
        told = (self.told.default, *(self.told.param_decls or ()))  # what stands first is taken for a default
        found = [name for name in told if isinstance(name, str) and name.startswith("-")]
        return sorted(found, key=len, reverse=True) or ["--" + self.name.rstrip("_").replace("_", "-")]

    @property
    def value(self) -> str:
        """The word for its value in a usage line."""
        if self.told.metavar:
            return self.told.metavar
        kind = next((each for each in get_args(self.kind) if each is not NoneType), self.kind)
        kind = next(iter(get_args(kind)), kind)
        return "NUMBER" if kind in (int, float) else self.names[0].strip("-").upper()

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that it may be."""
        kinds = (self.kind, *get_args(self.kind), *(inner for each in get_args(self.kind) for inner in get_args(each)))
        found = next((each for each in kinds if isinstance(each, type) and issubclass(each, Enum)), ())
        return tuple(str(each.value) for each in found)

    @property
    def option(self) -> str:
        """The names of an option, with its value."""
        value = "" if self.kind is bool else f" {_code(self.value)}"
        return ", ".join(f"`{name}`" for name in self.names) + value

    @property
    def text(self) -> str:
        """What it does, and what it is by default."""
        parts = [_escaped(self.told.help or "")]
        if self.choices:
            parts.append(f"One of {', '.join(f'`{each}`' for each in self.choices)}.")
        default = getattr(self.default, "value", self.default)
        if default is Signature.empty:
            parts.append("Required.")
        elif default is not None and default is not False:
            parts.append(f"Default: `{default}`.")
        return " ".join(parts)


def _verb(command: CommandInfo) -> Iterator[str]:
    callback: Any = command.callback
    name = command.name or callback.__name__.replace("_", "-")
    found = list(_parameters(callback))
    arguments = [each for each in found if isinstance(each.told, ArgumentInfo)]
    options = [each for each in found if isinstance(each.told, OptionInfo) and not each.told.hidden]
    words = " ".join(each.value for each in arguments)
    yield f"## `{name}`"
    yield f"```text\nperceptron-annotations {name} {words}".rstrip() + " [OPTIONS]\n```"
    yield _help_text(command.help or getdoc(callback) or "")
    if arguments:
        yield table(
            ("argument", "what it is"), [(_code(each.value), _escaped(each.told.help or "")) for each in arguments]
        )
    if options:
        yield table(("option", "what it does"), [(each.option, each.text) for each in options])


def _parameters(callback: Callable[..., object]) -> Iterator[Parameter]:
    hints = get_type_hints(callback, include_extras=True)
    for name, parameter in signature(callback).parameters.items():
        kind, *extras = get_args(hints[name])
        told = next(each for each in extras if isinstance(each, ArgumentInfo | OptionInfo))
        yield Parameter(name, kind, parameter.default, told)


def _help_text(text: str) -> str:
    """The help of a verb; lines of commands in it are a block."""
    parts = []
    for part in re.split(r"\n\s*\n", text.replace("\b\n", "").strip()):
        lines = [line.strip() for line in part.splitlines()]
        is_code = all(line.startswith(("perceptron-annotations ", "$ ", "#")) for line in lines)
        parts.append("```text\n" + "\n".join(lines) + "\n```" if is_code else _escaped(" ".join(lines)))
    return "\n\n".join(parts)


def _code(text: str) -> str:
    """Code in a cell; a bar in it is not the end of the cell."""
    return f"`{text}`" if "|" not in text else f"<code>{text.replace('|', '&#124;')}</code>"


def _escaped(text: str) -> str:
    return re.sub(r"([*_<\[])", r"\\\1", " ".join(text.split()))


GENERATORS: dict[str, Callable[[], str]] = {
    "issue-codes": issue_codes,
    "dialects": dialects,
    "resize-rules": lambda: codes(ResizeRule),
    "foreign-families": lambda: codes(ForeignFamily),
    "problem-codes": lambda: codes(ProblemCode),
    "endings": lambda: codes(Ending),
    "loss-codes": lambda: codes(LossCode),
    "formats": formats,
    "format-names": format_names,
    "exit-statuses": exit_statuses,
    "services": services,
    "limits": limits,
    "metrics": metrics,
    "arrow-columns": arrow_columns,
    "csv-columns": csv_columns,
    "top-level": top_level,
    "command-line": command_line,
}


def main() -> None:
    """Fill the places of all pages."""
    for name in _PAGES:
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        if (new := filled(text)) != text:
            path.write_text(new, encoding="utf-8")
            print(f"wrote {name}")


if __name__ == "__main__":
    main()
