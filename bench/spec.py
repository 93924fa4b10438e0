"""The one specification of the benchmark: columns, atoms, and 100 segments as Boolean trees over atoms.

Everything else is written from it: the data (generate.py), the playbooks (playbooks.py), and the same segments in the words of every
peer (peer_*.py, sql.py, expressions.py), so that all of them decide the same. Knows no engine.

    tree  = ("leaf", atom number, mode) | ("and" | "or", [tree, ...]) | ("turn", mode, tree)
    mode  = "is" | "not_true" | "false"     how a leaf or a group is taken; "is" is three-valued, the others never are unknown
"""

import bisect
import datetime as dt
import functools
import random

SEED = 7
FLAT, WINDOWED = 80, 20
AS_OF = dt.datetime(2026, 1, 1)
TODAY = AS_OF.date()

STATES = ("AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN "
          "TX UT VT VA WA WV WI WY").split()
ENUMS = {
    "State": STATES,
    "Tier": ["Bronze", "Silver", "Gold", "Platinum"],
    "Language": ["English", "Spanish", "French", "German", "Italian", "Portuguese", "Chinese", "Japanese", "Korean", "Arabic"],
    "Channel": ["Web", "Store", "Phone", "App", "Partner", "Post"],
    "Category": ["Shoes", "Books", "Toys", "Garden", "Food", "Sport", "Music", "Games", "Home", "Auto", "Baby", "Pets", "Beauty",
                 "Office", "Tools", "Travel", "Jewels", "Phones", "Screens", "Gifts"],
}
DOMAINS = ["gmail.com", "yahoo.com", "outlook.com", "example.org", "corp.example.com"]

# name, type, share that is missing, lowest, highest. Money is in pence; dates and timestamps are in days before TODAY; of a Bool, the
# highest is the share that is true.
COLUMNS = [
    ("customer_id", "Int", 0, None, None),
    ("age", "Int", .10, 18, 95),
    ("signed_up_on", "Date", 0, 3650, 0),
    ("last_login_at", "Timestamp", .15, 400, 0),
    ("born_on", "Date", .20, 95 * 365, 18 * 365),
    ("balance", "Money", 0, -100_000, 2_000_000),
    ("credit_limit", "Money", .20, 50_000, 5_000_000),
    ("lifetime_value", "Money", 0, 0, 10_000_000),
    ("income", "Money", .30, 1_500_000, 25_000_000),
    ("churn_score", "Number", 0, 0, 1),
    ("propensity", "Number", .20, 0, 1),
    ("engagement", "Number", 0, 0, 100),
    ("email_opt_in", "Bool", 0, None, .7),
    ("sms_opt_in", "Bool", 0, None, .4),
    ("is_employee", "Bool", 0, None, .02),
    ("has_app", "Bool", .10, None, .5),
    ("state", "State", 0, None, None),
    ("card_tier", "Tier", .10, None, None),
    ("language", "Language", 0, None, None),
    ("channel", "Channel", .15, None, None),
    ("email", "Text", 0, None, None),
    ("visits_30d", "Int", 0, 0, 30),
    ("visits_365d", "Int", 0, 0, 300),
    ("cart_items", "Int", .25, 0, 20),
    ("last_purchase_on", "Date", .25, 1000, 0),
    ("last_email_open_at", "Timestamp", .30, 200, 0),
    ("support_tickets", "Int", 0, 0, 12),
    ("recommends", "Int", .30, -100, 100),
    ("loyalty_points", "Int", 0, 0, 500_000),
    ("household_size", "Int", .20, 1, 8),
    ("tenure_months", "Int", 0, 0, 240),
    ("credit_score", "Int", .10, 300, 850),
]
COLUMN = {column[0]: column for column in COLUMNS}
TYPE = {column[0]: column[1] for column in COLUMNS}

ATOMS, AGGREGATES = 101, 19
# Segments, and the atoms that they share: growth is measured over these.
GROWTH = {10: 40, 100: 130, 1_000: 400, 2_000: 600, 10_000: 1_500}


def days_ago(days):
    return TODAY - dt.timedelta(days=days)


