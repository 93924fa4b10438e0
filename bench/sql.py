"""The segments in SQL, in the forms that are the engines' best; peer_duckdb.py, peer_datafusion.py and peer_clickhouse.py say what is
different in theirs. See peer.py for how they are used.

    codes    atoms as small integers, hoisted: 3 true, 2 unknown, 0 false, so that `&` and `|` of integers are three-valued and and or;
             the engine then needs no selection vectors and no validity
    plain    atoms hoisted as Booleans, combined with AND and OR

Orders are grouped in one pass, with an aggregate for each function, window and category; those older than the longest window are
dropped before. Where orders alone are asked for, groups are not joined to customers: customers without a group are counted afterwards.
"""

import json

import numpy as np

import peer
import spec


class Dialect:
    """What engines say differently; here as most do."""

    LOGICS = ("codes", "plain")
    # Ways to choose the rows of an aggregate.
    MASKED = (False, True)
    MATERIALISED = (False,)
    AND, OR = " & ", " | "
    BYTE = "TINYINT"
    HALVED = "/"

    def __init__(self, folder, work, memory):
        self.folder, self.work, self.memory = folder, work, memory
        self.customers = json.loads((folder / "done.json").read_text())["customers"]

    # Words.

    def table(self, name):
        return name if self.memory else f"'{self.folder / name}.parquet'"

    def money(self, pence):
        """Money in the form that the table has it in."""
        return f"{pence / 100:.2f}::DECIMAL(12, 2)"

    def date(self, day):
        return f"DATE '{day}'"

    def instant(self, days):
        return f"TIMESTAMPTZ '{peer.bounds(days)}+00'"

    def whole(self, number):
        return f"{number}::BIGINT"

    def real(self, number):
        return f"{number!r}::DOUBLE"

    def byte(self, number):
        return f"{number}::{self.BYTE}"

    def suffix(self, column, end):
        return f"ends_with({column}, '{end}')"

    def count_if(self, condition):
        return f"count(*) FILTER (WHERE {condition})"

    def count_missing(self, value):
        return f"count(*) - count({value})"

    def code(self, atom):
        return f"{atom}::{self.BYTE} * {self.byte(3)}"

    def combined(self, connective, parts):
        """Codes or Booleans, combined."""
        return "(" + connective.join(parts) + ")"

    def aggregate(self, function, chosen, masked):
        if function in ("count", "any"):
            return f"sum(CASE WHEN {chosen} THEN 1 ELSE 0 END)" if masked else f"count(*) FILTER (WHERE {chosen})"
        return f"{function}(CASE WHEN {chosen} THEN amount END)" if masked else f"{function}(amount) FILTER (WHERE {chosen})"

    def hoisted(self, leaves, rows, materialised):
        """What comes before the SELECT over atoms, and the name of their table."""
        how = "MATERIALIZED" if materialised else "NOT MATERIALIZED"
        return f"WITH atoms AS {how} (SELECT {leaves} FROM {rows}) ", "atoms"

    # Conditions.

    def literal(self, column, value):
        match spec.TYPE[column]:
            case "Money":
                return self.money(value)
            case "Number":
                return self.real(value)
            case "Date":
                return self.date(value)
            case "Int":
                return self.whole(value)

    def condition(self, atom):
        kind, column = atom[:2]
        if kind == "orders":
            bound = self.money(atom[4]) if atom[1] in ("sum", "max") else str(atom[4])
            name = aggregate_name(atom)
            return f"({name} >= {bound})" if atom[1] == "max" or self.work.which == "orders" and atom[1] != "sum" else f"(coalesce({name}, 0) >= {bound})"
        match kind:
            case "suffix":
                return self.suffix(column, atom[2])
            case "known" | "missing":
                return f"({column} IS {'NOT ' if kind == 'known' else ''}NULL)"
            case "true":
                return column
            case "in":
                values = map(repr, atom[2]) if spec.TYPE[column] in spec.ENUMS else map(self.whole, atom[2])
                return f"({column} IN ({', '.join(values)}))"
            case "recent" | "stale":
                bound = self.date(spec.days_ago(atom[2])) if spec.TYPE[column] == "Date" else self.instant(atom[2])
                return f"({column} {'>' if kind == 'recent' else '<='} {bound})"
            case "between":
                return f"({column} BETWEEN {self.literal(column, atom[2])} AND {self.literal(column, atom[3])})"
            case "compare":
                return f"({column} {atom[2]} {self.literal(column, atom[3])})"

    def coded(self, number, mode):
        atom, unknown = self.condition(self.work.atoms[number]), spec.can_be_unknown(self.work.atoms[number])
        taken = {"is": atom, "true": f"coalesce({atom}, false)", "not_true": f"(NOT coalesce({atom}, false))",
                 "false": f"(NOT coalesce({atom}, true))", "not_false": f"coalesce({atom}, true)"}[mode]
        code = self.code(taken)
        return f"coalesce({code}, {self.byte(2)})" if unknown and mode == "is" else code

    def plain(self, number, mode):
        atom = self.condition(self.work.atoms[number])
        return {"is": atom, "true": f"({atom} IS TRUE)", "not_true": f"({atom} IS NOT TRUE)", "false": f"({atom} IS FALSE)",
                "not_false": f"({atom} IS NOT FALSE)"}[mode]

    # Queries.

    def rows(self, masked):
        """What the atoms are over. `masked`: aggregates over values that a CASE blanks, instead of with a FILTER."""
        if not self.work.has_orders:
            return self.table("customers")
        made = {}
        for _, function, days, category, _ in (a for a in self.work.atoms if a[0] == "orders"):
            chosen = f"placed_at > {self.instant(days)}" + (f" AND category = '{category}'" if category else "")
            made[aggregate_name(("orders", function, days, category))] = self.aggregate(function, chosen, masked)
        columns = ", ".join(f"{made[name]} AS {name}" for name in made)
        grouped = f"(SELECT customer_id, {columns} FROM {self.table('orders')} WHERE placed_at > {self.instant(365)} GROUP BY customer_id)"
        return f"{grouped} AS grouped" if self.work.which == "orders" else self.joined(grouped, list(made))

    def joined(self, grouped, names):
        columns = ", ".join(f"customers.{name}" for name in spec.TYPE)
        return (f"(SELECT {columns}, {', '.join(f'grouped.{name}' for name in names)} FROM {self.table('customers')} AS customers "
                f"LEFT JOIN {grouped} AS grouped ON customers.customer_id = grouped.customer_id) AS joined")

    def tree(self, node, leaf, connectives):
        if node[0] == "leaf":
            return leaf(node[1], node[2])
        return self.combined(connectives[node[0]], [self.tree(part, leaf, connectives) for part in node[1]])

    def query(self, logic, masked, materialised, output):
        leaf = self.coded if logic == "codes" else self.plain
        connectives = {"and": self.AND, "or": self.OR} if logic == "codes" else {"and": " AND ", "or": " OR "}
        leaves = ", ".join(f"{leaf(n, mode)} AS {mode}{n}_" for n, mode in self.work.leaves)
        head, table = self.hoisted(f"customer_id, {leaves}", self.rows(masked), materialised)
        named = lambda number, mode: f"{mode}{number}_"
        made = [(name, self.tree(tree, named, connectives)) for name, tree in zip(self.work.names, self.work.trees)]
        if output == "counts" and logic == "codes":
            # Of codes 3, 2 and 0, the sum and the sum of the lowest bits say how many there are of each.
            low = lambda e: self.combined(self.AND, [e, self.byte(1)])
            columns = ", ".join(f"sum({low(e)}), (sum({e}) - 3 * sum({low(e)})) {self.HALVED} 2" for _, e in made) + ", count(*)"
        elif output == "counts":
            columns = ", ".join(f"{self.count_if(e)}, {self.count_missing(e)}" for _, e in made) + ", count(*)"
        elif output == "file" and logic == "codes":
            columns = "customer_id, " + ", ".join(f"{self.uncoded(e)} AS {name}" for name, e in made)
        else:
            columns = "customer_id, " + ", ".join(f"{self.truth(e) if logic != 'codes' else e} AS {name}" for name, e in made)
        return f"{head}SELECT {columns} FROM {table}"

    def uncoded(self, code):
        return f"nullif({code}, {self.byte(2)})::BOOLEAN"

    def truth(self, value):
        return value

    # Answers.

    def codes_of_counts(self, row):
        """Unaliased columns are many and alike, so that engines give rows, not tables."""
        row = [int(value or 0) for value in row]
        without = self.customers - row[-1]
        unknown = [count + (without if can_be_unknown(tree, self.work.atoms) else 0) for count, tree in zip(row[1::2], self.work.trees)]
        return np.array([row[0:-1:2], unknown], dtype=np.int64)

    def codes_of_columns(self, made):
        """Of an Arrow table of Booleans, or of codes."""
        made = made.sort_by("customer_id")
        if str(made.schema.field(self.work.names[0]).type) == "bool":
            return np.stack([peer.code(made[name]) for name in self.work.names])
        return np.array([0, 9, 2, 1], dtype=np.uint8)[np.stack([made[name].to_numpy() for name in self.work.names])]

    def forms(self):
        """All forms; the engine has `row(query)`, `columns(query)` and `write(query, file)`."""
        found = {}
        for masked in self.MASKED if self.work.has_orders else (False,):
            for logic in self.LOGICS:
                for materialised in self.MATERIALISED if logic == "codes" else (False,):
                    end = ("" if not self.work.has_orders else "-masked" if masked else "-filtered") + ("-materialised" if materialised else "")
                    sql = lambda output: self.query(logic, masked, materialised, output)
                    counts = lambda out, q=sql("counts"): self.row(q)
                    found[f"{logic}-counts{end}"] = ("counts" if self.memory else "file-counts", counts, self.codes_of_counts)
                    if self.work.which == "orders":
                        continue
                    if self.memory:
                        found[f"{logic}{end}"] = ("columns", lambda out, q=sql("columns"): self.columns(q), self.codes_of_made)
                    else:
                        found[f"{logic}{end}"] = ("file", lambda out, q=sql("file"): self.write(q, out), None)
        return found

    def codes_of_made(self, made):
        return self.codes_of_columns(made)


def aggregate_name(atom):
    return f"{atom[1]}_{atom[2]}_{atom[3]}"


def can_be_unknown(tree, atoms):
    if tree[0] == "leaf":
        return tree[2] == "is" and spec.can_be_unknown(atoms[tree[1]])
    return any(can_be_unknown(part, atoms) for part in tree[1])
