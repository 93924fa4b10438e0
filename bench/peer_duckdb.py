"""The segments in DuckDB, in the forms that are its best: see peer.py for how it is used.

    codes    atoms as small integers, hoisted: 3 true, 2 unknown, 0 false, so that `&` and `|` of integers are three-valued and and or;
             the engine then needs no selection vectors. With and without the atoms materialised
    plain    atoms hoisted as Booleans, combined with AND and OR

Orders are grouped in one pass, with an aggregate for each function, window and category; those older than the longest window are
dropped before.
"""

import duckdb
import numpy as np

import peer
import spec

FOLDER, WHICH, THREADS, MEMORY = peer.arguments()
NAMES, TREES = spec.wanted(WHICH)
ATOMS = spec.specification()[0]
LEAVES = spec.leaves(TREES)


def load(db):
    """Tables in memory: enums as enums, orders by customer; money is DECIMAL, which DuckDB keeps as 64-bit integers."""
    for name, members in spec.ENUMS.items():
        db.execute(f"CREATE TYPE {name} AS ENUM ({', '.join(map(repr, members))})").fetchall()
    columns = [f"{name}::{kind} AS {name}" if kind in spec.ENUMS else name for name, kind in spec.TYPE.items()]
    db.execute(f"CREATE TABLE customers AS SELECT {', '.join(columns)} FROM '{FOLDER / 'customers.parquet'}'").fetchall()
    if WHICH == "all":
        db.execute("CREATE TABLE orders AS SELECT * REPLACE (category::Category AS category, channel::Channel AS channel) "
                   f"FROM '{FOLDER / 'orders.parquet'}' ORDER BY customer_id").fetchall()


def table(name):
    return name if MEMORY else f"'{FOLDER / name}.parquet'"


def money(pence):
    return f"{pence / 100:.2f}::DECIMAL(12, 2)"


def literal(column, value):
    match spec.TYPE[column]:
        case "Money":
            return money(value)
        case "Number":
            return f"{value!r}::DOUBLE"
        case "Date":
            return f"DATE '{value}'"
        case "Int":
            return f"{value}::BIGINT"


def instant(days):
    return f"TIMESTAMPTZ '{peer.bounds(days)}+00'"


def condition(atom):
    kind, column = atom[:2]
    if kind == "orders":
        bound = money(atom[4]) if atom[1] in ("sum", "max") else str(atom[4])
        name = aggregate_name(atom)
        return f"({name} >= {bound})" if atom[1] == "max" else f"(coalesce({name}, 0) >= {bound})"
    match kind:
        case "suffix":
            return f"suffix({column}, '{atom[2]}')"
        case "known" | "missing":
            return f"({column} IS {'NOT ' if kind == 'known' else ''}NULL)"
        case "true":
            return column
        case "in":
            values = map(repr, atom[2]) if spec.TYPE[column] in spec.ENUMS else (f"{v}::BIGINT" for v in atom[2])
            return f"({column} IN ({', '.join(values)}))"
        case "recent" | "stale":
            bound = f"DATE '{spec.days_ago(atom[2])}'" if spec.TYPE[column] == "Date" else instant(atom[2])
            return f"({column} {'>' if kind == 'recent' else '<='} {bound})"
        case "between":
            return f"({column} BETWEEN {literal(column, atom[2])} AND {literal(column, atom[3])})"
        case "compare":
            return f"({column} {atom[2]} {literal(column, atom[3])})"


def aggregate_name(atom):
    return f"{atom[1]}_{atom[2]}_{atom[3]}"


def rows(masked):
    """What the atoms are over. `masked`: aggregates over values that a CASE blanks, instead of with a FILTER."""
    if WHICH == "flat":
        return table("customers")
    made = {}
    for _, function, days, category, _ in (a for a in ATOMS if a[0] == "orders"):
        chosen = f"placed_at > {instant(days)}" + (f" AND category = '{category}'" if category else "")
        if function in ("count", "any"):
            aggregate = f"sum(({chosen})::INTEGER)" if masked else f"count(*) FILTER (WHERE {chosen})"
        elif masked:
            aggregate = f"{function}(CASE WHEN {chosen} THEN amount END)"
        else:
            aggregate = f"{function}(amount) FILTER (WHERE {chosen})"
        made[aggregate_name(("orders", function, days, category))] = aggregate
    columns = ", ".join(f"{made[name]} AS {name}" for name in made)
    grouped = f"SELECT customer_id, {columns} FROM {table('orders')} WHERE placed_at > {instant(365)} GROUP BY customer_id"
    return f"(SELECT * FROM {table('customers')} LEFT JOIN ({grouped}) USING (customer_id))"


