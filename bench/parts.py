"""What is measured, part by part: who takes part, that all decide alike, and the times, taken in rounds in which everybody has a turn.
Gives plain results; report.py says what follows from them."""

import contextlib
import functools
import importlib.util
import json
import pathlib
import subprocess

import numpy as np

import expressions
import generate
import playbooks
import spec
from report import TRIED
from contestants import CannotDo, Contestant, Failed, codes_of_file, peer, same, seg, seg_run, tables

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
EVALUATORS = ["gates", "jit", "masks", "interp"]
EXAMPLES = ["complete-journey", "hillstrom"]
PEERS = ["polars", "duckdb", "datafusion", "clickhouse"]
# Kinds of forms that decide nothing.
UNDECIDED = ("read", "value")
QUICK = 20_000
# So many that no branch predictor learns them by heart.
RECORDS = 10_000
# Customers over whom growth by segments is measured, and how far peers go with it: their queries become long.
GROWTH_CUSTOMERS, PEERS_SEGMENTS_MAX = 200_000, 1_000
# Up to so many customers everybody is compared customer by customer; beyond, only by counts, and not everybody fits into memory at once.
COMPARED_MAX = 1_000_000
COMPILED = [100, 2_000, 10_000]
SIZES = [100_000, 300_000, 1_000_000, 3_000_000, 10_000_000]


