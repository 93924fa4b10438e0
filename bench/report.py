"""Writes docs/performance: `results.json` with every run, README.md and the plots with what follows from it. Takes no time itself."""

import json
import os
import pathlib
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version

import plots
import spec
from results import Results, holds, middle, targets

HERE = pathlib.Path(__file__).resolve().parent
TITLES = {"seg": "Seg", "polars": "Polars", "duckdb": "DuckDB", "datafusion": "DataFusion", "clickhouse": "ClickHouse"}
PEERS = [who for who in TITLES if who != "seg"]
WORKLOADS = ("flat", "all", "orders")
# Customers over whom all forms of the peers are tried.
TRIED = 100_000
# What is said of the forms that decide one record, by how their names begin.
RECORD = {
    "jit": "Seg, machine code", "interp": "Seg, the interpreter", "plain-parsed-in-place": "plain Rust, short-circuit",
    "plain-parsed-beforehand": "plain Rust, conditions first", "plain-json-numbers": "serde and plain Rust, whole numbers",
    "plain-json-texts": "serde and plain Rust, Seg's bytes", "cel": "cel", "zen": "zen-expression", "datalogic": "datalogic-rs",
    "serde-value-only": "serde_json into a Value, nothing decided",
}


def machine(options, load):
    info = pathlib.Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    name = re.search(r"model name\s*:\s*(.+)", text)
    flags = set(re.search(r"flags\s*:\s*(.+)", text)[1].split()) if "flags" in text else set()
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text()) if info.exists() else None
    packages = {name: at for name in ("polars", "duckdb", "datafusion", "chdb", "pyarrow") if (at := installed(name))}
    return {
        "cpu": name[1] if name else platform.processor(),
        "cores": os.cpu_count(),
        "vector_sets": [s for s in ("avx2", "avx512f", "avx512bw", "avx512vl") if s in flags],
        "memory_gib": round(int(memory[1]) / 2**20) if memory else None,
        "system": f"{platform.system()} {platform.release()}",
        "threads": options.threads,
        "load_before": round(load, 1),
        "versions": {"seg": subprocess.run([options.seg, "--version"], capture_output=True, text=True).stdout.split()[-1]} | packages | crates(),
    }


def installed(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def crates():
    """The versions of the expression engines."""
    locked = (HERE / "engines/Cargo.lock").read_text()
    return {name: re.search(rf'name = "{name}"\nversion = "([^"]+)"', locked)[1] for name in ("cel", "zen-expression", "datalogic-rs", "serde_json")}


# Words.


def seconds(largest):
    scale, unit = next((s, u) for s, u in ((1, "s"), (1e3, "ms"), (1e6, "µs"), (1e9, "ns")) if largest * s >= 1 or u == "ns")
    digits = 0 if largest * scale >= 100 else 1 if largest * scale >= 10 else 2
    return lambda value, unit=unit: f"{value * scale:.{digits}f}" + (f" {unit}" if unit else "")


def spread(values):
    """`1.23 s (1.20 to 1.31)`"""
    show = seconds(middle(values))
    return f"{show(middle(values))} ({show(min(values), unit=False)} to {show(max(values), unit=False)})"


def times(value):
    return f"{value:.2f}x" if value < 2 else f"{value:.1f}x" if value < 9.95 else f"{value:,.0f}x"


def measure(value, unit):
    return {"x": times, "%": lambda v: f"{100 * v:.0f} %", "ms": lambda v: f"{v:.1f} ms" if v < 9.95 else f"{v:.0f} ms", "": lambda v: f"{v:,.0f}"}[unit](value)


def mib(size):
    return f"{size / 2**20:,.0f} MiB" if size >= 10 * 2**20 else f"{size / 2**20:.1f} MiB"


def rate(rows, time):
    per_second = rows / time if time > 0 else 0
    return f"{per_second / 1e6:.1f} M" if per_second >= 1e5 else f"{per_second / 1e3:.1f} k"


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(row) + " |" for row in rows), ""]


