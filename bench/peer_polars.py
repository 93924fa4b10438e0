"""The segments in Polars, in the forms that are its best: see peer.py for how it is used.

    kleene   atoms hoisted by hand into nullable Boolean columns, combined with & and |, which are three-valued
    split    atoms hoisted into two Boolean columns that are never null, "true" and "false", and each segment twice: plain two-valued
             logic; a segment that cannot be unknown once

Orders are grouped in one pass, with an aggregate for each function, window and category; those older than the longest window are
dropped before.
"""

import decimal
import functools
import json
import operator
import os

import peer

FOLDER, WORK, THREADS, MEMORY = peer.arguments()
os.environ["POLARS_MAX_THREADS"] = str(THREADS)

import numpy as np
import polars as pl

import spec

NAMES, TREES, ATOMS, LEAVES = WORK.names, WORK.trees, WORK.atoms, WORK.leaves
CUSTOMERS = json.loads((FOLDER / "done.json").read_text())["customers"]
ENUMS = {name: pl.Enum(members) for name, members in spec.ENUMS.items()}
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def pence(name):
    return (pl.col(name) * 100).cast(pl.Int64)


def load():
    """Tables in memory: enums as enums, money as whole pence, orders by customer."""
    customers = pl.read_parquet(FOLDER / "customers.parquet").with_columns(
        [pl.col(name).cast(ENUMS[kind]) for name, kind in spec.TYPE.items() if kind in ENUMS]
        + [pence(name) for name, kind in spec.TYPE.items() if kind == "Money"]).rechunk()
    if not WORK.has_orders:
        return customers, None
    orders = pl.read_parquet(FOLDER / "orders.parquet").with_columns(
        pl.col("category").cast(ENUMS["Category"]), pl.col("channel").cast(ENUMS["Channel"]), pence("amount"))
    return customers, orders.sort("customer_id").rechunk().set_sorted("customer_id")


def amount(value):
    """Money in the form that the table has it in."""
    return pl.lit(value, dtype=pl.Int64) if MEMORY else pl.lit(decimal.Decimal(value).scaleb(-2), dtype=pl.Decimal(12, 2))


def literal(column, value):
    kind = spec.TYPE[column]
    if kind == "Money":
        return amount(value)
    return pl.lit(value, dtype={"Int": pl.Int64, "Number": pl.Float64, "Date": pl.Date}[kind])


def instant(days):
    return pl.lit(peer.bounds(days)).dt.replace_time_zone("UTC").cast(pl.Datetime("us", "UTC"))


def members(enum, values):
    return pl.Series(values, dtype=ENUMS[enum] if MEMORY else pl.String)


def condition(atom):
    kind, name = atom[:2]
    if kind == "orders":
        value = pl.col(aggregate_name(atom))
        least = atom[4]
        if atom[1] == "max":
            return value >= amount(least)
        return value.fill_null(0) >= (amount(least) if atom[1] == "sum" else least)
    column = pl.col(name)
    match kind:
        case "suffix":
            return column.str.ends_with(atom[2])
        case "known":
            return column.is_not_null()
        case "missing":
            return column.is_null()
        case "true":
            return column
        case "in" if spec.TYPE[name] in ENUMS:
            return column.is_in(members(spec.TYPE[name], atom[2]).implode())
        case "in":
            return column.is_in(pl.Series(atom[2], dtype=pl.Int64).implode())
        case "recent" | "stale":
            bound = pl.lit(spec.days_ago(atom[2])) if spec.TYPE[name] == "Date" else instant(atom[2])
            return column > bound if kind == "recent" else column <= bound
        case "between":
            return column.is_between(literal(name, atom[2]), literal(name, atom[3]))
        case "compare":
            return COMPARE[atom[2]](column, literal(name, atom[3]))


def aggregate_name(atom):
    return f"{atom[1]}_{atom[2]}_{atom[3]}"


def grouped(orders, masked):
    """One row a customer. `masked`: aggregates over values that a condition blanks, instead of over filtered rows."""
    found = {}
    for _, function, days, category, _ in (a for a in ATOMS if a[0] == "orders"):
        chosen = pl.col("placed_at") > instant(days)
        if category:
            chosen = chosen & (pl.col("category") == members("Category", [category])[0])
        if function in ("count", "any"):
            made = chosen.sum()
        elif masked:
            made = getattr(pl.when(chosen).then(pl.col("amount")), function)()
        else:
            made = getattr(pl.col("amount").filter(chosen), function)()
        found[aggregate_name(("orders", function, days, category))] = made
    return orders.filter(pl.col("placed_at") > instant(365)).group_by("customer_id").agg(**found)


def base(customers, orders, masked):
    if not WORK.has_orders:
        return customers
    if WORK.which == "orders":
        return grouped(orders, masked)
    return customers.join(grouped(orders, masked), on="customer_id", how="left", maintain_order="left")


def is_true(number):
    atom = condition(ATOMS[number])
    return atom.fill_null(False) if spec.can_be_unknown(ATOMS[number]) else atom


