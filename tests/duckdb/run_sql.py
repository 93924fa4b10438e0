"""Runs SQL for the SQL judge: a JSON object a line in, one a line out, each in a schema of its own.

    {"setup": "CREATE TABLE ...", "query": "SELECT ..."}  ->  {"rows": [[...], ...]} or {"error": "..."}

Needs the package `duckdb`.
"""

import json
import sys

import duckdb


def answer(db, job):
    try:
        db.execute("CREATE SCHEMA judged; USE judged")
        db.execute(job["setup"])
        return {"rows": db.execute(job["query"]).fetchall()}
    except duckdb.Error as problem:
        return {"error": str(problem)}
    finally:
        db.execute("USE main; DROP SCHEMA judged CASCADE")


def main():
    with duckdb.connect(":memory:", config={"threads": 1}) as db:
        for line in sys.stdin:
            print(json.dumps(answer(db, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
