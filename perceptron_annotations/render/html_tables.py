"""A ``ReportTable`` as HTML; columns of numbers stand at the right."""

from __future__ import annotations

from collections.abc import Sequence

from .html_fragments import Html, tag
from .report_tables import ReportTable


def table_html(table: ReportTable) -> Html:
    """The table with its title as caption; every cell is text."""
    numbers = _number_columns(table)
    kinds = ["number" if place in numbers else None for place in range(len(table.columns))]

    def row(cells: Sequence[str], name: str, scope: str | None = None) -> Html:
        shown = zip(cells, kinds, strict=True)
        return tag("tr", *(tag(name, cell, scope=scope, class_=kind) for cell, kind in shown))

    title = tag("caption", table.title) if table.title else ""
    body = tag("tbody", *(row(cells, "td") for cells in table.rows))
    return tag("table", title, tag("thead", row(table.columns, "th", "col")), body)


def _number_columns(table: ReportTable) -> set[int]:
    """The places of the columns that hold numbers, or intervals of them, and nothing else."""
    return {
        place
        for place in range(len(table.columns))
        if place not in table.names and all(_is_number(row[place]) for row in table.rows)
    }


def _is_number(cell: str) -> bool:
    parts = cell.strip("[]").replace(",", "").split()
    return cell == "-" or all(part.lstrip("+-−").replace(".", "", 1).isdecimal() for part in parts)
