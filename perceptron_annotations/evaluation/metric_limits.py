"""Limits for metrics, as the command takes them: ``--fail-under f1@0.5=0.7`` and ``--fail-over count_mae=2``."""

from __future__ import annotations

from math import isnan, nan
from typing import NamedTuple

from ..errors import UsageError
from ..words import closest
from .metric_catalogue import Better, limited_metric
from .report import EvaluationReport


class Limit(NamedTuple):
    """A limit for one metric."""

    metric: str
    value: float
    #: It is a metric of which lower is better, and ``value`` the most.
    is_error: bool

    @staticmethod
    def of(option: str, text: str, *, is_error: bool) -> Limit:
        """From ``METRIC=VALUE``. Raises ``UsageError`` if it is something else."""
        metric, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = nan
        if isnan(value) or not metric:
            example = "count_mae=2" if is_error else "f1@0.5=0.7"
            raise UsageError(f"{option} is METRIC=VALUE, such as {example}, not {text!r}")
        return Limit(_canonical(metric), value, is_error)

    def broken(self, report: EvaluationReport) -> str | None:
        """Why the limit is broken; None if it is kept. Raises ``UsageError`` for a metric that the report has not."""
        metrics = _errors(report) if self.is_error else _shares(report)
        if self.metric not in metrics:
            wrong_option = "--fail-under" if self.is_error else "--fail-over"
            known = ", ".join(metrics) or "nothing"
            raise UsageError(
                f"unknown metric {self.metric!r}{closest(self.metric, metrics)}: choose from {known}; {wrong_option} "
                f"has the {'higher' if self.is_error else 'lower'}-is-better ones"
            )
        value = metrics[self.metric]
        if isnan(value):
            if not self.is_error and self.value <= 0:
                return None  # no share is below 0
            return f"{self.metric} is not defined, as there is nothing to measure: it does not reach {self.value:g}"
        if self.is_error:
            return f"{self.metric} is {value:.4f}, above {self.value:g}" if value > self.value else None
        return f"{self.metric} is {value:.4f}, below {self.value:g}" if value < self.value else None


def _canonical(metric: str) -> str:
    """``f1@0.50`` is ``f1@0.5``."""
    name, at, threshold = metric.partition("@")
    try:
        return f"{name}@{float(threshold):g}" if at else metric
    except ValueError:
        return metric


def _shares(report: EvaluationReport) -> dict[str, float]:
    """The metrics of which higher is better, and the shares of answers that are readable and complete."""
    outcomes = report.outcomes
    found = _named(report, are_errors=False)
    return found | {"readable": 1 - outcomes.unreadable_rate, "complete": 1 - outcomes.cut_off_rate}


def _errors(report: EvaluationReport) -> dict[str, float]:
    """The metrics of which lower is better; of a bias how far it is from 0."""
    return {name: abs(value) for name, value in _named(report, are_errors=True).items()}


def _named(report: EvaluationReport, *, are_errors: bool) -> dict[str, float]:
    """By name; one at the first threshold also without the threshold."""
    found: dict[str, float] = {}
    for name, metric in report.metrics.items():
        if (limited_metric(name).better is not Better.HIGHER) == are_errors:
            found[name] = metric.value
            found.setdefault(name.partition("@")[0], metric.value)
    return found
