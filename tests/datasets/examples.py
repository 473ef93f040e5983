"""Datasets, by hand and generated, and what a format must give back of them."""

import numpy as np
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind
from perceptron_annotations.datasets import AssetKind, DatasetAsset, DatasetBuilder

NAMES = ["a.png", "sub/b.jpg", "with space.webp", "ünï.png", "0.png"]
VIDEOS = ["a.mp4", "sub/b.mov", "with space.webm", "ünï.mp4", "0.mkv"]
RATES = [1.0, 12.5, 24.0, 30000 / 1001, 59.94]
LABELS = ["cat", "red cup", '<b> & "q"', "=1+1", "日本", "object"]


def png(width, height):
    """The head of a PNG file, which is all that sizes are read from."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + int(width).to_bytes(4, "big") + int(height).to_bytes(4, "big") + b"\0" * 9


@st.composite
def datasets(
    draw,
    kinds=(AnnotationKind.POINT, AnnotationKind.BOX, AnnotationKind.POLYGON),
    *,
    rings=False,
    scores=False,
    crowds=False,
    times=False,
    frames=False,
):
    """Shapes that lie in their pictures, on quarters of pixels, of which every box and polygon encloses something.

    With ``frames``, they are tracks in videos, whose times lie on frames.
    """
    builder = DatasetBuilder(draw(st.lists(st.sampled_from(LABELS), unique=True, min_size=1, max_size=4)))
    labels = list(builder.labels)
    for name in draw(st.lists(st.sampled_from(VIDEOS if frames else NAMES), unique=True, min_size=1, max_size=4)):
        width, height = draw(st.integers(8, 500)), draw(st.integers(8, 500))
        video = {"kind": AssetKind.VIDEO, "fps": draw(st.sampled_from(RATES))} if frames else {}
        asset = builder.add_asset(DatasetAsset(file_name=name, width=width, height=height, **video))
        for _ in range(draw(st.integers(0, 3))):
            kind, label = draw(st.sampled_from(kinds)), draw(st.sampled_from(labels))
            number = builder.new_object()
            context = {
                "score": draw(st.none() | st.integers(0, 8).map(lambda n: n / 8)) if scores else None,
                "iscrowd": draw(st.booleans()) if crowds else False,
            }
            if kind == AnnotationKind.CLIP:
                start = draw(st.integers(0, 80)) / 8
                until = draw(st.none() | st.integers(1, 80).map(lambda n: start + n / 8))  # noqa: B023 - drawn at once
                builder.add(asset, kind, [], label, object=number, t=start, until=until, **context)
                continue
            if frames:
                for frame in draw(st.lists(st.integers(0, 10**5), unique=True, min_size=1, max_size=3).map(sorted)):
                    at = {"t": frame / video["fps"], "track": True}
                    for _ in range(draw(st.integers(1, 2)) if rings and kind == AnnotationKind.POLYGON else 1):
                        coords = draw(_coords(kind, width, height))
                        builder.add(asset, kind, coords, label, object=number, **context, **at)
                continue
            track = times and draw(st.booleans())
            for place in range(draw(st.integers(1, 2)) if track or (rings and kind == AnnotationKind.POLYGON) else 1):
                coords = draw(_coords(kind, width, height))
                at = {"t": place / 4, "track": True} if track else {}
                builder.add(asset, kind, coords, label, object=number, **context, **at)
    return builder.build()


@st.composite
def _coords(draw, kind, width, height):
    x = st.integers(0, 4 * width - 4).map(lambda n: n / 4)
    y = st.integers(0, 4 * height - 4).map(lambda n: n / 4)
    left, top = draw(x), draw(y)
    if kind == AnnotationKind.POINT:
        return [(left, top)]
    right = left + draw(st.integers(1, max(1, int(4 * (width - left))))) / 4
    bottom = top + draw(st.integers(1, max(1, int(4 * (height - top))))) / 4
    if kind == AnnotationKind.BOX:
        return [(left, top), (right, bottom)]
    return [(left, top), (right, top), (right, bottom), *draw(st.sampled_from([[], [(left, bottom)]]))]


def objects(dataset, below=""):
    """What a dataset says, apart from numbers and sources: by asset, each object with its label and shapes.

    All assets are below the folder ``below``, which is left out of their names.
    """
    found = {}
    assert all(asset.file_name.startswith(below) for asset in dataset.assets)
    names = [asset.file_name.removeprefix(below) for asset in dataset.assets]
    assert len(set(names)) == len(names)
    for name, asset in zip(names, dataset.assets, strict=True):
        found[name] = (asset.width, asset.height, [])
    ends = dataset.rows_by_asset()
    for number, name in enumerate(names):
        rows = range(ends[number], ends[number + 1])
        seen = {}
        for row in rows:
            seen.setdefault(int(dataset.object[row]), []).append(row)
        for members in seen.values():
            shapes = [
                (AnnotationKind(dataset.table.kind[row]).name, dataset.table.vertices(row).tolist()) for row in members
            ]
            score = dataset.table.score[members[0]]
            found[name][2].append(
                (
                    dataset.label_of(members[0]),
                    shapes,
                    bool(dataset.iscrowd[members[0]]),
                    None if np.isnan(score) else float(score),
                    [(_seconds(dataset.table.t[row]), _seconds(dataset.table.until[row])) for row in members],
                    [bool(dataset.table.track[row] >= 0) for row in members],
                )
            )
    return found


def _seconds(value):
    return None if np.isnan(value) else float(value)


def close(one, other, tolerance=1e-9):
    """Whether two answers of :func:`objects` are the same but for rounding."""
    assert one.keys() == other.keys()
    for name, (width, height, found) in one.items():
        assert (width, height) == other[name][:2]
        wanted = other[name][2]
        assert [each[0] for each in found] == [each[0] for each in wanted]
        assert [each[2:] for each in found] == [each[2:] for each in wanted]
        for (_, shapes, *_), (_, others, *_) in zip(found, wanted, strict=True):
            assert [kind for kind, _ in shapes] == [kind for kind, _ in others]
            for (_, coords), (_, same) in zip(shapes, others, strict=True):
                np.testing.assert_allclose(coords, same, rtol=0, atol=tolerance)
