"""A document beside what the reference reader says of its source, brought to one form."""

from collections import Counter

from perceptron_annotations import Box, Clip, Point, Polygon
from tests.oracle.reference_elements import Annotation, Given
from tests.oracle.reference_reader import CODES, ReferenceReader

#: An answer in another form than markup begins with this, or with it in a list.
OTHER_FORM = "{"


def our_annotation(value):
    match value:
        case Clip(start=start, end=end):
            return Annotation("clip", (start, end), Given(value.mention, None, value.asset_idx, value.score))
        case Point(x=x, y=y):
            tag, numbers = "point", ((x, y),)
        case Box(x1=x1, y1=y1, x2=x2, y2=y2):
            tag, numbers = "point_box", ((x1, y1), (x2, y2))
        case Polygon(vertices=vertices):
            tag, numbers = "polygon", vertices
    return Annotation(tag, numbers, Given(value.mention, value.t, value.asset_idx, value.score))


def of_document(document):
    """What a document says, in the words of the reference reader."""
    return {
        "annotations": [our_annotation(value) for value in document.annotations],
        "spans": [tuple(span) for span in document.spans],
        "tracks": [
            (track.mention, track.asset_idx, [our_annotation(value) for value in track.waypoints], track.complete)
            for track in document.tracks
        ],
        "collections": [(each.mention, each.t, each.asset_idx, each.complete) for each in document.collections],
        "issues": Counter((issue.code.value, *issue.span) for issue in document.issues if issue.code.value in CODES),
        "prose": document.prose,
    }


def of_reference(text):
    """What the reference reader says."""
    found = ReferenceReader(text)
    return {
        "annotations": found.annotations,
        "spans": found.spans,
        "tracks": [(track.mention, track.asset_idx, list(track.waypoints), track.complete) for track in found.tracks],
        "collections": [
            (each.given.mention, each.given.t, each.given.asset_idx, each.complete) for each in found.collections
        ],
        "issues": found.issues,
        "prose": found.prose,
    }


def difference(text, document):
    """What of a document differs from what the reference reader says, if anything.

    The reference reader knows the markup alone, so an answer without any may be read by us in another form.
    """
    theirs = of_reference(text)
    if not theirs["annotations"] and not theirs["issues"] and OTHER_FORM in text:
        return None
    ours = of_document(document)
    for name, expected in theirs.items():
        if ours[name] != expected:
            return f"the {name} of {text!r}: {ours[name]}, and by the specification {expected}"
    return None
