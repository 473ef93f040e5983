"""Compare a new model with the present one on the same images, and fail if it is worse: for CI.

    python compare_models.py truth.json present.jsonl new.jsonl --summary summary.md

Exit status 1: the new model is worse than chance explains, or less than the required minimum.
"""

import argparse
import sys
from pathlib import Path

from perceptron_annotations import Dataset, EvaluationReport, evaluate, read_dataset
from perceptron_annotations.datasets import RecordingImporter

METRIC = "f1@0.5"


def main() -> int:
    """Report on the new model, and say whether it holds."""
    options = read_options()
    truth = read_dataset(options.truth)
    present, new = (predictions(path, truth) for path in (options.present, options.new))

    before, after = (evaluate(each, truth, tasks=["detection", "counting"]) for each in (present, new))
    report = before.compare(after)
    options.summary.write_text(report.to_markdown(), encoding="utf-8")
    return int(not holds(report, options.minimum))


def predictions(path: Path, truth: Dataset) -> Dataset:
    """The answers of a model on the images of the truth, in their sizes."""
    sizes = {asset.file_name: (asset.width, asset.height) for asset in truth.assets}
    dataset, report = RecordingImporter(sizes=sizes).read(path)
    print(f"{path}: {report.recordings} answers, {len(dataset)} annotations")
    return dataset


def holds(report: EvaluationReport, minimum: float) -> bool:
    """Whether the second model is good enough, and not worse than the first."""
    found = report.comparison[METRIC]
    interval = found.difference.interval
    print(f"{METRIC}: {found.first:.3f} -> {found.second:.3f} (difference {interval.low:+.3f} to {interval.high:+.3f})")
    return found.second >= minimum and interval.high >= 0


def read_options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description="Compare two models on the same images.")
    parser.add_argument("truth", type=Path, help="dataset of any format")
    parser.add_argument("present", type=Path, help="recorded answers of the present model")
    parser.add_argument("new", type=Path, help="recorded answers of the new model")
    parser.add_argument("--minimum", type=float, default=0.8, help=f"least {METRIC} of the new model")
    parser.add_argument("--summary", type=Path, default=Path("summary.md"), help="report to write")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
