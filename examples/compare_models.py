"""Compare a new model with the present one on the same images, for a pull request.

    python compare_models.py truth.json present.jsonl new.jsonl > summary.md

Exit status 1: the new model is worse than chance explains, or below the minimum.
"""

import sys

from perceptron_annotations import evaluate
from perceptron_annotations.evaluation import read_predictions, read_truth

METRIC, MINIMUM = "f1@0.5", 0.8

truth = read_truth(sys.argv[1])
present, new = (read_predictions(path, truth) for path in sys.argv[2:4])
report = evaluate(present, truth, compare=new, tasks=["detection", "counting"])
print(report.to_markdown())

metric = report.comparison[METRIC]
is_worse = metric.second < metric.first and metric.p_value < 0.05
sys.exit(int(is_worse or metric.second < MINIMUM))
