"""Writes docs/performance: `results.json` with every run, and README.md with what follows from it. Takes no time itself."""

import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
from importlib.metadata import version

import spec

ENGINES = {"polars": "Polars", "duckdb": "DuckDB"}


def machine(options):
    info = pathlib.Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    name = re.search(r"model name\s*:\s*(.+)", text)
    flags = set(re.search(r"flags\s*:\s*(.+)", text)[1].split()) if "flags" in text else set()
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text()) if info.exists() else None
    return {
        "cpu": name[1] if name else platform.processor(),
        "cores": os.cpu_count(),
        "vector_sets": [s for s in ("avx2", "avx512f", "avx512bw", "avx512vl") if s in flags],
        "memory_gib": round(int(memory[1]) / 2**20) if memory else None,
        "system": f"{platform.system()} {platform.release()}",
        "threads": options.threads,
        "load_before": round(options.load, 1),
        "versions": {name: version(name) for name in ("polars", "duckdb", "pyarrow")}
        | {"seg": subprocess.run([options.seg, "--version"], capture_output=True, text=True).stdout.split()[-1]},
    }


def trimmed(run):
    """What is worth keeping of a summary."""
    sources = {s["table"]: s["rows"] for s in run["sources"]}
    return {"wall_s": run["wall_s"], **run["elapsed"], "peak_bytes": run["peak_bytes"], "bytes_written": run["bytes_written"],
            "customers": run["customers"], "rows": sources}


def middle(values):
    return statistics.median(values)


def spread(values):
    """`1.23 s (1.20 to 1.31)`"""
    show = seconds(max(values))
    return f"{show(middle(values))} ({show(min(values), unit=False)} to {show(max(values), unit=False)})"


def seconds(largest):
    scale, unit, digits = (1, "s", 2) if largest >= 1 else (1000, "ms", 0 if largest >= .1 else 1)
    return lambda value, unit=unit: f"{value * scale:.{digits}f}" + (f" {unit}" if unit else "")


def ratio(value):
    return f"**{value:.1f}**" if value < 9.95 else f"**{value:.0f}**"


def rate(rows, time):
    per_second = rows / time if time > 0 else 0
    return f"{per_second / 1e6:.1f} M" if per_second >= 1e5 else f"{per_second / 1e3:.1f} k"


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(row) + " |" for row in rows), ""]


def of(runs, key):
    return [run[key] for run in runs]


def decided(result, engine):
    """The faster of deciding into tables and of counting only."""
    both = [result["peers"][f"{engine} {kind}"] for kind in ("columns", "counts")]
    return min(both, key=lambda entry: middle(entry["s"]))


def ratios(results):
    rows = []
    for which, name in (("flat", f"{spec.FLAT} flat segments"), ("all", f"{spec.FLAT + spec.WINDOWED} segments, {spec.WINDOWED} of them over orders")):
        result = results[which]
        jit = result["seg"]["jit"]
        alone = middle(of(jit, "evaluate_s"))
        for engine, title in ENGINES.items():
            rows.append([f"{name}, evaluation alone, one thread", f"{title}", ratio(middle(decided(result, engine)["s"]) / alone)])
        rows.append([f"{name}, evaluation alone, one thread", "the interpreter", ratio(result["interp_once"]["evaluate_s"] / alone)])
        for engine, title in ENGINES.items():
            file = result["peers"][f"{engine} file"]
            rows.append([f"{name}, from Parquet to Parquet", title, ratio(middle(file["s"]) / middle(of(jit, "wall_s")))])
        rows.append([f"{name}, from Parquet to Parquet", "the interpreter", ratio(result["interp_once"]["wall_s"] / middle(of(jit, "wall_s")))])
    return table(["work", "who", "time, with that of `seg run --evaluator jit` as 1"], rows)


def evaluation(result):
    rows = [["seg, `jit`", spread(of(result["seg"]["jit"], "evaluate_s"))], ["seg, `masks`", spread(of(result["seg"]["masks"], "evaluate_s"))],
            ["seg, `interp`, 1 round", spread([result["interp_once"]["evaluate_s"]])]]
    for engine, title in ENGINES.items():
        for kind, what in (("columns", "into tables"), ("counts", "counts only")):
            entry = result["peers"][f"{engine} {kind}"]
            rows.append([f"{title}, {what}: `{entry['form']}`", spread(entry["s"])])
    return table(["evaluation alone, one thread", "median (least to most)"], rows)


def whole(result, told):
    mib = lambda size: f"{size / 2**20:.0f} MiB" if size >= 10 * 2**20 else f"{size / 2**20:.1f} MiB"
    rows = []
    for name, runs in (("`jit`", result["seg"]["jit"]), ("`masks`", result["seg"]["masks"]), ("`interp`, 1 round", [result["interp_once"]])):
        rows.append([f"seg, {name}", spread(of(runs, "wall_s")), mib(max(of(runs, "peak_bytes"))), mib(runs[0]["bytes_written"])])
    for engine, title in ENGINES.items():
        entry = result["peers"][f"{engine} file"]
        rows.append([f"{title}: `{entry['form']}`", spread(entry["s"]), mib(entry["peak_bytes"]), mib(entry["bytes_written"])])
    return table(["from Parquet to Parquet", "median (least to most)", "peak memory", "written"], rows)


