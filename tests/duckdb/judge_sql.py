"""Compares `seg run` with what DuckDB makes of `seg sql --bind`, customer by customer, segments and attributes.

    python judge_sql.py SEG PLAYBOOK

SEG is the `seg` binary, PLAYBOOK a folder whose `seg.toml` binds data. Exit status: 0 all agree, 1 they do not, 2 it could not be
judged. Needs the package `duckdb`.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import duckdb

SHOWN_MAX = 20


def seg(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"`{' '.join(command)}` ended with status {done.returncode}\n{done.stderr.strip()}")
    return done.stdout


def as_sql_has_it(name, kind):
    """SQL: a column of a run as the script has it: decimals in their smallest unit, instants in UTC."""
    decimal = re.fullmatch(r"DECIMAL\(\d+,(\d+)\)", kind)
    if decimal:
        return f'CAST(CAST("{name}" AS DECIMAL(38, {decimal[1]})) * {10 ** int(decimal[1])} AS BIGINT)'
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', \"{name}\")"
    return f'"{name}"'


def main():
    binary, playbook = sys.argv[1:]
    script = seg([binary, "sql", playbook, "--bind", "--quiet"])
    db = duckdb.connect()
    *setup, query = [part for part in script.split(";\n") if part.strip()]
    with tempfile.TemporaryDirectory() as folder:
        seg([binary, "run", playbook, "-o", f"{folder}/out", "--format", "parquet", "--quiet"])
        for part in setup:
            db.execute(part)
        db.execute(f"CREATE TABLE ours AS {query}")
        key = db.execute("DESCRIBE ours").fetchone()[0]
        compared = wrong = 0
        names = {row[0]: row[1] for row in db.execute("DESCRIBE ours").fetchall()[1:]}
        for table in ["segments", "attributes"]:
            file = pathlib.Path(folder) / "out" / f"{table}.parquet"
            if not file.exists():
                continue
            columns = db.execute(f"DESCRIBE SELECT * FROM '{file}'").fetchall()
            their_key = columns[0][0]
            rows = db.execute(f"SELECT count(*) FROM '{file}' t JOIN ours ON ours.\"{key}\" = t.\"{their_key}\"").fetchone()[0]
            if rows != db.execute("SELECT count(*) FROM ours").fetchone()[0]:
                sys.exit(f"{table}: the customers differ")
            for name, kind in [(c[0], c[1]) for c in columns[1:]]:
                if name not in names:
                    print(f"{name} is not said")
                    continue
                theirs = as_sql_has_it(name, kind)
                bad = db.execute(
                    f'SELECT o."{key}", t.v, o."{name}" FROM ours o JOIN (SELECT "{their_key}" AS k, {theirs} AS v FROM \'{file}\') t '
                    f'ON o."{key}" = t.k WHERE t.v IS DISTINCT FROM o."{name}" ORDER BY 1').fetchall()
                compared += rows
                wrong += len(bad)
                for row in bad[:SHOWN_MAX]:
                    print(f"{name}: customer {row[0]} is {row[1]} in seg and {row[2]} in SQL", file=sys.stderr)
    print(f"{pathlib.Path(playbook).name}: {len(names)} columns of `seg sql`, {compared} values, {wrong} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
