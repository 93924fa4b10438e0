"""Writes the specification as playbooks, and as Rust for engines/: `playbooks/flat` (80 segments over the profile), `playbooks/all`
(those and 20 over orders), `playbooks/orders` (the conditions over orders alone) and `engines/src/written.rs`.

    python playbooks.py SEG [--check]

SEG is the `seg` binary, which formats them. `--check` changes nothing and ends with 1 if a file is not what it would be. Playbooks of
other sizes are written where they are measured.
"""

import pathlib
import subprocess
import sys

import expressions
import spec

HERE = pathlib.Path(__file__).resolve().parent
KEPT = ("flat", "all", "orders")
# Segments to a file, where there are many.
SEGMENTS_MAX = 200


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


def schema(work):
    lines = [f'## Generated customers{" and their orders" if work.has_orders else ""}', f'playbook "The benchmark: {work.which}" {{',
             '  timezone "UTC"', "  currency GBP", "}"]
    used = {kind for _, kind, *_ in spec.COLUMNS} | ({"Category", "Channel"} if work.has_orders else set())
    for name, members in spec.ENUMS.items():
        if name in used:
            lines += ["", f"## {name}s, as the generator draws them", f"enum {name} {{ {', '.join(members)} }}"]
    lines += ["", "## A generated customer", "profile Customer key customer_id {"]
    for name, kind, missing, *_ in spec.COLUMNS:
        lines.append(f"  {name} {'Money(GBP)' if kind == 'Money' else kind}{'?' if missing else ''}")
    lines += ["  orders many Order max 10_000"] if work.has_orders else []
    lines.append("}")
    if work.has_orders:
        lines += ["", "## A generated order", "event Order by customer_id at placed_at {", "  placed_at Timestamp",
                  "  amount Money(GBP)", "  category Category", "  channel Channel", "}"]
    return lines


def segments(work):
    """Path to lines."""
    found, count = {}, len(work.names)
    for first in range(0, count, SEGMENTS_MAX):
        body = ["# Written by bench/playbooks.py from bench/spec.py; do not edit.", "", "use schema"]
        for number in range(first, min(first + SEGMENTS_MAX, count)):
            said = text(work.written[number], work.atoms)
            body += ["", f'segment {work.names[number]} "Drawn from seed {spec.SEED}, number {number + 1}"', f"  when {said}"]
        found["segments.seg" if count <= SEGMENTS_MAX else f"segments_{first // SEGMENTS_MAX + 1:02}.seg"] = body
    return found


def files(work):
    """Path from the playbook's folder to lines, not yet formatted."""
    toml = ["[playbook]", f'name = "bench-{work.which}"', "", "[data]", 'Customer = "data/customers.parquet"']
    toml += ['Order = "data/orders.parquet"'] if work.has_orders else []
    toml += ["", "[run]", f'as_of = "{spec.AS_OF:%Y-%m-%dT%H:%MZ}"', "", "[lints]"]
    toml += [f'{lint} = "allow"' for lint in ("always-known", "untested-segment")]
    return {"schema.seg": schema(work), **segments(work), "seg.toml": toml}


def write(work, folder):
    """Writes a playbook as it is, not formatted."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, lines in files(work).items():
        (folder / path).write_text("\n".join(lines) + "\n")


def formatted(binary, path, lines):
    written = "\n".join(lines) + "\n"
    if not path.endswith(".seg"):
        return written
    done = subprocess.run([binary, "fmt", "-"], input=written, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{path}: {done.stderr}")
    return done.stdout


def main():
    binary, check = sys.argv[1], "--check" in sys.argv[2:]
    wanted = {"engines/src/written.rs": expressions.rust(spec.Workload("flat"))}
    for which in KEPT:
        for path, lines in files(spec.Workload(which)).items():
            wanted[f"playbooks/{which}/{path}"] = formatted(binary, path, lines)
    stale = [path for path, text in wanted.items() if not (HERE / path).exists() or (HERE / path).read_text() != text]
    if check and stale:
        sys.exit(f"not what bench/playbooks.py writes: {', '.join(stale)}; run it without --check")
    for path in stale:
        (HERE / path).parent.mkdir(parents=True, exist_ok=True)
        (HERE / path).write_text(wanted[path])


if __name__ == "__main__":
    main()