def stages(named):
    """Rows per second by stage, of `trimmed` runs."""
    rows = []
    for name, runs in named:
        run = runs[0]
        read = sum(run["rows"].values())
        cell = lambda count, key: f"{rate(count, middle(of(runs, key)))} ({seconds(1)(middle(of(runs, key)))})" if middle(of(runs, key)) > .0005 else "-"
        profile = run["customers"]
        rows.append([name, cell(read, "read_s"), cell(read - profile, "group_s"), cell(profile, "evaluate_s"), cell(profile, "write_s"),
                     cell(read, "wall_s")])
    return table(["", "read", "group", "evaluate", "write", "in all"], rows)


def write(options, told, results):
    for which in ("flat", "all"):
        result = results[which]
        result["interp_once"] = trimmed(result["interp_once"])
        result["seg"] = {name: [trimmed(run) for run in runs] for name, runs in result["seg"].items()}
    results["examples"] = {name: {e: [trimmed(r) for r in runs] for e, runs in by.items()} for name, by in results["examples"].items()}
    about = machine(options)
    options.out.mkdir(parents=True, exist_ok=True)
    kept = {"date": options.date, "machine": about, "data": told, "rounds": options.rounds, "results": results}
    (options.out / "results.json").write_text(json.dumps(kept, indent=1) + "\n")
    (options.out / "README.md").write_text("\n".join(text(options, told, about, results)).rstrip() + "\n")


def text(options, told, about, results):
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    lines = [
        "# Performance", "",
        "Written by `cargo xtask performance`, which makes everything again; the runs are in [results.json](results.json). Times are of this",
        "machine on this day; ratios within one run carry over better.", "",
        f"{options.date}: {about['cpu']}, {about['cores']} cores, {', '.join(about['vector_sets']) or 'no vector sets known'}, {about['memory_gib']} GiB,",
        f"{about['system']}; {versions}. {options.threads} threads, {options.rounds} rounds, contestants interleaved; load average before",
        f"the first: {about['load_before']}.", "",
        f"Data: {told['customers']:,} generated customers with {len(spec.COLUMNS)} columns, {told['orders']:,} orders in the order of time, "
        f"{told['bytes']['customers'] / 2**20:.0f} and {told['bytes']['orders'] / 2**20:.0f} MiB of Parquet.", "",
        "## Ratios", "", *ratios(results),
        "## What is compared", "",
        f"{spec.FLAT} segments over {spec.ATOMS} conditions on the profile, and {spec.WINDOWED} more over {spec.AGGREGATES} aggregates of orders in windows "
        "([playbooks](../../bench/playbooks)).",
        "All contestants are written from one specification ([bench/spec.py](../../bench/spec.py)); no time is taken before every evaluator and",
        "every form of every peer has given the same answer, in, out or unknown, for every customer and segment.", "",
        "- *Evaluation alone* is `evaluate_s` of `summary.json`: the time that threads of seg used of the cores, added up, from columns in",
        "  memory to nullable Booleans and counts, with events grouped and in order before. Peers do it on one thread over tables in memory,",
        "  enums as enums, money as whole pence, orders sorted by customer; they join and group within that time, since they have no index to",
        "  keep. *Ratios* take the faster of deciding into tables and of only counting.",
        "- *From Parquet to Parquet* is the clock: all threads, files in the cache of the system, a file with the key and a nullable Boolean a",
        "  segment written. Seg's is the whole process: compiling the playbook, validating every cell, digests of its inputs. Peers'",
        "  processes are warm, trust the data, and read only the columns they need.",
        "- Peers run in their best form: conditions hoisted by hand, one pass over orders, and whichever of the forms in",
        "  [peer_polars.py](../../bench/peer_polars.py) and [peer_duckdb.py](../../bench/peer_duckdb.py) was fastest here; the times of the others are in results.json.",
        "- Stages add up what their threads used of the cores, so they add up to more than the whole. The interpreter runs once over the",
        "  generated data, not in rounds.", "",
    ]
    for which, title in (("flat", f"{spec.FLAT} flat segments"), ("all", f"{spec.FLAT + spec.WINDOWED} segments, with orders")):
        result = results[which]
        lines += [f"## {title}", "", *evaluation(result), *whole(result, told), "Rows a second by stage, and seconds:", "",
                  *stages([(f"`{n}`", r) for n, r in [*result["seg"].items(), ("interp", [result["interp_once"]])]])]
    lines += ["## The examples", "", "Real data; `read` is over the rows of all tables. They are small: much of the time is starting up.", ""]
    for name, by_evaluator in results["examples"].items():
        rows = sum(by_evaluator["jit"][0]["rows"].values())
        lines += [f"[{name}](../../examples/{name}): {by_evaluator['jit'][0]['customers']:,} customers, {rows:,} rows.", "",
                  *stages([(f"`{n}`", runs) for n, runs in by_evaluator.items()])]
    return lines
