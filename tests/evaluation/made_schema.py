"""The JSON schema of reports, made from their types: ``python -m tests.evaluation.made_schema`` writes it anew."""

from pathlib import Path

import msgspec

from perceptron_annotations.evaluation import report

PATH = Path(report.__file__).with_name("report.schema.json")


def made_schema():
    """``partial`` is not written, and examples of docstrings are left out."""
    schema = written(msgspec.json.schema(report.EvaluationReport, schema_hook=lambda _: {"type": "object"}))
    found = schema["$defs"]["EvaluationReport"]
    del found["properties"]["partial"]
    head = {"schema": {"const": report.SCHEMA}, "version": {"const": report.VERSION}}
    whole = found | {"properties": head | found["properties"], "required": [*head, *found["required"]]}
    return whole | {"$defs": schema["$defs"]}


def written(schema):
    """Every number that is not whole may be null; descriptions are first paragraphs."""
    if isinstance(schema, list):
        return [written(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: written(each) for name, each in schema.items()}
    if isinstance(found.get("description"), str):
        found["description"] = found["description"].partition("\n\n")[0]
    return found | {"type": ["number", "null"]} if found.get("type") == "number" else found


if __name__ == "__main__":
    PATH.write_bytes(msgspec.json.format(msgspec.json.encode(made_schema())) + b"\n")
