"""Words in place of enums: type checkers know them, and a misspelt one is answered with the one that was meant."""

import typing

import pytest

import perceptron_annotations as pa
from perceptron_annotations.datasets import DatasetBuilder
from perceptron_annotations.datasets.formats import choices
from perceptron_annotations.datasets.policies import Merge, MergeName
from perceptron_annotations.datasets.recording_importer import RecordingImporter
from perceptron_annotations.evaluation import tasks
from perceptron_annotations.evaluation.metric_limits import Limit
from perceptron_annotations.geometry import AnnotationKind, KindName
from perceptron_annotations.markup.document import Mode, ModeName
from perceptron_annotations.ops.boxes import BoxFormat, BoxFormatName

NOTHING = DatasetBuilder().build()
REPORT = pa.evaluate(NOTHING, NOTHING)
PAIRS = [
    (Mode, ModeName),
    (Merge, MergeName),
    (choices.DatasetFormat, choices.FormatName),
    (choices.PointPolicy, choices.PointPolicyName),
    (choices.YoloTask, choices.YoloTaskName),
    (BoxFormat, BoxFormatName),
    (AnnotationKind, KindName),
    (tasks.Task, tasks.TaskName),
    (tasks.IouType, tasks.IouTypeName),
    (tasks.Matching, tasks.MatchingName),
]


@pytest.mark.parametrize(("words", "names"), PAIRS, ids=lambda pair: getattr(pair, "__name__", ""))
def test_the_words_of_a_signature_are_those_of_the_enum(words, names):
    """newcomer minor 6: type checkers took ``mode="stirct"``."""
    assert typing.get_args(names) == tuple(map(str, words))


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        (lambda: pa.parse("", mode="stirct"), "strict"),
        (lambda: pa.write_dataset(DatasetBuilder().build(), "a.json", format="COCO"), "coco"),
        (lambda: pa.write_dataset(DatasetBuilder().build(), "a.json", format="yolov8"), "yolo"),
        (lambda: pa.write_dataset(DatasetBuilder().build(), "a.json", format="coco", pionts="omit"), "points"),
        (lambda: RecordingImporter(merge="lats"), "last"),
        (lambda: pa.ops.box_convert([], "xyxz", "xywh"), "xyxy"),
        (lambda: AnnotationKind.from_name("Boxes"), "box"),
        (lambda: pa.evaluate(NOTHING, NOTHING, tasks=["detections"]), "detection"),
        (lambda: pa.evaluate(NOTHING, NOTHING, iou_type="polygons"), "polygon"),
        (lambda: pa.evaluate(NOTHING, NOTHING, matching="optimum"), "optimal"),
        (lambda: Limit.of("--fail-under", "count_exat=1", is_error=False).broken(REPORT), "count_exact"),
    ],
)
def test_a_misspelt_word_is_answered_with_the_one_that_was_meant(call, meant):
    with pytest.raises(pa.UsageError, match=f"did you mean '{meant}'"):
        call()


def test_a_word_that_is_near_no_other_gets_them_all():
    with pytest.raises(pa.UsageError, match=r"one of strict, lenient, salvage, not 'xyz'$"):
        pa.parse("", mode="xyz")
