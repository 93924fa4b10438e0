"""Writes the specification as playbooks: `playbooks/flat` (80 segments over the profile) and `playbooks/all` (those and 20 over orders).

    python playbooks.py SEG [--check]

SEG is the `seg` binary, which formats them. `--check` changes nothing and ends with 1 if a file is not what it would be.
"""

import pathlib
import subprocess
import sys

import spec

HERE = pathlib.Path(__file__).resolve().parent / "playbooks"


def pounds(pence):
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100}" + (f".{abs(pence) % 100:02}" if pence % 100 else "")


def literal(column, value):
    kind = spec.TYPE[column]
    return pounds(value) if kind == "Money" else str(value)


def condition(atom):
    kind, column = atom[:2]
    if kind == "orders":
        return over_orders(*atom[1:])
    match kind:
        case "suffix":
            return f'{column} ends with "{atom[2]}"'
        case "known" | "missing":
            return f"{column} is {kind}"
        case "true":
            return column
        case "in" if len(atom[2]) == 1:
            return f"{column} = {atom[2][0]}"
        case "in":
            return f"{column} in [{', '.join(map(str, atom[2]))}]"
        case "recent":
            return f"{column} in last {atom[2]} days"
        case "stale":
            return f"{column} <= {atom[2]} days ago"
        case "between":
            return f"{column} between {literal(column, atom[2])} and {literal(column, atom[3])}"
        case "compare":
            return f"{column} {atom[2]} {literal(column, atom[3])}"


def over_orders(function, days, category, least):
    chosen = f"in last {days} days" + (f" where category = {category}" if category else "")
    match function:
        case "any":
            return f"any(orders {chosen})"
        case "count":
            return f"count(orders {chosen}) >= {least}"
        case "sum" | "max":
            return f"{function}(orders.amount {chosen}) >= {pounds(least)}"


def can_be_unknown(tree, atoms):
    if tree[0] == "leaf":
        return tree[2] == "is" and spec.can_be_unknown(atoms[tree[1]])
    return any(can_be_unknown(part, atoms) for part in tree[1]) if tree[0] != "turn" else False


def text(tree, atoms, inside=None):
    if tree[0] == "leaf":
        written = condition(atoms[tree[1]])
        return written if tree[2] == "is" else taken(written, tree[2], spec.can_be_unknown(atoms[tree[1]]))
    if tree[0] == "turn":
        return taken(text(tree[2], atoms), tree[1], can_be_unknown(tree[2], atoms))
    written = f" {tree[0]} ".join(text(part, atoms, tree[0]) for part in tree[1])
    return f"({written})" if inside not in (None, tree[0]) else written


def taken(written, mode, unknown):
    return f"({written}) is {mode.replace('_', ' ')}" if unknown else f"not ({written})"


def files(which):
    """Path from the playbook's folder to text, not yet formatted."""
    atoms, segments = spec.specification()
    orders = which == "all"
    schema = [f'## Generated customers{" and their orders" if orders else ""}', f'playbook "The benchmark: {which}" {{', '  timezone "UTC"',
              "  currency GBP", "}"]
    used = {kind for _, kind, *_ in spec.COLUMNS} | ({"Category", "Channel"} if orders else set())
    for name, members in spec.ENUMS.items():
        if name in used:
            schema += ["", f"## {name}s, as the generator draws them", f"enum {name} {{ {', '.join(members)} }}"]
    schema += ["", "## A generated customer", "profile Customer key customer_id {"]
    for name, kind, missing, *_ in spec.COLUMNS:
        schema.append(f"  {name} {'Money(GBP)' if kind == 'Money' else kind}{'?' if missing else ''}")
    schema += ["  orders many Order max 10_000"] if orders else []
    schema.append("}")
    if orders:
        schema += ["", "## A generated order", "event Order by customer_id at placed_at {", "  placed_at Timestamp",
                   "  amount Money(GBP)", "  category Category", "  channel Channel", "}"]
    body = ["# Written by bench/playbooks.py from bench/spec.py; do not edit.", "", "use schema"]
    for number, (name, tree) in enumerate(zip(spec.names(), segments)):
        if number < spec.FLAT or orders:
            body += ["", f'segment {name} "Drawn from seed {spec.SEED}, number {number + 1}"', f"  when {text(tree, atoms)}"]
    toml = ["[playbook]", f'name = "bench-{which}"', "", "[data]", 'Customer = "data/customers.parquet"']
    toml += ['Order = "data/orders.parquet"'] if orders else []
    toml += ["", "[run]", f'as_of = "{spec.AS_OF:%Y-%m-%dT%H:%MZ}"', "", "[lints]"]
    toml += [f'{lint} = "allow"' for lint in ("always-known", "untested-segment")]
    return {"schema.seg": schema, "segments.seg": body, "seg.toml": toml}


def main():
    binary, check = sys.argv[1], "--check" in sys.argv[2:]
    stale = []
    for which in ("flat", "all"):
        for path, lines in files(which).items():
            written = "\n".join(lines) + "\n"
            if path.endswith(".seg"):
                done = subprocess.run([binary, "fmt", "-"], input=written, capture_output=True, text=True)
                if done.returncode != 0:
                    sys.exit(f"{which}/{path}: {done.stderr}")
                written = done.stdout
            target = HERE / which / path
            if not target.exists() or target.read_text() != written:
                stale.append(f"{which}/{path}")
                if not check:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(written)
    if check and stale:
        sys.exit(f"not what bench/playbooks.py writes: {', '.join(stale)}; run it without --check")


if __name__ == "__main__":
    main()
