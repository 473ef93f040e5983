"""Draws the floors of the package into ``docs/concepts/floors.svg``: ``python docs/draw_floors.py``."""

from __future__ import annotations

from html import escape
from pathlib import Path

#: From the ground upwards: each floor imports only from those below it.
FLOORS = (
    ("values", "geometry, frames, issues, problems, losses, errors"),
    ("dialects", "how a model writes: declarations, readers and writers of text"),
    ("markup", "text of one answer → Document, whole or while it streams"),
    ("completions", "what services send → Completion, Recording"),
    ("table", "many answers → AnnotationTable; Arrow, Parquet"),
    ("ops", "geometry on arrays"),
    ("datasets", "recordings and files ⇄ Dataset"),
    ("evaluation", "two datasets → EvaluationReport"),
    ("interop", "objects of other libraries"),
    ("render", "drawings"),
    ("asking", "images → questions of a service → recordings"),
    ("cli", "the command"),
)
WIDTH, ROW, LEFT = 640, 44, 170
TARGET = Path(__file__).parent / "concepts" / "floors.svg"


def drawing() -> str:
    """The drawing, readable on a light and on a dark page."""
    height = ROW * len(FLOORS) + 36
    rows = []
    for number, (name, text) in enumerate(reversed(FLOORS)):
        y = ROW * number + 4
        rows.append(
            f'<rect x="4" y="{y}" width="{WIDTH - 8}" height="{ROW - 8}" rx="4" fill="#ffffff" stroke="#455a64"/>'
            f'<rect x="4" y="{y}" width="{LEFT - 20}" height="{ROW - 8}" rx="4" fill="#cfd8dc" stroke="#455a64"/>'
            f'<text x="16" y="{y + 23}" font-weight="bold">{escape(name)}</text>'
            f'<text x="{LEFT}" y="{y + 23}">{escape(text)}</text>'
        )
    below = (
        f'<text x="{WIDTH // 2}" y="{height - 12}" text-anchor="middle" fill="#607d8b">imports go down only ↓</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="14" fill="#263238" role="img" '
        'aria-label="The floors of the package, from values at the bottom to the command line at the top">\n'
        + "\n".join([*rows, below])
        + "\n</svg>\n"
    )


if __name__ == "__main__":
    TARGET.write_text(drawing(), encoding="utf-8")
