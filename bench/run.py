#!/usr/bin/env python3
"""Measures `seg run` against its own interpreter, Polars and DuckDB, and writes docs/performance.

    python3 bench/run.py [--customers 1000000] [--rounds 5] [--date YYYY-MM-DD] [--threads N] [--data DIR] [--seg PATH]
    python3 bench/run.py --quick

Makes everything by itself: a virtual environment with the packages of requirements.txt and the generated data, both kept below DIR
(target/bench by default). It builds nothing: PATH is the release binary. No time is taken before all evaluators and every form of every
peer have given the same answer for every customer and segment. `--quick` takes none at all: 20,000 customers, answers only.
Exit status: 0 done, 1 answers differ or a contestant failed.
"""

import argparse
import datetime as dt
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
EVALUATORS = ["jit", "masks", "interp"]
EXAMPLES = ["complete-journey", "hillstrom"]


def asked():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--date", default=dt.date.today().isoformat(), help="the date to write into the report")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "target/bench")
    parser.add_argument("--seg", type=pathlib.Path, default=ROOT / "target/release/seg")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs/performance")
    parser.add_argument("--quick", action="store_true", help="20,000 customers; compare answers, take no times, write nothing")
    return parser.parse_args()


def in_environment(data):
    """Goes on in a virtual environment that has the packages, made where there is none."""
    try:
        import duckdb, numpy, polars, pyarrow  # noqa: F401
        return
    except ImportError:
        pass
    python = data / "venv/bin/python"
    if pathlib.Path(sys.prefix).resolve() == (data / "venv").resolve() or not python.exists():
        subprocess.run([sys.executable, "-m", "venv", data / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE / "requirements.txt"], check=True)
    os.execv(python, [str(python), *sys.argv])


def say(text):
    print(text, flush=True)


class Bench:
    def __init__(self, options):
        self.options = options
        customers = 20_000 if options.quick else options.customers
        self.folder = options.data / f"{customers}"
        say(f"generating {customers:,} customers into {self.folder}")
        self.told = generate.generate(customers, self.folder)

    def seg(self, which, evaluator, keep=None):
        data = {"Customer": self.folder / "customers.parquet"} | ({"Order": self.folder / "orders.parquet"} if which == "all" else {})
        return seg_run(self.options.seg, HERE / "playbooks" / which, data, evaluator, self.options.threads, keep)

    def example(self, name, evaluator):
        return seg_run(self.options.seg, ROOT / "examples" / name, {}, evaluator, self.options.threads)

    def answers_of_seg(self, which):
        """The codes that all evaluators agree on, and a summary by evaluator."""
        kept, summaries, expected = self.folder / "answers.parquet", {}, None
        for evaluator in EVALUATORS:
            summaries[evaluator] = self.seg(which, evaluator, kept)
            codes = codes_of_file(kept)
            kept.unlink()
            expected = codes if expected is None else expected
            same(f"{which}: --evaluator {evaluator}", expected, codes, spec.wanted(which)[0])
        say(f"{which}: {expected.shape[0]} segments, {expected.shape[1]:,} customers: {', '.join(EVALUATORS)} agree")
        return expected, summaries

    def measured(self, which):
        """Everything about one playbook over the generated data."""
        expected, first = self.answers_of_seg(which)
        result = {"interp_once": first["interp"], "seg": {e: [] for e in ("jit", "masks")}, "peers": {}}
        open_peers = {}
        with contextlib.ExitStack() as stack:
            for engine in ("polars", "duckdb"):
                # In memory one thread against the work of seg's evaluation added up over its threads; from files all threads.
                for memory in (True, False):
                    threads = 1 if memory else self.options.threads
                    peer = stack.enter_context(Peer(engine, self.folder, which, threads, memory))
                    tried = {}
                    for form, kind in peer.forms.items():
                        got, told = peer.answers(form)
                        same(f"{which}: {peer.name}, {form}", expected, got, spec.wanted(which)[0])
                        tried.setdefault(kind, {})[form] = told["s"]
                        if not self.options.quick:
                            tried[kind][form] = min(told["s"], peer.time(form))
                    say(f"{which}: {peer.name}: {len(peer.forms)} forms agree")
                    for kind, times in tried.items():
                        best = min(times, key=times.get)
                        result["peers"][f"{engine} {kind}"] = {"form": best, "tried_s": times, "s": []}
                        open_peers[f"{engine} {kind}"] = (peer, best)
            if self.options.quick:
                return None
            for number in range(self.options.rounds):
                for evaluator, runs in result["seg"].items():
                    runs.append(self.seg(which, evaluator))
                for name, (peer, form) in open_peers.items():
                    result["peers"][name]["s"].append(peer.time(form))
                say(f"{which}: round {number + 1} of {self.options.rounds}")
        for engine in ("polars", "duckdb"):
            with Peer(engine, self.folder, which, self.options.threads, False) as fresh:
                entry = result["peers"][f"{engine} file"]
                told = fresh.answers(entry["form"])[1]
                entry |= {"peak_bytes": told["peak_bytes"], "bytes_written": told["bytes_written"]}
        return result

    def examples(self):
        results = {name: {evaluator: [] for evaluator in EVALUATORS} for name in EXAMPLES}
        for _ in range(self.options.rounds):
            for name, by_evaluator in results.items():
                for evaluator, runs in by_evaluator.items():
                    runs.append(self.example(name, evaluator))
        for name, by_evaluator in results.items():
            decided = [[(s["in"], s["out"], s["unknown"]) for s in runs[0]["segments"]] for runs in by_evaluator.values()]
            if any(counts != decided[0] for counts in decided):
                raise Failed(f"{name}: the evaluators count differently")
        return results


def main():
    options = asked()
    options.load = os.getloadavg()[0]
    if not options.seg.exists():
        sys.exit(f"{options.seg} is not there; build it with `cargo build --release`")
    try:
        subprocess.run([sys.executable, HERE / "playbooks.py", options.seg, "--check"], check=True)
        bench = Bench(options)
        results = {which: bench.measured(which) for which in ("flat", "all")}
        if not options.quick:
            results["examples"] = bench.examples()
            report.write(options, bench.told, results)
            say(f"wrote {options.out}")
    except (Failed, subprocess.CalledProcessError) as problem:
        sys.exit(f"error: {problem}")


if __name__ == "__main__":
    in_environment(asked().data.absolute())
    import contextlib

    import generate
    import report
    import spec
    from contestants import Failed, Peer, codes_of_file, same, seg_run

    main()
