"""What VOC says of an object: difficult, truncated, occluded, pose and parts, and the attributes that CVAT adds."""

import xml.etree.ElementTree as ET

from perceptron_annotations import AnnotationKind
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, read_voc, write_voc
from perceptron_annotations.losses import LossCode
from perceptron_annotations.problems import ProblemCode

BOX = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>"
COLOUR = "<attribute><name>colour</name><value>dark red</value></attribute>"
AGE = "<attribute><name>age</name><value>3</value></attribute>"
#: As in the development kit of VOC 2012, and with the attributes that CVAT and datumaro write.
OBJECTS = [
    f"<name>dog</name><pose>Left</pose><truncated>1</truncated><occluded>1</occluded>{BOX}<difficult>1</difficult>",
    f"<name>dog</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>{BOX}",
    f"<name>cat</name>{BOX}<attributes>{COLOUR}{AGE}</attributes>",
]


def read(tmp_path, *objects):
    """The dataset of an image with these objects, and its problems."""
    text = "".join(f"<object>{each}</object>" for each in objects)
    size = "<size><width>64</width><height>48</height><depth>3</depth></size>"
    (tmp_path / "a.xml").write_text(f"<annotation><filename>a.jpg</filename>{size}{text}</annotation>")
    problems = []
    return read_voc(tmp_path / "a.xml", on_problem=problems.append), problems


def test_what_voc_says_comes_back(tmp_path):
    """Datasets and evaluation D1, VOC: difficult, truncated, occluded and pose."""
    dataset, problems = read(tmp_path, *OBJECTS)
    assert (dataset.ignore.tolist(), problems) == ([True, False, False], [])
    assert [dict(each) for each in dataset.attributes] == [
        {"truncated": True, "occluded": True, "pose": "Left"},
        {},
        {"colour": "dark red", "age": 3},
    ]
    report = write_voc(dataset, tmp_path / "again")
    found = ET.parse(tmp_path / "again" / "Annotations" / "a.xml").getroot().findall("object")  # noqa: S314 - made here
    assert [each.findtext("difficult") for each in found] == ["1", "0", "0"]
    assert [each.findtext("truncated") for each in found] == ["1", "0", "0"]
    assert [each.findtext("pose") for each in found] == ["Left", "Unspecified", "Unspecified"]
    again = read_voc(tmp_path / "again")
    assert (again.attributes, again.ignore.tolist(), report.losses) == (dataset.attributes, [True, False, False], ())


def test_parts_and_outlines_are_told(tmp_path):
    """Datasets and evaluation D1, VOC: part and polygon."""
    part = f"<part><name>head</name>{BOX}</part>"
    _, problems = read(tmp_path, f"<name>dog</name>{BOX}{part}{part}<polygon><x1>1</x1></polygon>")
    assert [(each.code, each.message) for each in problems] == [
        (ProblemCode.UNSUPPORTED_ENTRY, "<part> of an object"),
        (ProblemCode.UNSUPPORTED_ENTRY, "<polygon> of an object"),
    ]


def test_attributes_that_do_not_come_back_are_counted(tmp_path):
    builder = DatasetBuilder()
    image = builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=48))
    for attributes in ({"a": " x"}, {"b": ""}, {"c": "\0"}, {"d": False}, {"truncated": "partly"}):
        builder.add(image, AnnotationKind.BOX, [(0, 0), (9, 9)], "dog", attributes=attributes)
    report = write_voc(builder.build(), tmp_path / "again")
    assert [(loss.code, loss.count) for loss in report.losses] == [(LossCode.ATTRIBUTE, 3)]
    assert read_voc(tmp_path / "again").attributes[3:] == ((("d", False),), (("truncated", "partly"),))