def of(runs, key):
    return [run[key] for run in runs]


# Sections.


def of_targets(found):
    rows, reasons = [], []
    for target in targets():
        wanted, reached = measure(target["wanted"], target["unit"]), found.reached(target["key"])
        limit = f"at {'least' if target['better'] == 'more' else 'most'} {wanted}"
        got = "not measured" if reached is None else f"**{measure(reached, target['unit'])}**"
        good = "" if reached is None else "yes" if holds(target, reached) else "no"
        rows.append([target["words"], target["prototype"] or "-", limit, got, good])
        if good != "yes" and target["why"]:
            reasons.append(f"- *{target['words']}*: {target['why']}")
    lines = ["## Targets", "", f"Ratios within this run, on {found.threads} threads." if "bulk" in found.parts else "Ratios within one run.", ""]
    lines += table(["", "prototype", "wanted", "reached", "holds"], rows)
    return lines + (["Why not:", "", *reasons, ""] if reasons else [])


def of_bulk(found):
    bulk = found.parts["bulk"]
    told, threads = bulk["data"], found.threads
    lines = ["## In memory", "", f"{told['customers']:,} customers with {len(spec.COLUMNS)} columns, {told['orders']:,} orders. The faster of deciding "
             "into tables and of only counting; times with", "Seg's as 1.", "", "![times](ratios.svg)", ""]
    for which in WORKLOADS:
        title, about = spec.Workload(which).title, bulk[which]["about"]
        rows = []
        ours = {count: middle(found.decided(which, "seg", count)["s"]) for count in (1, threads)}
        for who in ("seg", *PEERS):
            entries = {count: found.decided(which, who, count) for count in (1, threads)}
            if not entries[threads]:
                continue
            cells = [f"{TITLES[who]}, `{entries[threads]['form']}`"]
            for count, entry in entries.items():
                cells += [spread(entry["s"]), f"**{times(middle(entry['s']) / ours[count])}**" if who != "seg" else "1"] if entry else ["-", "-"]
            rows.append(cells)
        reads = {count: found.read(which, count) for count in (1, threads)}
        rows.append(["a plain read of the same columns", *(cell for count in (1, threads) for cell in
                     (spread(reads[count]["s"]), times(middle(reads[count]["s"]) / ours[count])))])
        lines += [f"### {title}", "", *table(["", "1 thread", "", f"{threads} threads", ""], rows)]
        size, per = about["looked_at_bytes"], ours[threads] * 1e9 / told["customers"]
        speed = lambda s: f"{size / s / 1e9:.1f} GB/s"
        lines += [f"The columns that the segments look at are {mib(size)}. On one thread they are read at {speed(middle(reads[1]['s']))} and decided at "
                  f"{speed(ours[1])}, {100 * found.share(which, 1):.0f} % of it;", f"on {threads} at {speed(middle(reads[threads]['s']))} and {speed(ours[threads])}, "
                  f"**{100 * found.share(which, threads):.0f} %**, which is {per:.1f} ns a customer.", ""]
    return lines


