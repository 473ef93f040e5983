"""One answer that the compiled scanner reads: its objects are made in C, and are those of the pure parser in every way.

That each field is equal is what ``tests/property/test_backends.py`` holds; here is what it costs, and what else one can
do with a document.
"""

import copy
import gc
import pickle
import sys
from threading import Barrier, Thread

import pytest

from perceptron_annotations import (
    AnnotationKind,
    Box,
    Clip,
    Collection,
    Frame,
    IssueCode,
    Mode,
    Point,
    Polygon,
    Span,
    Track,
    backend,
    parse,
)
from perceptron_annotations.markup import Element, Text
from perceptron_annotations.markup.parsing import parse_purely

pytestmark = pytest.mark.skipif(backend == "pure", reason="about the objects that the compiled scanner makes")

BOXES = (
    'Two: <point_box mention="cat"> (1,2) (300,4000) </point_box>, <point_box mention="cat"> (5,6) (7,8) </point_box>.'
)
TRACK = 'a <track mention="b"> <point t="1.5"> (1,2) </point> <point t="2"> (3,4) </point> </track> c'
MISPLACED = (
    '<collection mention="m" asset_idx="3" t="4"> <point> (1,2) </point> <track> <point> (3,4) </point> <clip t="1 2"/>'
    " <point_box> (1,2) (3,4) </point_box> </track> <collection> <point> (5,6) </point> </collection> </collection>"
)
TEXTS = {
    "nothing": "",
    "prose": "A picture of a cat.",
    "boxes": BOXES,
    "beyond ASCII": 'Zwei: <point mention="Fußgänger &amp; 猫"> (1,2) </point> 🎉 <point mention="猫"> (3,4) </point>',
    "kinds": (
        '<point> (1,2) </point> <polygon> (1,2) (3,4) (9,1) </polygon> <clip t="1 2"/>'
        " <point_box> (1,2) (3,4) </point_box>"
    ),
    "track": TRACK,
    "misplaced": MISPLACED,
    "tracks in a track": "<collection> <track> <track> <point> (1,2) </point> </track> </track> </collection>",
    "no meaning": (
        '<point id="7" b=\'c\' id="8" confidence="x" t="1"> (1,2) </point>'
        ' <track confidence="0.5"> <point> (1,2) </point> </track>'
    ),
    "issues": (
        "<point> (9999,2) </point> <point_box> (9,9) (1,1) </point_box> <point> oops </point> </track> <point> (1,"
    ),
    "long": "x" * 5000 + "<point> (1,2) </point>" + "é" * 5000 + "<point> (1,2) </point>",
}


def purely(text, mode=Mode.LENIENT):
    return parse_purely(text, Span(0, len(text)), mode=mode, cut=False)


def python_calls(work):
    """The names of the functions of Python that ``work`` calls."""
    names = []

    def note(frame, event, _):
        if event == "call":
            names.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return names


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_function_of_python_is_called_but_parse(text):
    """Issue 18, 3: “documents without issues or containers take no Python call but the constructor’s”; so all."""
    assert python_calls(lambda: parse(text)) == ["<lambda>", "parse"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_one_can_do_with_a_document(text):
    ours, pure = parse(text), purely(text)
    assert (ours, hash(ours), repr(ours), str(ours.status)) == (pure, hash(pure), repr(pure), str(pure.status))
    copies = pickle.loads(pickle.dumps(ours)), copy.copy(ours), copy.deepcopy(ours)  # noqa: S301
    for made in copies:
        assert (made, made.annotations, made.nodes, made.issues) == (ours, pure.annotations, pure.nodes, pure.issues)
    assert ours.to_pixels(sizes=[(640, 480)] * 5).annotations == pure.to_pixels(sizes=[(640, 480)] * 5).annotations
    assert ours.to_markup() == pure.to_markup()
    for annotation in ours.annotations:
        assert annotation.replace(mention="other").mention == "other"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_the_same_is_one_object(text):
    document = parse(text)
    views = {
        AnnotationKind.POINT: document.points,
        AnnotationKind.BOX: document.boxes,
        AnnotationKind.POLYGON: document.polygons,
        AnnotationKind.CLIP: document.clips,
    }
    of_views = [annotation for view in views.values() for annotation in view]
    assert sorted(map(id, of_views)) == sorted(map(id, document.annotations))
    places = [element.span for element in document.nodes if getattr(element, "rows", ()) and not element.children]
    assert all(any(span is other for other in document.spans) for span in places)


def test_equal_mentions_are_one_text():
    """Also in two answers, and with others between: labels are few, and documents may be many."""
    text = "".join(f'<point mention="{name}"> (1,2) </point>' for name in ("cat", "猫", "cat", "dog &amp; cat", "猫"))
    first, second = parse(text).points, parse("x" + text).points
    assert first[0].mention is first[2].mention is second[0].mention
    assert first[1].mention is first[4].mention is second[4].mention
    assert [point.mention for point in second] == ["cat", "猫", "cat", "dog & cat", "猫"]


def test_many_mentions():
    """More than are remembered, of every length; what is remembered is never taken for another."""
    names = [f"{word}{number}" for number in range(700) for word in ("a" * (number % 90), "é" * (number % 50), "b")]
    text = "".join(f'<point mention="{name}"> (1,2) </point>' for name in names)
    for _ in range(2):
        assert [point.mention for point in parse(text).points] == names


def test_no_object_is_lost_or_kept():
    """Whatever is made counts its references right: those of what all answers share are the same in the end."""
    shared = [Frame.GRID, Mode.LENIENT, Point, Box, Polygon, Clip, Track, Collection, Span, Element, Text, *IssueCode]
    if sys.version_info < (3, 12):  # since then these are never freed, and nobody counts them
        shared += [None, True, False, (), 7, Element.__struct_defaults__]

    def read_all():
        for text in TEXTS.values():
            for mode in (Mode.LENIENT, Mode.SALVAGE):
                parse(text, mode=mode)

    read_all()
    gc.collect()
    before = [sys.getrefcount(each) for each in shared]
    for _ in range(300):
        read_all()
    gc.collect()
    after = [sys.getrefcount(each) for each in shared]
    assert max(abs(late - early) for early, late in zip(before, after, strict=True)) < 100


def test_threads_read_at_once():
    wanted = {text: purely(text).annotations for text in TEXTS.values()}
    document, barrier, wrong = parse(MISPLACED), Barrier(4), []

    def work():
        barrier.wait()
        for _ in range(200):
            wrong.extend(text for text, annotations in wanted.items() if parse(text).annotations != annotations)
            if document.issues != parse(MISPLACED).issues or document.nodes != parse(MISPLACED).nodes:
                wrong.append("the document that all look at")

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_document_made_while_another_is_made():
    """Collecting garbage may run any code in the middle of an answer, such as the reading of another one."""
    read = []

    class Reads:
        def __init__(self):
            self.itself = self

        def __del__(self):
            read.append(parse(TRACK).tracks)

    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(50):
            Reads()
            assert parse(MISPLACED * 5).annotations == purely(MISPLACED * 5).annotations
    finally:
        gc.set_threshold(*threshold)
    gc.collect()
    assert len(read) == 50
    assert set(read) == {purely(TRACK).tracks}
