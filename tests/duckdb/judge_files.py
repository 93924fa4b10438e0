"""Compares the Parquet files of `seg run` with its Arrow files, as DuckDB, Polars and Arrow read both.

    python judge_files.py SEG PLAYBOOK

SEG is the `seg` binary, PLAYBOOK a folder whose `seg.toml` binds data. Exit status: 0 all agree, 1 they do not. Needs the
package `duckdb`; where `pyarrow` or `polars` is missing it does without, and says so.
"""

import pathlib
import subprocess
import sys
import tempfile

import duckdb

try:
    import pyarrow.compute
    import pyarrow.ipc
    import pyarrow.parquet
except ImportError:
    print("the files are not judged: there is no package `pyarrow`")
    sys.exit(0)

try:
    import polars
except ImportError:
    polars = None


def run(binary, playbook, folder, form):
    command = [binary, "run", playbook, "-o", f"{folder}/{form}", "--format", form, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"`{' '.join(command)}` ended with status {done.returncode}\n{done.stderr.strip()}")
    return pathlib.Path(folder) / form


def of_duckdb(file, wanted):
    """Whether DuckDB has the same rows in the same order."""
    db = duckdb.connect()
    db.register("wanted", wanted)
    return db.sql(f"FROM '{file}'").to_arrow_table().equals(db.sql("FROM wanted").to_arrow_table())


def of_counts(file, wanted):
    """Whether what the file says of its Boolean columns is what they hold."""
    metadata = pyarrow.parquet.ParquetFile(file).metadata
    at = 0
    for group in (metadata.row_group(number) for number in range(metadata.num_row_groups)):
        rows = wanted.slice(at, group.num_rows)
        at += group.num_rows
        for column in (group.column(number) for number in range(group.num_columns)):
            if column.physical_type != "BOOLEAN" or column.path_in_schema not in rows.column_names:
                continue
            values = rows.column(column.path_in_schema)
            bounds = pyarrow.compute.min_max(values).as_py()
            said = column.statistics
            if said.null_count != values.null_count or column.num_values != len(values):
                return False
            if said.has_min_max and {"min": said.min, "max": said.max} != bounds:
                return False
            if not said.has_min_max and values.null_count != len(values):
                return False
    return at == wanted.num_rows


def main():
    binary, playbook = sys.argv[1:]
    judges = {
        "Arrow": lambda file, wanted: pyarrow.parquet.read_table(file).equals(wanted),
        "the counts": lambda file, wanted: of_counts(file, wanted),
        "DuckDB": lambda file, wanted: of_duckdb(file, wanted),
    }
    if polars is None:
        print("Polars does not judge the files: there is no package `polars`")
    else:
        judges["Polars"] = lambda file, wanted: polars.read_parquet(file).equals(polars.from_arrow(wanted))
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        parquet, arrow = (run(binary, playbook, folder, form) for form in ("parquet", "arrow"))
        for file in sorted(parquet.glob("*.parquet")):
            with pyarrow.ipc.open_file(arrow / f"{file.stem}.arrow") as reader:
                wanted = reader.read_all()
            for name, agrees in judges.items():
                if not agrees(file, wanted):
                    print(f"{file.name}: {name} reads other than was written", file=sys.stderr)
                    wrong += 1
            print(f"{pathlib.Path(playbook).name}/{file.name}: {wanted.num_rows} rows of {wanted.num_columns} columns, "
                  f"read by {', '.join(judges)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
