"""CVAT's skeletons and attributes, as its documentation of the XML format gives them."""

import numpy as np
import pytest

from perceptron_annotations import AnnotationKind
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, Skeleton, read_cvat, write_cvat
from perceptron_annotations.losses import LossCode
from perceptron_annotations.problems import ProblemCode

#: A label as CVAT exports it: lines first, then nodes.
LINE = (
    '&lt;line x1="36.8" y1="47.7" x2="86.8" y2="10.7" stroke="black" data-type="edge" data-node-from="{}" '
    'stroke-width="0.5" data-node-to="{}"&gt;&lt;/line&gt;'
)
NODE = (
    '&lt;circle r="1.5" stroke="black" fill="#b3b3b3" cx="25.1" cy="22.6" stroke-width="0.1" '
    'data-type="element node" data-element-id="{0}" data-node-id="{0}" data-label-name="{1}"&gt;&lt;/circle&gt;'
)
NODES = [NODE.format(*each) for each in ((1, "nose"), (2, "left"), (3, "right"))]
DRAWING = "".join([LINE.format(2, 3), LINE.format(1, 2), *NODES])
KEYPOINTS = "".join(
    f"<label><name>{name}</name><type>points</type><attributes></attributes><parent>s1</parent></label>"
    for name in ("nose", "left", "right")
)
LABELS = (
    "<label><name>car</name><attributes></attributes></label><label><name>s1</name><type>skeleton</type><attributes>"
    f"</attributes><svg>{DRAWING}</svg></label>{KEYPOINTS}"
)
POSE = """<skeleton label="s1" source="manual" z_order="2" group_id="7">
      <points label="nose" occluded="0" source="manual" outside="0" points="54.47,94.81"></points>
      <points label="right" occluded="1" source="manual" outside="0" points="68.02,162.34"></points>
      <points label="left" occluded="0" source="manual" outside="1" points="125.87,62.85"></points>
      <attribute name="state">walking</attribute>
    </skeleton>"""
CAR = """<box label="car" xtl="1" ytl="2" xbr="30" ybr="40" occluded="1" z_order="0">
      <attribute name="parked">true</attribute><attribute name="doors">4</attribute>
      <attribute name="plate">007</attribute><attribute name="note"></attribute>
    </box>"""
S1 = Skeleton(("nose", "left", "right"), edges=((1, 2), (0, 1)))


def read(tmp_path, shapes, labels=LABELS):
    """The dataset of an image with these shapes, and its problems."""
    text = f"""<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><labels>{labels}</labels></task></meta>
  <image id="0" name="a.jpg" width="200" height="300">{shapes}</image></annotations>"""
    (tmp_path / "given.xml").write_text(text)
    problems = []
    return read_cvat(tmp_path / "given.xml", on_problem=problems.append), problems


def again(dataset, tmp_path):
    """What comes back of it, and the losses."""
    report = write_cvat(dataset, tmp_path / "written.xml")
    problems = []
    found = read_cvat(tmp_path / "written.xml", on_problem=problems.append)
    assert problems == []
    return found, {loss.code: loss.count for loss in report.losses}


def told(dataset):
    """All that is said of the rows."""
    keypoints = [] if dataset.keypoints is None else [dataset.keypoints.as_list(row) for row in range(len(dataset))]
    return dataset.labels, dataset.skeletons, dataset.table.xyxy.tolist(), keypoints, dataset.attributes


def test_skeletons_come_back(tmp_path):
    """Finding C3 of datasets and evaluation: index, visibility, names and edges."""
    dataset, problems = read(tmp_path, POSE)
    assert problems == []
    assert (dataset.labels, dataset.skeletons) == (("car", "s1"), (None, S1))
    assert dataset.keypoints.as_list(0) == [54.47, 94.81, 2, 125.87, 62.85, 0, 68.02, 162.34, 1]
    assert dataset.table.xyxy.tolist() == [[54.47, 94.81, 68.02, 162.34]]
    assert dict(dataset.attributes[0]) == {"z_order": 2, "group_id": 7, "state": "walking"}
    found, losses = again(dataset, tmp_path)
    assert (told(found), losses) == (told(dataset), {})