def of_files(found):
    bulk, lines = found.parts["bulk"], ["## From Parquet", ""]
    told = bulk["data"]
    lines += [f"Files in the cache of the system, {mib(told['bytes']['customers'])} and {mib(told['bytes']['orders'])}; all threads; the clock. Seg validates every "
              "cell and digests its inputs; peers trust the data", "and read the columns that they need. *Written* is a file with the key and a nullable Boolean "
              "a segment. Contestants are warm processes,", "but for `seg run`, which is the whole of one.", ""]
    for which in WORKLOADS:
        rows, ours = [], {kind: found.entry(which, "seg", "file", found.threads, kind) for kind in ("file-counts", "file")}
        for who in ("seg", *PEERS):
            cells, memory = [TITLES[who]], "-"
            for kind in ("file-counts", "file"):
                entry = found.entry(which, who, "file", found.threads, kind)
                if entry and ours[kind]:
                    cells += [spread(entry["s"]), f"**{times(middle(entry['s']) / middle(ours[kind]['s']))}**" if who != "seg" else "1"]
                    memory = mib(entry["peak_bytes"]) if "peak_bytes" in entry else memory
                else:
                    cells += ["-", "-"]
            if any(cell != "-" for cell in cells[1:]):
                rows.append([*cells, memory])
        for evaluator, runs in bulk[which]["runs"].items():
            rows.append([f"`seg run --evaluator {evaluator}`", "-", "-", spread(of(runs, "wall_s")), times(middle(of(runs, "wall_s")) / middle(ours["file"]["s"])),
                         mib(max(of(runs, "peak_bytes")))])
        lines += [f"### {spec.Workload(which).title}, from Parquet", "", *table(["", "counted", "", "written", "", "peak memory"], rows)]
        if bulk[which]["runs"]:
            named = [(f"`{name}`", runs) for name, runs in bulk[which]["runs"].items()] + [("`interp`, 1 round", [bulk[which]["interp_once"]])]
            lines += ["`seg run`, rows a second by stage, and seconds of all cores added up:", "", *stages(named)]
    return lines


def stages(named):
    """Rows per second by stage, of trimmed runs."""
    rows = []
    for name, runs in named:
        run = runs[0]
        read, profile = sum(run["rows"].values()), run["customers"]
        cell = lambda count, key: f"{rate(count, middle(of(runs, key)))} ({seconds(1)(middle(of(runs, key)))})" if middle(of(runs, key)) > .0005 else "-"
        rows.append([name, cell(read, "read_s"), cell(read - profile, "group_s"), cell(profile, "evaluate_s"), cell(profile, "write_s"), cell(read, "wall_s")])
    return table(["", "read", "group", "evaluate", "write", "in all"], rows)


def of_memory(found):
    rows = []
    for which in WORKLOADS:
        told = found.parts["bulk"][which]["memory"]
        cells = [spec.Workload(which).title, mib(told["input_bytes"]), mib(told["before_bytes"]), mib(told["peak_bytes"]), f"**{times(found.memory(which))}**"]
        runs = found.parts["bulk"][which]["runs"]
        peak = max(of(runs["auto"], "peak_bytes")) if runs else None
        rows.append([*cells, f"{mib(peak)} ({times(peak / told['input_bytes'])})" if peak else "-"])
    return ["## Memory", "", "*Input* is the columns that Seg has in memory; *before* is the whole process when it has them, with what reading them has left behind; *peak* "
            "the most that it", "has while it evaluates, answers counted and let go; then the peak over the input. `seg run` is the peak of a process that reads the profile piece by "
            "piece.", "", *table(["", "input", "before", "peak", "", "`seg run`"], rows)]


def of_record(found):
    part, rows = found.parts["record"], []
    ours = {kind: found.record(kind, "jit") for kind in ("parsed", "json")}
    for start, said in RECORD.items():
        cells = [said]
        for kind in ("parsed", "json"):
            entry = next((e for e in part["entries"] if e["form"].startswith(start) and e["kind"] in (kind, "value" if kind == "json" else kind)), None)
            if entry:
                cells += [spread([ns / 1e9 for ns in entry["ns"]]), "1" if start == "jit" else f"**{times(middle(entry['ns']) / ours[kind])}**"]
            else:
                cells += ["-", "-"]
        rows.append(cells)
    return ["## One record", "", f"{part['segments']} segments of one customer, on one thread: of a record that is parsed, and of {part['bytes_mean']:.0f} bytes of JSON, on "
            f"average over {part['records']:,} records.", "Seg tells in, out and unknown; the others only who is in. The expression engines are given dates and money as whole numbers, "
            "which suits", "them. Plain Rust is written out from the same specification ([written.rs](../../bench/engines/src/written.rs)).", "", "![one record](record.svg)", "",
            *table(["", "parsed", "", "from JSON", ""], rows)]


