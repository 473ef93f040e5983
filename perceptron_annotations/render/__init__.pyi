from .overlay.draw_style import DrawStyle
from .overlay.drawing import draw
from .overlay.fonts import MissingGlyphWarning
from .overlay.frame_drawing import draw_frames
from .overlay.palette import label_colour, label_colours
from .overlay.video_files import draw_video
from .page.page_data import PagePick
from .page.page_writing import PageReport, write_page
from .page.shell import Section
from .report_rows import MetricRow, metric_rows, report_csv
from .report_text import report_markdown, report_table
from .svg import to_svg

__all__ = [
    "DrawStyle",
    "MetricRow",
    "MissingGlyphWarning",
    "PagePick",
    "PageReport",
    "Section",
    "draw",
    "draw_frames",
    "draw_video",
    "label_colour",
    "label_colours",
    "metric_rows",
    "report_csv",
    "report_markdown",
    "report_table",
    "to_svg",
    "write_page",
]