class Dice:
    """Draws that depend on the seed alone, on any version of Python: only `random()` is promised to stay as it is."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def between(self, low, high):
        return low + int(self.random() * (high - low + 1))

    def pick(self, items):
        return items[int(self.random() * len(items))]

    def some(self, items, count):
        left, drawn = list(items), []
        while left and len(drawn) < count:
            drawn.append(left.pop(int(self.random() * len(left))))
        return sorted(drawn, key=items.index)


def atom(dice):
    """One condition over one column: (kind, column, ...)."""
    of = lambda *types: [name for name, kind, *_ in COLUMNS if kind in types and name != "customer_id"]
    chance = dice.random()
    if chance < .04:
        return ("suffix", "email", "@" + dice.pick(DOMAINS))
    if chance < .10:
        return (dice.pick(["known", "missing"]), dice.pick([c[0] for c in COLUMNS if c[2] > 0]))
    if chance < .16:
        return ("true", dice.pick(of("Bool")))
    if chance < .36:
        column = dice.pick(of(*ENUMS))
        members = ENUMS[TYPE[column]]
        return ("in", column, tuple(dice.some(members, dice.between(1, 12 if len(members) > 20 else min(4, len(members) - 1)))))
    if chance < .42:
        return ("in", dice.pick(["household_size", "support_tickets", "cart_items"]), tuple(dice.some(range(9), dice.between(2, 5))))
    if chance < .58:
        column = dice.pick([c for c in of("Date", "Timestamp") if c != "born_on"])
        return (dice.pick(["recent", "recent", "recent", "stale"]), column, dice.pick([7, 14, 30, 60, 90, 120, 180, 365]))
    column = dice.pick(of("Int", "Money", "Number") + ["born_on"])
    low, high = COLUMN[column][3:]

    def value():
        at = low + (high - low) * (.05 + .9 * dice.random())
        if TYPE[column] == "Number":
            return round(at, 2)
        if TYPE[column] == "Money":
            return int(at) // 1000 * 1000
        return days_ago(int(at)) if column == "born_on" else int(at)

    if chance < .72:
        a, b = value(), value()
        return ("between", column, min(a, b), max(a, b)) if a != b else atom(dice)
    return ("compare", column, dice.pick(["<", "<=", ">", ">="]), value())


def aggregate(dice):
    """One condition over orders: ("orders", function, days, category or None, least value)."""
    function = dice.pick(["count", "count", "sum", "sum", "max", "any"])
    days = dice.pick([30, 90, 180, 365])
    category = dice.pick(ENUMS["Category"]) if function == "any" or dice.random() < .4 else None
    if function == "any":
        return ("orders", "any", days, category, 1)
    if function == "count":
        return ("orders", "count", days, category, dice.between(1, 4))
    return ("orders", function, days, category, dice.pick([5_000, 10_000, 20_000, 50_000]) * (2 if function == "sum" else 1))


def distinct(make, count, identity=lambda made: made):
    """So many different ones."""
    found = {}
    while len(found) < count:
        made = make()
        found.setdefault(identity(made), made)
    return list(found.values())


@functools.cache
def specification(flat=FLAT, windowed=WINDOWED, flat_atoms=ATOMS, aggregates=AGGREGATES):
    """(atoms, segments): the first atoms are over the profile, the others over orders; the first segments use only the former."""
    dice = Dice(SEED)
    # An aggregate is its function, window and category; its bound does not make it another.
    atoms = distinct(lambda: atom(dice), flat_atoms) + distinct(lambda: aggregate(dice), aggregates, lambda made: made[:4])
    # Some atoms are in many segments and most in few, as in a playbook that people have worked on for years.
    weights, total = [], 0
    for place in range(flat_atoms):
        total += 1 / (place + 3) ** .6
        weights.append(total)
    flat_unused, windowed_unused = list(range(flat_atoms)), list(range(flat_atoms, flat_atoms + aggregates))

    def flat_atom():
        # Half of the draws take what has not been used yet, so that all atoms come to be used.
        if flat_unused and dice.random() < .45:
            return flat_unused.pop(0)
        at = dice.random() * total
        return bisect.bisect_right(weights, at)

    def windowed_atom():
        return windowed_unused.pop(0) if windowed_unused else dice.between(flat_atoms, flat_atoms + aggregates - 1)

    def leaf(number):
        return ("leaf", number, dice.pick(["not_true", "false"]) if dice.random() < .2 else "is")

    def group(numbers):
        leaves = [leaf(n) for n in dict.fromkeys(numbers)]
        return leaves[0] if len(leaves) == 1 else (dice.pick(["and", "or"]), leaves)

    shared = [group([flat_atom() for _ in range(dice.between(2, 3))]) for _ in range(max(4, flat // 8))]
    segments = []
    for number in range(flat + windowed):
        left, parts = dice.between(2, 8), []
        if dice.random() < .5:
            parts.append(dice.pick(shared))
            left -= 2
        if number >= flat:
            drawn = dict.fromkeys(windowed_atom() for _ in range(dice.between(1, 2)))
            parts.extend(leaf(n) for n in drawn)
            left -= len(drawn)
        while left > 0 or len(parts) < 2:
            size = dice.between(2, 3) if dice.random() < .4 else 1
            part = group([flat_atom() for _ in range(size)])
            if part[0] != "leaf" and dice.random() < .1:
                part = ("turn", dice.pick(["not_true", "false"]), part)
            if part not in parts:
                parts.append(part)
                left -= size
        segments.append(("and" if dice.random() < .8 else "or", parts))
    return atoms, segments


class Workload:
    """Segments by name: "flat" (the profile alone), "all" (those and 20 over orders), "orders" (every aggregate's condition, and nothing
    else), and "flat-N" (N segments of the profile, for the curves of growth)."""

    def __init__(self, which):
        self.which = which
        if which.startswith("flat-"):
            count = int(which[5:])
            self.atoms, self.written = specification(count, 0, GROWTH[count], 0)
        else:
            self.atoms, segments = specification()
            orders = [("leaf", ATOMS + number, "is") for number in range(AGGREGATES)]
            self.written = {"flat": segments[:FLAT], "all": segments, "orders": orders}[which]
        flat = {"all": FLAT, "orders": 0}.get(which, len(self.written))
        kind = "Order" if which == "orders" else "Windowed"
        self.names = [f"Flat{n + 1:02}" if n < flat else f"{kind}{n + 1 - flat:02}" for n in range(len(self.written))]
        self.title = {"flat": f"{FLAT} flat segments", "all": f"{FLAT + WINDOWED} segments, {WINDOWED} of them over orders",
                      "orders": f"{AGGREGATES} aggregates of orders"}.get(which, f"{len(self.written):,} flat segments")

    @property
    def has_orders(self):
        return self.which in ("all", "orders")

    @functools.cached_property
    def trees(self):
        """The segments, settled."""
        return [settled(tree, self.atoms) for tree in self.written]

    @functools.cached_property
    def leaves(self):
        """The different leaves of the settled trees, as (atom number, mode), in the order of first use."""
        found = {}

        def walk(tree):
            if tree[0] == "leaf":
                found[tree[1], tree[2]] = None
            else:
                for part in tree[1]:
                    walk(part)

        for tree in self.trees:
            walk(tree)
        return list(found)


def can_be_unknown(atom):
    if atom[0] in ("known", "missing"):
        return False
    if atom[0] == "orders":
        return atom[1] == "max"
    return COLUMN[atom[1]][2] > 0


def settled(tree, atoms):
    """The same tree with every mode at its leaves, and and or exchanged below a group that was turned: `(a and b) is not true` is
    `a is not true or b is not true`, and with `false` alike. Leaf modes then also are "true" and "not_false"."""
    if tree[0] == "turn":
        return turned(settled(tree[2], atoms), tree[1], atoms)
    if tree[0] == "leaf":
        # What is never unknown has one opposite only.
        return tree if tree[2] == "is" or can_be_unknown(atoms[tree[1]]) else ("leaf", tree[1], "not_true")
    return (tree[0], [settled(part, atoms) for part in tree[1]])


def turned(tree, mode, atoms):
    """A settled tree, taken as `mode`."""
    if tree[0] != "leaf":
        return ("or" if tree[0] == "and" else "and", [turned(part, mode, atoms) for part in tree[1]])
    if not can_be_unknown(atoms[tree[1]]):
        return ("leaf", tree[1], "not_true" if tree[2] == "is" else "is")
    # A leaf that is two-valued already turns into its opposite in both modes.
    return ("leaf", tree[1], {"is": mode, "not_true": "true", "false": "not_false"}[tree[2]])


if __name__ == "__main__":
    for which in ("flat", "all", "orders", *(f"flat-{count}" for count in GROWTH)):
        made = Workload(which)
        print(which, len(made.trees), "segments,", len(made.leaves), "leaves over", len({number for number, _ in made.leaves}), "atoms")