def of_compile(found):
    rows = []
    for made in found.parts["compile"]["workloads"]:
        which = made["which"]
        cell = lambda what, state: seconds(middle(found.compiled(which, what, state)))(middle(found.compiled(which, what, state)))
        check = middle([run["check_s"] for run in made["runs"]])
        rows.append([made["title"], seconds(check)(check), cell("masks_s", "warm"), cell("gates_s", "warm"), cell("jit_s", "warm"), cell("jit_s", "cold"), cell("record_s", "warm"), cell("record_s", "cold"),
                     f"{made['runs'][0]['cold']['record_code_bytes'] / 1024:,.0f} KiB"])
    return ["## Compiling", "", "*Sources* is reading and checking the playbook, in a fresh process. *Masks*, *gates* and *machine code* are until "
            "many customers can be decided by that evaluator, what", "all of them need included; `auto` uses gates where a processor has vectors of four words or more. *One record* is the code for records. Cold is the "
            "first time in a process.", "", *table(["", "sources", "masks", "gates", "machine code", "cold", "one record", "cold", "its size"], rows)]


def of_growth(found):
    growth = found.parts["growth"]
    by_segments, by_customers = growth["segments"], growth["customers"]
    lines = ["## Growth", "", f"More segments over {by_segments['customers']:,} customers, on all threads, Seg counting and peers in their best form:", "", "![by segments](segments.svg)", ""]
    rows = [[f"{p['segments']:,} over {p['atoms']:,} conditions", *(spread(e["s"]) if (e := form(p, name)) else "-" for name in GROWN)] for p in by_segments["points"]]
    lines += table(["segments", *GROWN.values()], rows)
    lines += [f"More customers, {by_customers['segments']} segments:", "", "![by customers](customers.svg)", ""]
    rows = [[f"{p['customers']:,}", *(spread(e["s"]) if (e := form(p, name)) else "-" for name in GROWN)] for p in by_customers["points"]]
    return lines + table(["customers", *GROWN.values()], rows)


GROWN = {"gates-counts": "Seg, gates", "jit-counts": "Seg, machine code", "masks-counts": "Seg, masks", "polars": "Polars", "duckdb": "DuckDB", "datafusion": "DataFusion",
         "clickhouse": "ClickHouse", "read": "a plain read"}


def form(point, name):
    return next((e for e in point["entries"] if name in (e["who"] if e["who"] != "seg" else "", e["form"])), None)


def of_examples(found):
    lines = ["## The examples", "", "Real data; `read` is over the rows of all tables. They are small: much of the time is starting up.", ""]
    for name, by_evaluator in found.parts["examples"]["runs"].items():
        run = by_evaluator["jit"][0]
        lines += [f"[{name}](../../examples/{name}): {run['customers']:,} customers, {sum(run['rows'].values()):,} rows.", "",
                  *stages([(f"`{n}`", runs) for n, runs in by_evaluator.items()])]
    return lines


def of_method():
    return [
        "## What is compared", "",
        f"{spec.FLAT} segments over {spec.ATOMS} conditions on the profile, {spec.WINDOWED} more over {spec.AGGREGATES} aggregates of orders in windows, and those "
        "aggregates alone", "([playbooks](../../bench/playbooks)). All contestants are written from one specification ([bench/spec.py](../../bench/spec.py)); no time is taken before "
        "every evaluator", "and every form that is used has given the same answer, in, out or unknown, for every customer and segment.", "",
        "- *In memory*: Seg's evaluators over columns in one process ([bench/src](../../bench/src)), events grouped and in order; peers over tables in the types that suit "
        "them:", "  enums as enums or dictionaries, money as whole pence, orders sorted by customer. They join and group within that time, having no index to keep.",
        "- Peers run in their best form: conditions hoisted by hand, one pass over orders, and whichever of the forms in [sql.py](../../bench/sql.py) and",
        f"  [peer_polars.py](../../bench/peer_polars.py) was fastest over {TRIED:,} customers; the times of the others are in results.json.",
        "- *A plain read* loads every byte of the columns that the segments look at, on as many threads, and does nothing with them: the bandwidth.",
        "- Contestants take turns, round by round; figures are medians, with the least and the most.", "",
    ]


