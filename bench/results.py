"""What results.json says, looked up: medians, best forms, and how the targets stand. Takes no time and writes nothing."""

import pathlib
import statistics
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
SQL = ("duckdb", "datafusion", "clickhouse")


def middle(values):
    return statistics.median(values)


class Results:
    def __init__(self, kept):
        self.parts = kept["parts"]

    def entry(self, which, who, where, threads, *kinds):
        """The fastest of a contestant's entries of these kinds; Seg's are those of gates, which `auto` uses, and of machine code."""
        entries = self.parts["bulk"][which]["entries"]
        found = [e for e in entries if (e["who"], e["where"], e["threads"]) == (who, where, threads) and e["kind"] in kinds
                 and not e["form"].startswith(("masks", "interp"))]
        return min(found, key=lambda e: middle(e["s"]), default=None)

    @property
    def threads(self):
        return self.parts["bulk"]["threads"]

    def decided(self, which, who, threads=None):
        """The faster of deciding into tables in memory and of counting only."""
        return self.entry(which, who, "memory", threads or self.threads, "columns", "counts")

    def against(self, which, whom, where="memory", *kinds):
        """How many times as long as Seg the fastest of some peers takes."""
        kinds = kinds or ("columns", "counts")
        found = [self.entry(which, who, where, self.threads, *kinds) for who in whom]
        best = min(middle(e["s"]) for e in found if e)
        return best / middle(self.entry(which, "seg", where, self.threads, *kinds)["s"])

    def read(self, which, threads):
        return self.entry(which, "seg", "memory", threads, "read")

    def share(self, which, threads):
        """Of the time that a plain read of the same columns takes."""
        return middle(self.read(which, threads)["s"]) / middle(self.decided(which, "seg", threads)["s"])

    def record(self, kind, *starts):
        """The fastest form, in nanoseconds."""
        found = [e for e in self.parts["record"]["entries"] if e["kind"] == kind and e["form"].startswith(starts)]
        return min(middle(e["ns"]) for e in found)

    def compiled(self, which, what, state="warm"):
        """Seconds, of all processes."""
        runs = next(made["runs"] for made in self.parts["compile"]["workloads"] if made["which"] == which)
        return [one[what] for run in runs for one in (run["warm"] if state == "warm" else [run["cold"]])]

    def jit_ms(self, which):
        """Machine code alone: less what is planned before either evaluator can begin."""
        return 1000 * (middle(self.compiled(which, "jit_s")) - middle(self.compiled(which, "masks_s")))

    def growth(self, segments):
        point = next(p for p in self.parts["growth"]["segments"]["points"] if p["segments"] == segments)
        return middle(next(e["s"] for e in point["entries"] if e["form"] == "gates-counts"))

    def memory(self, which):
        """The most memory of a process that has the input in memory and counts, over the input's size."""
        told = self.parts["bulk"][which]["memory"]
        return told["peak_bytes"] / told["input_bytes"]

    def reached(self, key):
        """What a target's figure is; none where it was not measured."""
        found = {
            "bandwidth": lambda: self.share("flat", self.threads),
            "polars": lambda: self.against("flat", ["polars"]),
            "duckdb": lambda: self.against("flat", ["duckdb"]),
            "with-orders": lambda: self.against("all", SQL),
            "orders": lambda: self.against("orders", ["duckdb"]),
            "parquet": lambda: self.against("flat", ["polars"], "file", "file-counts"),
            "record-cel": lambda: self.record("parsed", "cel") / self.record("parsed", "jit"),
            "record-datalogic": lambda: self.record("parsed", "datalogic") / self.record("parsed", "jit"),
            "record-json": lambda: self.record("json", "plain") / self.record("json", "jit"),
            "jit-100": lambda: self.jit_ms("flat-100"),
            "jit-2000": lambda: self.jit_ms("flat-2000"),
            "growth": lambda: self.growth(10_000) / self.growth(100),
            "memory": lambda: max(self.memory(which) for which in ("flat", "all")),
        }.get(key)
        try:
            return found() if found else None
        except KeyError:
            return None


def targets():
    return tomllib.loads((HERE / "targets.toml").read_text())["target"]


def holds(target, reached):
    return reached >= target["wanted"] if target["better"] == "more" else reached <= target["wanted"]