def is_false(number):
    return ~(condition(ATOMS[number]).fill_null(True) if spec.can_be_unknown(ATOMS[number]) else condition(ATOMS[number]))


TAKEN = {"true": is_true, "false": is_false, "not_true": lambda n: ~is_true(n), "not_false": lambda n: ~is_false(n)}
OPPOSITE = {"true": "not_true", "not_true": "true", "false": "not_false", "not_false": "false"}


def tree(node, leaf, exchanged=False):
    if node[0] == "leaf":
        return leaf(node)
    combine = operator.and_ if (node[0] == "and") != exchanged else operator.or_
    return functools.reduce(combine, [tree(part, leaf, exchanged) for part in node[1]])


def kleene(rows):
    leaves = [(condition(ATOMS[n]) if mode == "is" else TAKEN[mode](n)).alias(f"{mode}{n}") for n, mode in LEAVES]
    made = [tree(t, lambda leaf: pl.col(f"{leaf[2]}{leaf[1]}")).alias(name) for name, t in zip(NAMES, TREES)]
    return rows.select("customer_id", *leaves).select("customer_id", *made)


def three_valued(node):
    if node[0] == "leaf":
        return node[2] == "is" and spec.can_be_unknown(ATOMS[node[1]])
    return any(map(three_valued, node[1]))


def split(rows):
    columns = {}

    def leaf(node, wanted):
        _, number, mode = node
        taken = wanted if mode == "is" else mode if wanted == "true" else OPPOSITE[mode]
        if not spec.can_be_unknown(ATOMS[number]):
            taken = {"not_false": "true", "not_true": "false"}.get(taken, taken)
        columns[f"{taken}{number}"] = TAKEN[taken](number)
        return pl.col(f"{taken}{number}")

    made = []
    for name, t in zip(NAMES, TREES):
        made.append(tree(t, lambda node: leaf(node, "true")).alias(name))
        if three_valued(t):
            made.append(tree(t, lambda node: leaf(node, "false"), exchanged=True).alias(f"{name} out"))
    return rows.select("customer_id", **columns).select("customer_id", *made)


def joined(rows):
    """Split answers as one nullable Boolean a segment."""
    has = set(rows.collect_schema().names())
    return rows.select("customer_id", *[
        pl.when(pl.col(name) | pl.col(f"{name} out")).then(pl.col(name)).alias(name) if f"{name} out" in has else pl.col(name)
        for name in NAMES])


def counted(rows):
    unknown = [pl.col(name).null_count().alias(f"{name} unknown") for name in NAMES]
    return rows.select(*[pl.col(name).sum() for name in NAMES], *unknown, pl.len().alias("rows"))


def counted_split(rows):
    return rows.select(pl.all().exclude("customer_id").sum(), pl.len().alias("rows"))


def codes_of_counts(frame):
    row = frame.row(0, named=True)
    if f"{NAMES[0]} unknown" in row:
        unknown = [row[f"{n} unknown"] for n in NAMES]
    else:
        unknown = [row["rows"] - row[n] - row[f"{n} out"] if f"{n} out" in row else 0 for n in NAMES]
    # Customers without a group, where groups were not joined to customers.
    without = CUSTOMERS - row["rows"]
    unknown = [count + (without if three_valued(tree) else 0) for count, tree in zip(unknown, TREES)]
    return np.array([[row[n] for n in NAMES], unknown], dtype=np.int64)


def codes_of_columns(frame):
    frame = frame.sort("customer_id")
    if any(name.endswith(" out") for name in frame.columns):
        frame = joined(frame.lazy()).collect()
    return np.stack([peer.code(frame[name].to_arrow()) for name in NAMES])


def forms():
    found = {}
    if MEMORY:
        customers, orders = load()
        sources = lambda masked: base(customers.lazy(), orders.lazy() if orders is not None else None, masked)
    else:
        sources = lambda masked: base(pl.scan_parquet(FOLDER / "customers.parquet"), pl.scan_parquet(FOLDER / "orders.parquet"), masked)
    for masked in (False, True) if WORK.has_orders else (True,):
        for engine in ("in-memory", "streaming"):
            end = f"{'' if not WORK.has_orders else '-masked' if masked else '-filtered'}-{engine}"
            for logic, decide, count in (("kleene", kleene, counted), ("split", split, counted_split)):
                query = decide(sources(masked))
                run = lambda out, q=count(query), e=engine: q.collect(engine=e)
                found[f"{logic}-counts{end}"] = ("counts" if MEMORY else "file-counts", run, codes_of_counts)
                if WORK.which == "orders":
                    continue
                if MEMORY:
                    run = lambda out, q=query, e=engine: q.collect(engine=e)
                    found[f"{logic}{end}"] = ("columns", run, codes_of_columns)
                else:
                    query = query if logic == "kleene" else joined(query)
                    run = lambda out, q=query, e=engine: q.sink_parquet(out) if e == "streaming" else q.collect().write_parquet(out)
                    found[f"{logic}{end}"] = ("file", run, None)
    return found


peer.serve(forms())