SECTIONS = {"bulk": (of_bulk, of_files, of_memory), "record": (of_record,), "compile": (of_compile,), "growth": (of_growth,), "examples": (of_examples,)}


def text(kept):
    about, parts = kept["machine"], kept["parts"]
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    dates = sorted({part["date"] for part in parts.values()})
    lines = ["# Performance", "", "Written by `cargo xtask bench`, which makes everything again; the runs are in [results.json](results.json). Times are of this",
             "machine on this day; ratios within one run carry over better. Pages of their own: [checking](check.md),",
             "[reading Parquet](read.md), [writing results](write.md), [events larger than memory](larger-than-memory.md), [orders](orders.md),", "[many customers](bulk.md), [one record](record.md).", "",
             f"{' and '.join(dates)}: {about['cpu']}, {about['cores']} cores, {', '.join(about['vector_sets']) or 'no vector sets known'}, {about['memory_gib']} GiB,",
             f"{about['system']}; {versions}.", f"{kept['rounds']} rounds, contestants in turns; load average before the first: {about['load_before']}.", ""]
    if len(dates) > 1:
        lines += ["Measured on: " + ", ".join(f"{name} {part['date']}" for name, part in parts.items()) + ".", ""]
    found = Results(kept)
    lines += of_targets(found)
    for name, sections in SECTIONS.items():
        for section in sections if name in parts else ():
            lines += section(found)
    return lines + of_method()


# Plots.


def drawings(kept):
    found, made = Results(kept), {}
    if "bulk" in found.parts:
        groups = []
        for which, short in zip(WORKLOADS, ("80 flat segments", "100 with orders", "orders alone")):
            ours = middle(found.decided(which, "seg")["s"])
            entries = [(who, entry) for who in ("seg", *PEERS) if (entry := found.decided(which, who))]
            groups.append([(f"{TITLES[who]}, {short}", middle(entry["s"]) / ours, who == "seg") for who, entry in entries])
        made["ratios.svg"] = plots.bars("In memory: time, with Seg's as 1", f"{found.threads} threads; less is better; each step is ten times", groups, times)
    if "record" in found.parts:
        said = lambda form: next(words for start, words in RECORD.items() if form.startswith(start))
        groups = []
        for kind, words in (("parsed", "parsed"), ("json", "JSON")):
            entries = [entry for entry in found.parts["record"]["entries"] if entry["kind"] == kind]
            entries.sort(key=lambda entry: middle(entry["ns"]))
            groups.append([(f"{words}: {said(e['form'])}", middle(e["ns"]), e["form"].startswith(("jit", "interp"))) for e in entries])
        show = lambda ns: seconds(ns / 1e9)(ns / 1e9)
        made["record.svg"] = plots.bars("One record: time for 80 segments", "nanoseconds; less is better; each step is ten times", groups, show)
    if "growth" in found.parts:
        for file, part, key, across, up, scale in (
                ("segments.svg", "segments", "segments", "segments", "nanoseconds a customer", lambda p: 1e9 / found.parts["growth"]["segments"]["customers"]),
                ("customers.svg", "customers", "customers", "customers", "milliseconds", lambda p: 1e3)):
            points = found.parts["growth"][part]["points"]
            series = {said: [(p[key], middle(e["s"]) * scale(p)) for p in points if (e := form(p, name))] for name, said in GROWN.items()}
            made[file] = plots.curves(f"Growth by {across}", across, up, {said: curve for said, curve in series.items() if curve})
    return made


def write(out, kept):
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.json").write_text(json.dumps(kept, indent=1) + "\n")
    (out / "README.md").write_text("\n".join(text(kept)).rstrip() + "\n")
    for name, drawing in drawings(kept).items():
        (out / name).write_text(drawing)
