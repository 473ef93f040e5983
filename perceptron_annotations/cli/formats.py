"""``formats``: what each dataset format holds."""

from __future__ import annotations

from ..datasets.formats.catalog import FORMATS
from .console import console, print_table


def print_formats() -> None:
    """Print a row for each."""
    rows = []
    for info in FORMATS.values():
        marks = {
            "several rings": info.rings,
            "crowds": info.crowds,
            "ignored objects": info.ignored,
            "attributes": info.attributes,
            "keypoints": info.keypoints,
            "scores": info.scores,
            "timestamps": info.times,
            "video frames only": info.frames,
        }
        beside = [name for name, held in marks.items() if held]
        kinds = ", ".join(kind.name.lower() for kind in info.holds)
        rows.append(
            (info.format.value, info.title, "folder" if info.is_folder else "file", kinds, ", ".join(beside), info.note)
        )
    print_table(console(), "formats", ("format", "title", "file or folder", "shapes", "also stores", "note"), rows)