class Bench:
    def __init__(self, options, say):
        self.options, self.say = options, say
        self.rounds = options.rounds
        self.peers = [name for name in PEERS if name != "clickhouse" or importlib.util.find_spec("chdb")]
        if "clickhouse" not in self.peers:
            say("ClickHouse is left out: the package chdb is not installed")

    def data(self, customers, with_orders=True):
        """The folder of so many customers, and what was generated."""
        folder = self.options.data / f"{customers}"
        return folder, generate.generate(customers, folder, with_orders=with_orders)

    def playbook(self, which):
        if which in playbooks.KEPT:
            return HERE / "playbooks" / which
        folder = self.options.data / "playbooks" / which
        playbooks.write(spec.Workload(which), folder)
        return folder

    def seg(self, how, folder, which, threads):
        return seg(self.options.bench, how, self.playbook(which), folder, which, threads)

    def seg_run(self, folder, which, evaluator, keep=None):
        return seg_run(self.options.seg, self.playbook(which), tables(folder, which), evaluator, self.options.threads, keep)

    def in_turns(self, turns, what, rounds=None):
        """Takes the times: `turns` are (where to add it, what to do)."""
        rounds = rounds or self.rounds
        for number in range(rounds):
            for times, act in turns:
                times.append(act())
            self.say(f"{what}: round {number + 1} of {rounds}")

    # Answers.

    def expected(self, folder, which, evaluators=EVALUATORS):
        """The codes that all evaluators agree on, and a summary by evaluator."""
        kept, summaries, expected = folder / "answers.parquet", {}, None
        names = spec.Workload(which).names
        for evaluator in evaluators:
            summaries[evaluator] = self.seg_run(folder, which, evaluator, kept)
            codes = codes_of_file(kept)
            kept.unlink()
            expected = codes if expected is None else expected
            same(f"{which}: --evaluator {evaluator}", expected, codes, names)
        self.say(f"{which}: {expected.shape[0]} segments, {expected.shape[1]:,} customers: {', '.join(evaluators)} agree")
        return expected, summaries

    def agreed(self, contestant, expected, which, forms=None):
        """That every form decides as expected; how long each took, by kind."""
        tried = {}
        for form, kind in (forms or contestant.forms).items():
            if kind in UNDECIDED:
                tried.setdefault(kind, {})[form] = None
                continue
            try:
                got, told = contestant.answers(form)
            except CannotDo as problem:
                self.say(f"{which}: {contestant.name}: `{form}` is left out, the engine cannot do it: {problem}")
                continue
            same(f"{which}: {contestant.name}, {form}", expected, got, spec.Workload(which).names)
            tried.setdefault(kind, {})[form] = told["s"]
        wanted = {kind for form, kind in (forms or contestant.forms).items()}
        if wanted - set(tried):
            raise Failed(f"{contestant.name} can do nothing of the kind {', '.join(wanted - set(tried))}")
        agreed = sum(len(forms) for kind, forms in tried.items() if kind not in UNDECIDED)
        self.say(f"{which}: {contestant.name}: {agreed} forms agree")
        return tried

    def quick(self):
        """Answers of everybody, over a few customers."""
        folder, _ = self.data(QUICK)
        for which in ("flat", "all", "orders"):
            expected, _ = self.expected(folder, which)
            for engine in self.peers:
                for memory in (True, False):
                    with peer(engine, folder, which, self.options.threads, memory) as contestant:
                        self.agreed(contestant, expected, which)
            for how in ("memory", "file"):
                with self.seg(how, folder, which, self.options.threads) as contestant:
                    self.agreed(contestant, expected, which)
            if which == "flat":
                with contextlib.ExitStack() as stack:
                    self.record_contestants(stack, folder, expected)

    # Many customers.

    def bulk(self):
        folder, told = self.data(self.options.customers)
        return {"data": told, "threads": self.options.threads, **{which: self.workload(folder, which) for which in ("flat", "all", "orders")}}

    def workload(self, folder, which):
        best = self.best_forms(which)
        expected, first = self.expected(folder, which)
        entries, turns = [], []
        with contextlib.ExitStack() as stack:

            def enter(contestant, where, threads, forms, tried=None):
                """Takes part with these forms, once they have decided as expected."""
                self.agreed(contestant, expected, which, forms)
                for form, kind in forms.items():
                    made = {"who": contestant.name.split()[0], "where": where, "threads": threads, "kind": kind, "form": form, "tried_s": tried, "s": []}
                    entries.append(made)
                    turns.append((made["s"], lambda f=form: contestant.time(f)))

            about = {}
            for how, threads in (("memory", self.options.threads), ("memory", 1), ("file", self.options.threads)):
                contestant = stack.enter_context(self.seg(how, folder, which, threads))
                about |= contestant.about
                enter(contestant, how, threads, contestant.forms)
            for engine in self.peers:
                for where, threads in (("memory", self.options.threads), ("memory", 1), ("file", self.options.threads)):
                    contestant = stack.enter_context(peer(engine, folder, which, threads, where == "memory"))
                    enter(contestant, where, threads, *best[engine, where])
            runs = {} if which == "orders" else {evaluator: [] for evaluator in ("auto", "jit", "masks")}
            turns += [(times, lambda e=evaluator: trimmed(self.seg_run(folder, which, e))) for evaluator, times in runs.items()]
            self.in_turns(turns, which)
        with self.seg("memory", folder, which, self.options.threads) as fresh:
            memory = fresh.ask("memory", "gates-counts") | fresh.about
        for made in entries:
            if made["kind"] == "file" and made["who"] != "seg":
                with peer(made["who"], folder, which, self.options.threads, False) as fresh:
                    told = fresh.answers(made["form"])[1]
                    made |= {"peak_bytes": told["peak_bytes"], "bytes_written": told["bytes_written"]}
        return {"about": about, "entries": entries, "memory": memory, "runs": runs, "interp_once": trimmed(first["interp"])}

    @functools.cache
    def best_forms(self, which):
        """By engine and place, its best forms as {form: kind}, and how long all that were tried took: over fewer customers, all of which
        every form decides as expected. In memory the faster of deciding into tables and of counting; from files both."""
        folder, _ = self.data(min(TRIED, self.options.customers))
        expected, _ = self.expected(folder, which, ["gates"])
        found = {}
        for engine in self.peers:
            for where in ("memory", "file"):
                with peer(engine, folder, which, self.options.threads, where == "memory") as contestant:
                    tried = self.agreed(contestant, expected, which)
                    for form in (form for forms in tried.values() for form in forms):
                        kind = contestant.forms[form]
                        # Again, since the first time is cold.
                        tried[kind][form] = min(tried[kind][form], contestant.time(form), contestant.time(form))
                fastest = [(min(forms.values()), min(forms, key=forms.get), kind) for kind, forms in tried.items()]
                taken = [min(fastest)] if where == "memory" else fastest
                found[engine, where] = {form: kind for _, form, kind in taken}, tried
        return found

    # Growth.

    def growth(self):
        return {"segments": self.by_segments(), "customers": self.by_customers()}

    def by_segments(self):
        """More and more segments over the same customers, by Seg and, as far as they go, by Polars and DuckDB."""
        folder, _ = self.data(GROWTH_CUSTOMERS, False)
        found = []
        for count, atoms in spec.GROWTH.items():
            which = f"flat-{count}"
            with contextlib.ExitStack() as stack:
                turns = self.growing(stack, folder, which, None, PEERS if count <= PEERS_SEGMENTS_MAX else [], count <= 100)
                self.in_turns([(made["s"], act) for made, act in turns], which, min(self.rounds, 3))
            found.append({"segments": count, "atoms": atoms, "entries": [made for made, _ in turns]})
        return {"customers": GROWTH_CUSTOMERS, "points": found}

    def by_customers(self):
        """The 80 segments over more and more customers."""
        found = []
        for count in (size for size in SIZES if size <= self.options.customers_max):
            folder, _ = self.data(count, False)
            few = count <= COMPARED_MAX
            expected = self.expected(folder, "flat", ["gates"])[0] if few else None
            with contextlib.ExitStack() as stack:
                turns = self.growing(stack, folder, "flat", expected, PEERS, few)
                self.in_turns([(made["s"], act) for made, act in turns], f"{count:,} customers", min(self.rounds, 3))
            found.append({"customers": count, "entries": [made for made, _ in turns]})
        return {"segments": spec.FLAT, "points": found}

    def growing(self, stack, folder, which, expected, wanted, all_peers):
        """Seg's forms that count, a plain read, and the best form of each peer; DataFusion and ClickHouse only where asked for. Where nobody
        knows what is expected, it is what masks count: so many answers are too many to keep, and the interpreter takes minutes."""
        forms = {"seg": {"gates-counts": "counts", "jit-counts": "counts", "masks-counts": "counts", "read": "read"}}
        forms |= {engine: self.best_forms("flat")[engine, "memory"][0] for engine in self.peers}
        turns = []
        for who in ["seg", *(name for name in self.peers if name in wanted and (all_peers or name in ("polars", "duckdb")))]:
            open_one = self.seg("memory", folder, which, self.options.threads) if who == "seg" else peer(who, folder, which, self.options.threads, True)
            contestant = stack.enter_context(open_one)
            expected = contestant.answers("masks-counts")[0] if expected is None else expected
            self.agreed(contestant, expected, which, forms[who])
            for form, kind in forms[who].items():
                made = {"who": who, "kind": kind, "form": form, "s": []}
                turns.append((made, lambda c=contestant, f=form: c.time(f)))
        return turns

    # Compiling.

    def compile(self):
        """From sources to machine code, in a fresh process a round."""
        found = []
        for which in [*(f"flat-{count}" for count in COMPILED), "flat", "all"]:
            runs = []
            for _ in range(min(self.rounds, 3)):
                command = [self.options.bench, "compile", self.playbook(which), "5"]
                done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
                if done.returncode != 0:
                    raise Failed(f"compiling {which}: {done.stderr.strip()}")
                runs.append(json.loads(done.stdout))
            self.say(f"compiled {which}")
            found.append({"which": which, "title": spec.Workload(which).title, "runs": runs})
        return {"workloads": found}

    # One record.

    def record(self):
        folder, _ = self.data(QUICK)
        expected, _ = self.expected(folder, "flat", ["gates"])
        with contextlib.ExitStack() as stack:
            taking_part = self.record_contestants(stack, folder, expected)
            entries = [{"who": contestant.name, "form": form, "kind": kind, "ns": []}
                       for contestant in taking_part for form, kind in contestant.forms.items()]
            owner = {form: contestant for contestant in taking_part for form in contestant.forms}
            time = lambda form: owner[form].time(form) * 1e9 / RECORDS
            self.in_turns([(made["ns"], lambda f=made["form"]: time(f)) for made in entries], "records")
            sizes = [len(line) for line in (folder / "texts.ndjson").read_bytes().splitlines()]
        return {"records": RECORDS, "bytes_mean": sum(sizes) / len(sizes), "segments": spec.FLAT, "entries": entries}

    def record_contestants(self, stack, folder, expected):
        """Everybody who decides one record, having decided as expected: who is in."""
        work = spec.Workload("flat")
        texts, numbers = expressions.records(folder / "customers.parquet", RECORDS)
        for name, text in (("texts.ndjson", texts), ("numbers.ndjson", numbers), ("expressions.json", json.dumps(expressions.expressions(work)))):
            (folder / name).write_text(text)
        inside = (expected[:, :RECORDS] == 1).astype(np.uint8)
        commands = {"seg": [self.options.bench, "record", self.playbook("flat"), folder / "texts.ndjson"],
                    "engines": [self.options.engines, *(folder / name for name in ("expressions.json", "numbers.ndjson", "texts.ndjson"))]}
        taking_part = [stack.enter_context(Contestant(name, command)) for name, command in commands.items()]
        for contestant in taking_part:
            self.agreed(contestant, inside, "flat")
        return taking_part

    # The examples.

    def examples(self):
        results = {name: {evaluator: [] for evaluator in EVALUATORS} for name in EXAMPLES}

        def run(name, evaluator):
            return seg_run(self.options.seg, ROOT / "examples" / name, [], evaluator, self.options.threads)

        turns = [(runs, lambda n=name, e=evaluator: run(n, e)) for name, by in results.items() for evaluator, runs in by.items()]
        self.in_turns(turns, "examples", min(self.rounds, 3))
        for name, by_evaluator in results.items():
            decided = [[(s["in"], s["out"], s["unknown"]) for s in runs[0]["segments"]] for runs in by_evaluator.values()]
            if any(counts != decided[0] for counts in decided):
                raise Failed(f"{name}: the evaluators count differently")
        return {"runs": {name: {e: [trimmed(run) for run in runs] for e, runs in by.items()} for name, by in results.items()}}


def trimmed(run):
    """What is worth keeping of a summary."""
    return {"wall_s": run["wall_s"], **run["elapsed"], "peak_bytes": run["peak_bytes"], "bytes_written": run["bytes_written"],
            "customers": run["customers"], "rows": {s["table"]: s["rows"] for s in run["sources"]}}
