"""Who is measured: the `seg` binary, a process a run, and those that are a process each that stays. Knows nothing of what is compared."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np

from peer import codes_of_file  # noqa: F401  (for those who compare)

HERE = pathlib.Path(__file__).resolve().parent


class Failed(Exception):
    """A contestant could not do its work."""


class CannotDo(Failed):
    """An engine cannot do this form; it may do others."""


def seg_run(binary, playbook, data, evaluator, threads, keep=None):
    """One `seg run -o`: its summary with `wall_s`, `peak_bytes` and `bytes_written`. `data`: `TABLE=FILE`; `keep`: where answers go."""
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch) / "out"
        command = [binary, "run", playbook, "--evaluator", evaluator, "--threads", threads, "-o", out, "--quiet"]
        for bound in data:
            command += ["--data", bound]
        done = subprocess.run([sys.executable, "-S", HERE / "timed.py", *map(str, command)], capture_output=True, text=True)
        told = json.loads(done.stdout)
        if told["status"] != 0:
            raise Failed(f"seg run {playbook} --evaluator {evaluator} ended with {told['status']}: {done.stderr.strip()}")
        summary = json.loads((out / "summary.json").read_text())
        summary |= told | {"bytes_written": sum(f.stat().st_size for f in out.glob("*.parquet"))}
        if keep:
            shutil.copyfile(out / "segments.parquet", keep)
        return summary


class Contestant:
    """A process that stays and does what it is asked: a peer_*.py, seg-bench or seg-bench-engines; see peer.py for what is said."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.hear()
        self.forms, self.about = self.ask("forms"), self.ask("about")

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{self.name} ended with status {self.process.wait()}; what it said is above")
        return json.loads(line)

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        told = self.hear()
        if "failed" in told:
            raise CannotDo(told["failed"])
        return told

    def time(self, form):
        return self.ask("time", form)["s"]

    def answers(self, form):
        """What a form decided, and how it went."""
        with tempfile.NamedTemporaryFile(suffix=".npy") as file:
            told = self.ask("answers", form, file.name)
            return np.load(file.name), told

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def peer(engine, data, which, threads, memory):
    words = [data, which, threads] + (["memory"] if memory else [])
    return Contestant(f"{engine} {which}{' memory' if memory else ''}", [sys.executable, HERE / f"peer_{engine}.py", *words])


def tables(data, which):
    """The files of a workload's tables, as `TABLE=FILE`."""
    files = {"Customer": "customers"} | ({"Order": "orders"} if which in ("all", "orders") else {})
    return [f"{table}={data / file}.parquet" for table, file in files.items()]


def seg(binary, how, playbook, data, which, threads):
    """seg-bench, `how` being "memory" or "file"."""
    return Contestant(f"seg {which} {how}", [binary, how, playbook, threads, *tables(data, which)])


def counted(decided):
    """How many are in and how many unknown, of codes or of what is counted already."""
    return decided if decided.dtype == np.int64 else np.stack([(decided == 1).sum(axis=1), (decided == 2).sum(axis=1)])


def same(name, expected, got, names):
    """That answers are those expected. Codes are compared customer by customer, counts segment by segment."""
    if np.int64 in (got.dtype, expected.dtype):
        expected, got = counted(expected), counted(got)
        wrong = [(n, tuple(e), tuple(g)) for n, e, g in zip(names, expected.T, got.T) if tuple(e) != tuple(g)]
        said = "; ".join(f"{n}: {[int(v) for v in e]} in and unknown in seg, {[int(v) for v in g]} here" for n, e, g in wrong[:5])
    else:
        if expected.shape != got.shape:
            raise Failed(f"{name}: answers of shape {got.shape}, and seg's are {expected.shape}")
        wrong = [n for n, e, g in zip(names, expected, got) if (e != g).any()]
        said = "; ".join(f"{n}: {int((expected[names.index(n)] != got[names.index(n)]).sum())} customers" for n in wrong[:5])
    if wrong:
        raise Failed(f"{name} disagrees with seg on {len(wrong)} segments: {said}")
