"""Make a YOLO dataset of all recorded answers in a folder.

python recordings_to_yolo.py recordings yolo --label-map labels.csv
"""

import argparse
import sys
from pathlib import Path

from perceptron_annotations.datasets import LabelMap, RecordingImporter, read_label_map, sizes_in, write_yolo


def main() -> int:
    """Import, write, and say what was left out."""
    options = read_options()
    problems = []
    importer = RecordingImporter(
        label_map=LabelMap(ignore_case=True, synonyms=read_label_map(options.label_map) if options.label_map else {}),
        sizes=sizes_in(options.images) if options.images else None,
    )
    dataset, report = importer.read(sorted(options.recordings.glob("*.jsonl")), on_problem=problems.append)
    written = write_yolo(dataset, options.output, splits={"train": 0.8, "val": 0.2})

    print(f"{report.recordings} answers, {len(problems)} problems")
    for problem in problems:
        print(f"  {problem}")
    print(f"{written.assets} images, {written.objects} objects, {written.labels} labels in {options.output}")
    for loss in (*report.losses, *written.losses):
        print(f"  {loss.count} x {loss.code.value}: {loss.code.meaning} (first: {loss.example})")
    return 0 if written.objects else 1


def read_options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description="Make a YOLO dataset of recorded answers.")
    parser.add_argument("recordings", type=Path, help="folder with *.jsonl")
    parser.add_argument("output", type=Path, help="new folder")
    parser.add_argument("--label-map", type=Path, help="CSV file: mention,label")
    parser.add_argument("--images", type=Path, help="folder of images, if the recordings do not state their sizes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
