"""Labels of answers in an object store, by DuckDB: ``python duckdb_counts.py ANSWERS.parquet…``.

The files are those that ``convert --to parquet``, ``read_arrow`` or any engine wrote.
"""

from __future__ import annotations

import sys

import duckdb

QUERY = """
    SELECT each.mention AS label, count(*) AS elements, count(DISTINCT key) AS answers
    FROM (SELECT key, unnest(annotations) AS each FROM read_parquet($files))
    GROUP BY label ORDER BY elements DESC, label
"""

if __name__ == "__main__":
    for row in duckdb.execute(QUERY, {"files": sys.argv[1:]}).fetchall():
        print(*row, sep="\t")
