"""Who is measured: the `seg` binary, a process a run, and the peers, a process each that stays. Knows nothing of what is compared."""

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


def seg_run(binary, playbook, data, evaluator, threads, keep=None):
    """One `seg run -o`: its summary with `wall_s`, `peak_bytes` and `bytes_written`. `data`: table to file; `keep`: where answers go."""
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch) / "out"
        command = [binary, "run", playbook, "--evaluator", evaluator, "--threads", threads, "-o", out, "--quiet"]
        for table, file in data.items():
            command += ["--data", f"{table}={file}"]
        done = subprocess.run([sys.executable, "-S", HERE / "timed.py", *map(str, command)], capture_output=True, text=True)
        told = json.loads(done.stdout)
        if told["status"] != 0:
            raise Failed(f"seg run {playbook} --evaluator {evaluator} ended with {told['status']}: {done.stderr.strip()}")
        summary = json.loads((out / "summary.json").read_text())
        summary |= told | {"bytes_written": sum(f.stat().st_size for f in out.glob("*.parquet"))}
        if keep:
            shutil.copyfile(out / "segments.parquet", keep)
        return summary


class Peer:
    """A process of peer_polars.py or peer_duckdb.py."""

    def __init__(self, engine, data, which, threads, memory):
        command = [sys.executable, HERE / f"peer_{engine}.py", data, which, threads] + (["memory"] if memory else [])
        self.name = f"{engine} {which}{' memory' if memory else ''}"
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.hear()
        self.forms = self.ask("forms")

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{self.name} ended with status {self.process.wait()}; what it said is above")
        return json.loads(line)

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return self.hear()

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


def same(name, expected, got, names):
    """That answers are those expected. Codes are compared customer by customer, counts segment by segment."""
    if got.dtype == np.int64:
        expected = np.stack([(expected == 1).sum(axis=1), (expected == 2).sum(axis=1)])
        wrong = [(n, tuple(e), tuple(g)) for n, e, g in zip(names, expected.T, got.T) if tuple(e) != tuple(g)]
        said = "; ".join(f"{n}: {e} in and unknown in seg, {g} here" for n, e, g in wrong[:5])
    else:
        if expected.shape != got.shape:
            raise Failed(f"{name}: answers of shape {got.shape}, and seg's are {expected.shape}")
        wrong = [n for n, e, g in zip(names, expected, got) if (e != g).any()]
        said = "; ".join(f"{n}: {int((expected[names.index(n)] != got[names.index(n)]).sum())} customers" for n in wrong[:5])
    if wrong:
        raise Failed(f"{name} disagrees with seg on {len(wrong)} segments: {said}")



