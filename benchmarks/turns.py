"""What the SDK and this library are asked for in turn."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from perceptron.pointing.parser import collect_annotations

from benchmarks.corpus import Mix
from perceptron_annotations import parse


def read_with_sdk(texts: Sequence[str]) -> None:
    """Parse each answer; no result outlives the next."""
    for text in texts:
        collect_annotations(text)


def read_views_with_sdk(texts: Sequence[str]) -> None:
    """Parse each answer and look at every view; no result outlives the next."""
    for text in texts:
        found = collect_annotations(text)
        _ = found.points
        _ = found.boxes
        _ = found.polygons
        _ = found.clips
        _ = found.tracks
        _ = found.parsed
        _ = found.errors


def read_views_with_ours(texts: Sequence[str]) -> None:
    """Parse each answer and look at every view."""
    for text in texts:
        found = parse(text)
        _ = found.annotations
        _ = found.points
        _ = found.boxes
        _ = found.polygons
        _ = found.clips
        _ = found.tracks
        _ = found.collections
        _ = found.nodes
        _ = found.spans
        _ = found.issues


def read_boxes_with_sdk(texts: Sequence[str]) -> None:
    """Parse each answer and look at its boxes alone."""
    for text in texts:
        _ = collect_annotations(text).boxes


def read_boxes_with_ours(texts: Sequence[str]) -> None:
    """Parse each answer and look at its boxes alone."""
    for text in texts:
        _ = parse(text).boxes


def add_mix_options(parser: argparse.ArgumentParser) -> None:
    """``--mix``, which may be given several times, and ``--require``."""
    parser.add_argument("--mix", action="append", type=Mix, choices=list(Mix), help="only this mix; may be repeated")
    parser.add_argument("--require", action="store_true", help="exit with status 1 if a ratio is below what is wanted")
