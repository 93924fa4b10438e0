#!/usr/bin/env python3
"""Measures Seg against those who decide the same, and writes docs/performance. `cargo xtask bench` builds what this needs and runs it.

    python3 bench/run.py [--customers 1000000] [--rounds 4] [--date YYYY-MM-DD] [--threads N] [--customers-max 1000000]
                         [--only bulk,growth,compile,record,examples] [--target DIR] [--data DIR] [--out DIR]
    python3 bench/run.py --quick
    python3 bench/run.py --report

Makes the rest by itself: a virtual environment with the packages of requirements-full.txt and the generated data, both kept below the
data's DIR (target/bench by default). No time is taken of anybody before all evaluators and every form that is used have given the same
answer for every customer and segment. `--only` measures parts anew and keeps what results.json has of the others; `--report` writes the report from
results.json alone. `--quick` takes no times: 20,000 customers, answers only.
Exit status: 0 done, 1 answers differ or a contestant failed.
"""

import argparse
import datetime as dt
import importlib.util
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
PARTS = ["bulk", "growth", "compile", "record", "examples"]
PACKAGES = ["datafusion", "duckdb", "numpy", "polars", "pyarrow"]


def asked():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--customers-max", type=int, default=1_000_000, help="how far the curve of customers goes, up to 10,000,000")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--date", default=dt.date.today().isoformat(), help="the date to write into the report")
    parser.add_argument("--only", type=lambda text: text.split(","), default=PARTS, help=f"of {', '.join(PARTS)}")
    parser.add_argument("--target", type=pathlib.Path, default=ROOT / "target", help="where cargo has put what it built")
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs/performance")
    parser.add_argument("--quick", action="store_true", help="20,000 customers; compare answers, take no times, write nothing")
    parser.add_argument("--report", action="store_true", help="measure nothing; write the report from results.json")
    options = parser.parse_args()
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options.data = (options.data or options.target / "bench").absolute()
    options.seg = options.target / "release/seg"
    options.bench = options.target / "release/seg-bench"
    options.engines = options.target / "engines/release/seg-bench-engines"
    return options


def in_environment(options):
    """Goes on in a virtual environment that has the packages, made where there is none."""
    wanted = PACKAGES if options.quick else [*PACKAGES, "chdb"]
    if options.report or all(importlib.util.find_spec(name) for name in wanted):
        return
    here, python = options.data / "venv", options.data / "venv/bin/python"
    if pathlib.Path(sys.prefix).resolve() == here.resolve() or not python.exists():
        subprocess.run([sys.executable, "-m", "venv", here], check=True)
        file = HERE / ("requirements.txt" if options.quick else "requirements-full.txt")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", file], check=True)
    os.execv(python, [str(python), *sys.argv])


def say(text):
    print(text, flush=True)


def main(options):
    load = os.getloadavg()[0]
    for binary in (options.seg, options.bench, options.engines):
        if not binary.exists():
            sys.exit(f"{binary} is not there; `cargo xtask bench` builds it")
    try:
        subprocess.run([sys.executable, HERE / "playbooks.py", options.seg, "--check"], check=True)
        bench = parts.Bench(options, say)
        if options.quick:
            bench.quick()
            return
        file = options.out / "results.json"
        results = json.loads(file.read_text()) if file.exists() and set(options.only) != set(PARTS) else {}
        measured = results.get("parts", {})
        for part in options.only:
            measured[part] = {"date": options.date, **getattr(bench, part)()}
            kept = {"machine": report.machine(options, load), "rounds": options.rounds, "parts": measured}
            report.write(options.out, kept)
        say(f"wrote {options.out}")
    except (contestants.Failed, subprocess.CalledProcessError) as problem:
        sys.exit(f"error: {problem}")


if __name__ == "__main__":
    OPTIONS = asked()
    in_environment(OPTIONS)
    import report

    if OPTIONS.report:
        report.write(OPTIONS.out, json.loads((OPTIONS.out / "results.json").read_text()))
        sys.exit()
    import contestants
    import parts

    main(OPTIONS)
