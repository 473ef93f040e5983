"""The page of an evaluation: its tables, curves and confusions, and what is wrong, beside the page of all answers.

Each module makes one section as HTML with inline SVG; scripts are those of ``render.page`` alone. The names of this
package are not public: ``EvaluationReport.write_html`` and the option ``--html`` use it.
"""
