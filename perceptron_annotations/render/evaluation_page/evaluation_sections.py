"""A report → the sections of its page: metrics, curves, confusion and mistakes, with the lists that they link to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...evaluation.curves import Curve, metric_curves
from ...evaluation.model_names import short_names
from ...evaluation.report import EvaluationReport
from ...visible_text import visible
from ..html_fragments import Html, tag, together
from ..html_tables import table_html
from ..page.page_data import PagePick
from ..page.shell import Section
from ..report_remarks import report_remarks, report_summary
from ..report_tables import report_tables
from .confusion_table import confusion_section
from .difference_chart import difference_chart
from .judged_model import JudgedModel
from .label_mistakes import label_mistakes
from .line_chart import line_chart
from .mistake_gallery import mistake_gallery
from .picked_images import Picks
from .sample_images import SampleImages

#: How many of the worst images are shown of a report that lists none.
_WORST = 12


class Sections(NamedTuple):
    """The sections of a page, and the lists of images that they link to."""

    sections: list[Section]
    picks: list[PagePick]


def evaluation_sections(report: EvaluationReport, images: SampleImages) -> Sections:
    """The sections of a report; those that have nothing to show are left out."""
    picks = Picks()
    names = short_names([model.predictions.name for model in report.models])
    judged = [JudgedModel(name, model) for name, model in zip(names, report.models, strict=True)]
    most = len(report.worst) or _WORST
    parts = (
        Section("metrics", "Metrics", _metrics(report)),
        Section("curves", "Curves", _curves(report)),
        Section("confusion", "Confusion", confusion_section(judged, picks)),
        Section(
            "mistakes",
            "Mistakes",
            together((mistake_gallery(judged, images, picks, most=most), label_mistakes(judged, images, picks))),
        ),
    )
    return Sections([part for part in parts if part.html], picks.all)


def _metrics(report: EvaluationReport) -> Html:
    tables = [table_html(table) for table in report_tables(report)]
    remarks = [tag("li", visible(each)) for each in report_remarks(report)]
    summary = tag("p", visible(report_summary(report.outcomes)), class_="summary")
    first, second = map(visible, short_names([report.predictions, report.compared_with]))
    chart = difference_chart(report.comparison, first, second)
    return together((summary, chart, tag("div", *tables, class_="tables"), tag("ul", *remarks, class_="remarks")))


def _curves(report: EvaluationReport) -> Html:
    charts = [
        tag("figure", tag("figcaption", named[0][1].title), line_chart(named))
        for named in (_by_title(report) if report.models else ())
    ]
    return tag("div", *charts, class_="beside") if charts else Html("")


def _by_title(report: EvaluationReport) -> Iterator[list[tuple[str, Curve]]]:
    """The curves of all models that share their axes."""
    found: dict[str, list[tuple[str, Curve]]] = {}
    for name, curves in metric_curves(report).items():
        for curve in curves:
            found.setdefault(curve.title, []).append((visible(name), curve))
    yield from found.values()