def test_attributes_come_back(tmp_path):
    """Datasets and evaluation D1, CVAT: attributes, occluded, z_order and group_id."""
    dataset, problems = read(tmp_path, CAR)
    wanted = {"occluded": True, "parked": True, "doors": 4, "plate": "007", "note": ""}
    assert (dict(dataset.attributes[0]), problems) == (wanted, [])
    found, losses = again(dataset, tmp_path)
    assert (told(found), losses) == (told(dataset), {})
    text = (tmp_path / "written.xml").read_text()
    assert 'occluded="1"' in text
    assert '<attribute name="parked">true</attribute>' in text
    assert "<name>plate</name>" in text  # declared, as CVAT wants it


def test_skeletons_that_are_not_declared(tmp_path):
    """Their keypoints are in the order in which they first come."""
    dataset, problems = read(tmp_path, POSE, labels="")
    assert (dataset.skeletons, problems) == ((Skeleton(("nose", "right", "left")),), [])


@pytest.mark.parametrize(
    ("shape", "codes", "rows"),
    [
        ('<skeleton label="s1"></skeleton>', [ProblemCode.MALFORMED_ENTRY], 0),
        ('<skeleton label="car"><points label="x" points="1,2"/></skeleton>', [], 1),
        ('<skeleton><points label="x" points="1,2"/></skeleton>', [ProblemCode.MALFORMED_ENTRY] * 2, 0),
        (POSE.replace('label="nose"', 'label="tail"'), [ProblemCode.MALFORMED_ENTRY], 1),
        (POSE.replace("54.47,94.81", "54.47"), [ProblemCode.MALFORMED_ENTRY], 1),
        (
            POSE.replace("></points>", '><attribute name="a">1</attribute></points>', 1),
            [ProblemCode.UNSUPPORTED_ENTRY],
            1,
        ),
    ],
)
def test_what_does_not_fit_is_told(tmp_path, shape, codes, rows):
    dataset, problems = read(tmp_path, shape)
    assert ([each.code for each in problems], len(dataset)) == (codes, rows)


def test_a_drawing_that_joins_nothing(tmp_path):
    labels = LABELS.replace('data-node-from="2"', 'data-node-from="9"')
    dataset, problems = read(tmp_path, POSE, labels=labels)
    assert dataset.skeletons[1].edges == ((0, 1),)
    assert [each.code for each in problems] == [ProblemCode.DANGLING_REFERENCE]


def test_what_cvat_cannot_hold_is_counted(tmp_path):
    builder = DatasetBuilder()
    builder.add_label("dog", Skeleton(("a", "<b>"), edges=((0, 1),), flip=(1, 0)))
    image = builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=48))
    pose, number = [[1, 2, 2], [0, 0, 0]], builder.new_object()
    builder.add(image, AnnotationKind.BOX, [(0, 0), (9, 9)], "dog", keypoints=pose, ignore=True, area=5)
    ring = [(0, 0), (9, 0), (9, 9)]
    builder.add(image, AnnotationKind.POLYGON, ring, "dog", object=number, keypoints=pose)
    builder.add(image, AnnotationKind.POLYGON, np.add(ring, 20), "dog", object=number)
    found, losses = again(builder.build(), tmp_path)
    assert losses == {
        LossCode.SPLIT_RINGS: 1,
        LossCode.IGNORE: 1,
        LossCode.OWN_AREA: 1,
        LossCode.SKELETON: 1,
        LossCode.BOX: 1,
        LossCode.POLYGON: 2,
    }
    assert found.skeletons == (Skeleton(("a", "<b>"), edges=((0, 1),)),)
    assert [found.keypoints.as_list(row) for row in range(2)] == [[1, 2, 2, 0, 0, 0]] * 2
