"""Compare a new model with the present one on the same images, and fail if it is worse: for CI.

    python compare_models.py truth.json present.jsonl new.jsonl --summary summary.md

Exit status 1: the new model is worse than chance explains, or below the required minimum.
"""

import argparse
import sys
from pathlib import Path

from perceptron_annotations import Dataset, EvaluationReport, evaluate, read_dataset
from perceptron_annotations.datasets import RecordingImporter

METRIC = "f1@0.5"
#: A difference with a smaller p is hardly chance.
SIGNIFICANT = 0.05


def main() -> int:
    """Compare, write the report, and say whether the new model holds."""
    options = read_options()
    truth = read_dataset(options.truth)
    present, new = (evaluated(path, truth) for path in (options.present, options.new))
    report = present.compare(new)
    options.summary.write_text(report.to_markdown(), encoding="utf-8")

    metric = report.comparison[METRIC]
    print(f"{METRIC}: {metric.first:.3f} -> {metric.second:.3f} (p = {metric.p_value:.3f})")
    is_worse = metric.second < metric.first and metric.p_value < SIGNIFICANT
    return int(is_worse or metric.second < options.minimum)


def evaluated(path: Path, truth: Dataset) -> EvaluationReport:
    """The report on the answers of a model, which are placed on images of the size that the truth states."""
    sizes = {asset.file_name: (asset.width, asset.height) for asset in truth.assets}
    predictions, imported = RecordingImporter(sizes=sizes).read(path)
    print(f"{path.name}: {imported.recordings} answers, {len(predictions)} annotations")
    return evaluate(predictions, truth, tasks=["detection", "counting"])


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
