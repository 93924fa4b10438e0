"""What the peers' processes share: one engine, one data set and one number of threads, told on standard input what to run.

    python peer_ENGINE.py DATA_DIR WORKLOAD THREADS [memory]

With `memory`, tables are loaded and put into the types that suit the engine best before anything is timed. One command a line, one JSON
answer a line:

    forms                the forms there are, as {"name": kind}; of one kind, all do the same work
    about                what else there is to know
    time FORM            {"s": seconds}
    answers FORM FILE    runs the form and leaves what it decided: codes by segment and customer (.npy), or counts

What an engine cannot do is answered with {"failed": why}.

Kinds: "columns" decides into tables in memory, "counts" only counts who is in and who is unknown; "file" reads Parquet files and writes
one, with the customer's key and a nullable Boolean a segment, "file-counts" reads them and only counts. Codes are 0 out, 1 in, 2
unknown, in the order of customers. Contestants in Rust say the same: bench/src/serve.rs.
"""

import json
import pathlib
import resource
import sys
import tempfile
import time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import spec


def arguments():
    folder, which, threads = sys.argv[1:4]
    return pathlib.Path(folder), spec.Workload(which), int(threads), "memory" in sys.argv[4:]


def codes_of_file(path):
    """The codes of a Parquet file of answers, `seg run`'s too, in the order of its first column."""
    table = pq.read_table(path)
    order = np.argsort(table.column(0).to_numpy(), kind="stable")
    return np.stack([code(table[name])[order] for name in table.column_names[1:]])


def code(column):
    """A nullable Boolean column of Arrow as codes."""
    return pc.fill_null(pc.cast(column, pa.uint8()), pa.scalar(2, pa.uint8())).to_numpy()


def bounds(days):
    """The instant after which the last so many days are."""
    return spec.AS_OF - spec.dt.timedelta(days=days)


def status_bytes(what):
    """Of this process: VmRSS is the memory that it has, VmHWM the most that it has had, without its parent's share."""
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        return int(next(line for line in status.read_text().splitlines() if line.startswith(what)).split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def serve(forms):
    """`forms`: name to (kind, run, codes): `run(path)` does the work; `codes(what it returned)` gives codes, or counts as (in, unknown)."""
    scratch = tempfile.TemporaryDirectory()
    out = pathlib.Path(scratch.name) / "answers.parquet"
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "forms":
            answer = {name: kind for name, (kind, *_) in forms.items()}
        elif command == "about":
            answer = {"resident_bytes": status_bytes("VmRSS")}
        else:
            kind, run, codes = forms[rest[0]]
            out.unlink(missing_ok=True)
            started = time.perf_counter()
            try:
                gave = run(out)
            except Exception as problem:  # noqa: BLE001 (whatever an engine raises is its answer)
                print(json.dumps({"failed": str(problem).splitlines()[0][:200]}), flush=True)
                continue
            answer = {"s": time.perf_counter() - started, "peak_bytes": status_bytes("VmHWM")}
            if command == "answers":
                np.save(rest[1], codes_of_file(out) if kind == "file" else codes(gave))
                answer["bytes_written"] = out.stat().st_size if kind == "file" else 0
            del gave
        print(json.dumps(answer), flush=True)
