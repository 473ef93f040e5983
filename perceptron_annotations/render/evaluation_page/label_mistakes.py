"""What false positives and false negatives look like, label by label: counts, and cuts of the images around them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...geometry import Clip, Point, Track
from ...visible_text import visible
from ...wording import counted
from ..html_fragments import Attributes, Html, tag, together
from ..overlay.clipping import Area, bounds_of
from ..overlay.marks import Mark, Pose, Verdict
from ..scene import edge_of
from ..svg_shapes import DASHES, outline
from .judged_model import JudgedModel, Objects, verdict_colour
from .picked_images import Picks
from .sample_images import SampleImages

#: So many labels, and so many examples of each kind of mistake.
_MOST_LABELS, _MOST_EXAMPLES = 15, 4
#: The side of a cut on the page, and of the copy in it, in pixels.
_SIDE, _COPIED = 84.0, 168
#: How much of the image around an object is seen, as a share of its longer side, and at least of the image's.
_AROUND, _LEAST = 0.35, 0.06

_NAMES = {Verdict.FP: "false positives", Verdict.FN: "false negatives"}


def label_mistakes(models: Sequence[JudgedModel], images: SampleImages, picks: Picks) -> Html:
    """A table for each model; nothing if there are no mistakes."""
    return together(table for model in models if (table := _model(model, images, picks)))


def _model(model: JudgedModel, images: SampleImages, picks: Picks) -> Html:
    found, wrong, missed = (model.counts(verdict) for verdict in (Verdict.TP, Verdict.FP, Verdict.FN))
    mistakes = wrong + missed
    order = [code for code in np.argsort(-mistakes, kind="stable")[:_MOST_LABELS].tolist() if mistakes[code]]
    if not order:
        return Html("")
    heads = ("label", "TP", "FP", "FN", *_NAMES.values())
    kinds = (None, "number", "number", "number", None, None)
    head = tag("tr", *(tag("th", each, scope="col", class_=kind) for each, kind in zip(heads, kinds, strict=True)))
    rows = [
        tag(
            "tr",
            tag("th", visible(model.labels[code]), scope="row"),
            tag("td", f"{found[code]}", class_="number"),
            *(_count(model, verdict, code, picks) for verdict in (Verdict.FP, Verdict.FN)),
            *(_examples(model, verdict, code, images, picks) for verdict in (Verdict.FP, Verdict.FN)),
        )
        for code in order
    ]
    left = int(np.count_nonzero(mistakes)) - len(order)
    more = tag("p", f"{counted(left, 'more label')} with mistakes", class_="quiet") if left else ""
    heading = tag("h3", f"{visible(model.name)}: mistakes by label")
    return tag("section", heading, tag("table", tag("thead", head), tag("tbody", *rows), class_="mistakes"), more)


def _of_label(model: JudgedModel, verdict: Verdict, code: int) -> Objects:
    objects = model.objects[verdict]
    return objects.take(np.flatnonzero(objects.label == code))


def _count(model: JudgedModel, verdict: Verdict, code: int, picks: Picks) -> Html:
    images = _of_label(model, verdict, code).image.tolist()
    if not images:
        return tag("td", "0", class_="number")
    title = f"{_NAMES[verdict]} of {visible(model.labels[code])}"
    link = picks.link(f"{len(images)}", title, (model.images[image] for image in images))
    return tag("td", link, class_="number")


def _examples(model: JudgedModel, verdict: Verdict, code: int, images: SampleImages, picks: Picks) -> Html:
    chosen = _of_label(model, verdict, code).largest(_MOST_EXAMPLES)
    links = []
    for marks, image in zip(chosen.marks(), chosen.image.tolist(), strict=True):
        name = model.images[image]
        links.append(picks.link(_example(model, marks, image, images), f"the answers about {visible(name)}", [name]))
    return tag("td", *links, class_="examples")


def _example(model: JudgedModel, marks: Sequence[Mark], image: int, images: SampleImages) -> Html:
    """A cut around an object; a clip has its times instead."""
    name, shape = model.images[image], marks[0].shape
    if isinstance(shape, Clip):
        times = f"{shape.start:g} s" if shape.end is None else f"{shape.start:g}–{shape.end:g} s"
        return tag("span", f"{times} of {visible(name)}", class_="chip")
    if isinstance(shape, Track | Pose):
        return Html("")
    frame = model.frame(image)
    moved = [mark._replace(shape=mark.shape.to(frame)) for mark in marks if not isinstance(mark.shape, Pose)]
    area = _area(moved, frame.width, frame.height)
    address = images.cut(name, _shares(area, frame.width, frame.height), _COPIED)
    return _cut(moved, area, address, name)


def _area(marks: Sequence[Mark], width: float, height: float) -> Area:
    """An object with what is around it, inside the image; all of an image that is too small for that."""
    bounds = bounds_of([pair for mark in marks for pair in mark.shape.coordinates])  # type: ignore[union-attr]
    margin = max(_AROUND * max(bounds.width, bounds.height), _LEAST * max(width, height))
    cut = bounds.grown(margin).within(Area(0, 0, width, height))
    return cut if cut.width > 0 and cut.height > 0 else Area(0, 0, width, height)


def _shares(area: Area, width: float, height: float) -> Area:
    return Area(area.left / width, area.top / height, area.right / width, area.bottom / height)


def _cut(marks: Sequence[Mark], area: Area, address: str | None, name: str) -> Html:
    scale = _SIDE / max(area.width, area.height)
    ground: Attributes = {"x": area.left, "y": area.top, "width": area.width, "height": area.height}
    below = tag("rect", fill="currentColor", fill_opacity=0.08, **ground)
    image = Html("") if address is None else tag("image", href=address, preserveAspectRatio="none", **ground)
    return tag(
        "svg",
        tag("title", f"{visible(marks[0].label or '')} in {visible(name)}"),
        below,
        image,
        *(_outlined(mark, scale) for mark in marks),
        class_="cut",
        viewBox=f"{area.left:.6g} {area.top:.6g} {area.width:.6g} {area.height:.6g}",
        width=area.width * scale,
        height=area.height * scale,
    )


def _outlined(mark: Mark, scale: float) -> Html:
    """A shape with lines of two CSS pixels on a light edge."""
    dash = DASHES.get(mark.verdict)
    cap = None if dash is None else "round"
    style: Attributes = {"fill": "none", "vector_effect": "non-scaling-stroke"}
    colour = verdict_colour(mark)
    shape = mark.shape
    if isinstance(shape, Point):
        circle: Attributes = {"cx": shape.x, "cy": shape.y, "r": 4 / scale}
        return together(
            (
                tag("circle", stroke=edge_of(colour), stroke_width=4, **circle, **style),
                tag("circle", stroke=colour, stroke_width=2, **circle, **style),
            )
        )
    return together(
        (
            outline(shape, stroke=edge_of(colour), stroke_width=4, stroke_opacity=0.8, **style),  # type: ignore[arg-type]
            outline(shape, stroke=colour, stroke_width=2.2, stroke_dasharray=dash, stroke_linecap=cap, **style),  # type: ignore[arg-type]
        )
    )