def coded(number, mode):
    atom, unknown = condition(ATOMS[number]), spec.can_be_unknown(ATOMS[number])
    taken = {"is": atom, "true": f"coalesce({atom}, false)", "not_true": f"(NOT coalesce({atom}, false))",
             "false": f"(NOT coalesce({atom}, true))", "not_false": f"coalesce({atom}, true)"}[mode]
    code = f"{taken}::UTINYINT * 3::UTINYINT"
    return f"coalesce({code}, 2::UTINYINT)" if unknown and mode == "is" else code


def plain(number, mode):
    atom = condition(ATOMS[number])
    return {"is": atom, "true": f"({atom} IS TRUE)", "not_true": f"({atom} IS NOT TRUE)", "false": f"({atom} IS FALSE)",
            "not_false": f"({atom} IS NOT FALSE)"}[mode]


def tree(node, connectives):
    if node[0] == "leaf":
        return f"{node[2]}{node[1]}_"
    return "(" + f" {connectives[node[0]]} ".join(tree(part, connectives) for part in node[1]) + ")"


def query(logic, masked, materialised, output):
    leaf, connectives = (plain, {"and": "AND", "or": "OR"}) if logic == "plain" else (coded, {"and": "&", "or": "|"})
    leaves = ", ".join(f"{leaf(n, mode)} AS {mode}{n}_" for n, mode in LEAVES)
    made = [(name, tree(t, connectives)) for name, t in zip(NAMES, TREES)]
    if output == "counts" and logic == "plain":
        columns = ", ".join(f"count_if({e}), count(*) - count({e})" for _, e in made)
    elif output == "counts":
        # Of codes 3, 2 and 0, the sum and the sum of the lowest bits say how many there are of each.
        columns = ", ".join(f"sum({e} & 1::UTINYINT), (sum({e}) - 3 * sum({e} & 1::UTINYINT)) // 2" for _, e in made)
    elif output == "file" and logic == "codes":
        columns = "customer_id, " + ", ".join(f"nullif({e}, 2::UTINYINT)::BOOLEAN AS {name}" for name, e in made)
    else:
        columns = "customer_id, " + ", ".join(f"{e} AS {name}" for name, e in made)
    how = "MATERIALIZED" if materialised else "NOT MATERIALIZED"
    return f"WITH atoms AS {how} (SELECT customer_id, {leaves} FROM {rows(masked)}) SELECT {columns} FROM atoms"


def codes_of_counts(row):
    return np.array([row[0::2], row[1::2]], dtype=np.int64)


def codes_of_columns(made):
    made = made.sort_by("customer_id")
    if str(made.schema.field(NAMES[0]).type) == "bool":
        return np.stack([peer.code(made[name]) for name in NAMES])
    return np.array([0, 9, 2, 1], dtype=np.uint8)[np.stack([made[name].to_numpy() for name in NAMES])]


def forms():
    db = duckdb.connect(config={"threads": THREADS})
    db.execute("SET TimeZone = 'UTC'").fetchall()
    if MEMORY:
        load(db)
    found = {}
    for masked in (True,) if WHICH == "flat" else (False, True):
        for logic, materialised in (("codes", False), ("codes", True), ("plain", False)):
            end = ("" if WHICH == "flat" else "-masked" if masked else "-filtered") + ("-materialised" if materialised else "")
            sql = lambda output: query(logic, masked, materialised, output)
            if MEMORY:
                found[f"{logic}{end}"] = ("columns", lambda out, q=sql("columns"): db.sql(q).to_arrow_table(), codes_of_columns)
                run = lambda out, q=sql("counts"): db.execute(q).fetchall()[0]
                found[f"{logic}-counts{end}"] = ("counts", run, codes_of_counts)
            else:
                found[f"{logic}{end}"] = ("file", lambda out, q=sql("file"): db.execute(f"COPY ({q}) TO '{out}' (FORMAT parquet)").fetchall(), None)
    return found


peer.serve(forms())
