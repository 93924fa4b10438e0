"""Compares `seg run` with SQL written by hand, household by household.

    python judge.py SEG PLAYBOOK [--seed N] [--copies 5] [--copy I] [--keep DIR]

SEG is the `seg` binary, PLAYBOOK is `examples/complete-journey` or `examples/hillstrom`. The playbook is judged on its real data as
of its own instant, then on copies of that data which a seed determines: customers drawn with replacement under new ids, days shifted,
rows and values dropped, pointers broken, receipts moved onto the bounds of windows and into the hours that the clocks skip or
repeat. The SQL is in `segments_<playbook>.sql` beside this file and shares nothing with the compiler.

Copy 0 is the real data; `--copy I` judges only that one. Exit status: 0 all agree, 1 they do not, 2 it could not be judged.
Needs the package `duckdb`.
"""

import argparse
import datetime as dt
import pathlib
import random
import subprocess
import sys
import tempfile
import tomllib

import duckdb

HERE = pathlib.Path(__file__).resolve().parent
SHOWN_MAX = 20

# The instants around which a zone can be got wrong: the skipped and the repeated hour themselves, thirty days later, midnights and ends
# of months and years.
DELICATE = [
    "2017-03-12T06:59:59", "2017-03-12T07:00:00", "2017-04-11T06:30:00", "2017-05-11T06:30:00", "2017-06-10T06:30:00",
    "2017-11-05T05:30:00", "2017-11-05T06:30:00", "2017-12-05T06:30:00", "2018-02-03T06:30:00", "2017-08-31T04:00:00",
    "2017-03-13T15:00:00", "2017-11-06T15:00:00", "2017-12-31T17:00:00", "2018-01-01T05:00:00", "2018-01-01T04:59:59",
    "2018-02-28T23:00:00", "2018-05-31T12:00:00",
]


class CannotJudge(Exception):
    """The work could not be done; says nothing about who is right."""


def chance(salt, p, n="n"):
    """SQL: true with probability `p`, decided by the row's number and the salt only."""
    return f"(hash({n}, '{salt}') % 1000003 < {int(p * 1000003)})"


def pick(salt, values, n="n"):
    """SQL: one of the values, decided by the row's number and the salt only."""
    return f"{values}[1 + (hash({n}, '{salt}') % {len(values)})::BIGINT]"


def literal(moment):
    return f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}'"


# ---- the grocer -----------------------------------------------------------------------------------------------------------


class CompleteJourney:
    sql = "segments_complete_journey.sql"
    key = "household_id"
    bindings = {
        "Household": "households", "Transaction": "transactions", "Product": "products", "Mailing": "campaigns",
        "Campaign": "campaign_descriptions", "Redemption": "coupon_redemptions",
    }
    demographics = ["age", "income", "home_ownership", "marital_status", "household_size", "household_comp", "kids_count"]

    def load(self, db, data):
        for table in self.bindings.values():
            db.execute(f"CREATE TABLE {table}_source AS SELECT file_row_number AS n, * EXCLUDE (file_row_number) "
                       f"FROM read_parquet('{data / (table + '.parquet')}', file_row_number = true)")

    def real(self, db):
        for table in self.bindings.values():
            db.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * EXCLUDE (n) FROM {table}_source")

    def copy(self, db, rng, as_of):
        """Fills the tables with a copy and returns its own instant."""
        salt = rng.randrange(1 << 48)
        days, as_of = self.shift(rng, as_of)
        p = {name: rng.choice([0, rng.uniform(0, high)]) for name, high in {
            "demographic": .4, "pointer": .02, "dangling": .02, "department": .05, "category": .05, "line": .4, "mailing": .3,
            "redemption": .4, "empty": .1, "product": .03, "bound": .02, "clock": .02, "quiet": .2, "new": .2, "calendar": .5}.items()}

        # Households drawn with replacement, under new ids of different lengths (ids are texts, and texts have no numeric order).
        count = db.execute("SELECT count(*) FROM households_source").fetchone()[0]
        first = rng.choice([1, 90, 95_000])
        db.execute(f"""
            CREATE OR REPLACE TABLE drawn AS
            SELECT range AS n, {first} + range AS new_id,
                   (SELECT list(household_id ORDER BY household_id) FROM households_source)[1 + (hash(range, '{salt}household') % {count})::BIGINT] AS old_id
            FROM range({count})""")
        columns = ", ".join(f"CASE WHEN {chance(f'{salt}{c}', p['demographic'])} THEN NULL ELSE {c} END AS {c}"
                            for c in self.demographics)
        db.execute(f"""
            CREATE OR REPLACE TABLE households AS
            SELECT household_id, {columns} FROM (
              SELECT d.n, d.new_id AS household_id, h.* EXCLUDE (household_id, n) FROM drawn d JOIN households_source h ON h.household_id = d.old_id)
            ORDER BY hash(n, '{salt}order')""")

        # Every row of an event table gets a number of its own within the copy, from the draw and the source.
        def rows(table):
            return (f"(SELECT d.n AS h, hash(d.n, x.n) AS n, {chance(f'{salt}empty', p['empty'], 'd.n')} AS emptied, d.new_id AS household_id, "
                    f"x.* EXCLUDE (household_id, n) FROM {table}_source x JOIN drawn d ON d.old_id = x.household_id)")

        db.execute(f"""
            CREATE OR REPLACE TABLE transactions AS
            SELECT household_id, store_id, basket_id,
                   CASE WHEN {chance(f'{salt}pointer', p['pointer'])} THEN NULL
                        WHEN {chance(f'{salt}dangling', p['dangling'])} THEN -product_id ELSE product_id END AS product_id,
                   quantity, sales_value, retail_disc, coupon_disc, coupon_match_disc, week,
                   {self.moved(salt, p, days, as_of)} AS transaction_timestamp
            FROM {rows('transactions')} WHERE NOT emptied AND NOT {chance(f'{salt}line', p['line'])}
            ORDER BY n""")
        db.execute(f"""
            CREATE OR REPLACE TABLE products AS
            SELECT product_id, manufacturer_id,
                   CASE WHEN {chance(f'{salt}department', p['department'])} THEN NULL ELSE department END AS department, brand,
                   CASE WHEN {chance(f'{salt}category', p['category'])} THEN NULL ELSE product_category END AS product_category,
                   product_type, package_size
            FROM products_source WHERE NOT {chance(f'{salt}product', p['product'])} ORDER BY hash(n, '{salt}order')""")
        db.execute(f"""
            CREATE OR REPLACE TABLE campaigns AS
            SELECT campaign_id, household_id FROM {rows('campaigns')} WHERE NOT {chance(f'{salt}mailing', p['mailing'])} ORDER BY n""")
        today = f"civil_of({literal(as_of)})::DATE::TIMESTAMP"
        edge = lambda name, days: f"{today} + to_days({pick(f'{salt}{name}', days)}::INTEGER)"
        db.execute(f"""
            CREATE OR REPLACE TABLE campaign_descriptions AS
            SELECT campaign_id, campaign_type,
                   CASE WHEN {chance(f'{salt}starts', p['calendar'])} THEN {edge('start', [-1, 0, 1, 13, 14, 15])}
                        ELSE start_date + to_days({days}) END AS start_date,
                   CASE WHEN {chance(f'{salt}ends', p['calendar'])} THEN {edge('end', [-1, 0, 1, 6, 7, 8])}
                        ELSE end_date + to_days({days}) END AS end_date
            FROM campaign_descriptions_source""")
        db.execute(f"""
            CREATE OR REPLACE TABLE coupon_redemptions AS
            SELECT household_id, coupon_upc, campaign_id,
                   CASE WHEN {chance(f'{salt}bound', p['bound'] * 5)} THEN {edge('redeemed', [0, 1, -1, -29, -30, -31, -59, -60, -61])}
                        ELSE redemption_date + to_days({days}) END AS redemption_date
            FROM {rows('coupon_redemptions')} WHERE NOT {chance(f'{salt}redemption', p['redemption'])} ORDER BY n""")
        holes = " ".join(f"{name}={value:.3f}" for name, value in p.items() if value)
        return as_of, f"days{days:+d} {holes}"

    @staticmethod
    def shift(rng, as_of):
        """The days by which the data moves, and the instant: moved alike, moved apart, or a delicate one."""
        kind = rng.choice(["alike", "apart", "delicate"])
        days = rng.randint(-200, 200)
        if kind == "alike":
            return days, as_of + dt.timedelta(days=days)
        if kind == "apart":
            return days, as_of + dt.timedelta(days=days + rng.randint(-120, 20), seconds=rng.randrange(86_400))
        moment = dt.datetime.fromisoformat(rng.choice(DELICATE))
        return (moment - as_of).days + rng.randint(-60, 10), moment

    @staticmethod
    def moved(salt, p, days, as_of):
        """SQL: the civil time of a receipt, shifted. Some lines land on the bounds of windows, or a second beside them, some in
        the hours of clock changes; some households have their last or their first line on such a bound."""
        now = f"(civil_of({literal(as_of)}))"
        days_back = [0, 1, 3, 7, 21, 28, 30, 45, 60, 90, 120, 180]
        back, months = pick(f"{salt}back", days_back), pick(f"{salt}months", [1, 3, 6, 9, 12])
        second = f"to_seconds({pick(f'{salt}second', [-1, 0, 0, 1])}::BIGINT)"
        edge = (f"({now} - to_days({pick(f'{salt}edge', days_back, 'h')}::INTEGER) "
                f"+ to_seconds({pick(f'{salt}second', [-3600, -1, 0, 0, 0, 1, 3600], 'h')}::BIGINT))")
        placed = f"""CASE
            WHEN {chance(f'{salt}bound', p['bound'])} THEN {second} + CASE hash(n, '{salt}which') % 4
                WHEN 0 THEN {now} - to_days({back}::INTEGER)
                WHEN 1 THEN {now} - to_months({months}::INTEGER)
                WHEN 2 THEN date_trunc('month', {now}) - to_months({months}::INTEGER) + INTERVAL 1 MONTH
                ELSE date_trunc('day', {now}) - to_days({back}::INTEGER) END
            WHEN {chance(f'{salt}clock', p['clock'])} THEN CASE hash(n, '{salt}which') % 2
                WHEN 0 THEN TIMESTAMP '2017-03-12 02:00:00' ELSE TIMESTAMP '2017-11-05 01:00:00' END
                + to_seconds((hash(n, '{salt}second') % 3600)::BIGINT)
            ELSE transaction_timestamp + to_days({days}) END"""
        return f"""CASE
            WHEN {chance(f'{salt}quiet', p['quiet'], 'h')} THEN least({placed}, {edge})
            WHEN {chance(f'{salt}new', p['new'], 'h')} THEN greatest({placed}, {edge})
            ELSE {placed} END"""

    def write(self, db, folder):
        files = {}
        for name, table in self.bindings.items():
            files[name] = folder / f"{table}.parquet"
            db.execute(f"COPY {table} TO '{files[name]}' (FORMAT parquet, COMPRESSION zstd)")
        return files

    def theirs(self, db, file):
        """What `seg` answered, its key as text."""
        db.execute(f"CREATE OR REPLACE TABLE theirs AS SELECT {self.key}::VARCHAR AS {self.key}, * EXCLUDE ({self.key}) FROM read_parquet('{file}')")


# ---- the e-mail test ----------------------------------------------------------------------------------------------------------


class Hillstrom:
    sql = "segments_hillstrom.sql"
    key = "n"
    columns = ["recency", "history_segment", "history", "mens", "womens", "zip_code", "newbie", "channel", "segment", "visit",
               "conversion", "spend"]

    def load(self, db, data):
        db.execute("CREATE TABLE customers_source AS SELECT row_number() OVER () - 1 AS n, * "
                   f"FROM read_csv('{data / 'hillstrom.csv'}', parallel = false)")

    def real(self, db):
        db.execute("CREATE OR REPLACE TABLE customers AS FROM customers_source")

    def copy(self, db, rng, as_of):
        """Every column is drawn on its own, so that combinations appear which the source does not have."""
        salt = rng.randrange(1 << 48)
        count = db.execute("SELECT count(*) FROM customers_source").fetchone()[0]
        drawn = ", ".join(f"(SELECT list({c} ORDER BY n) FROM customers_source)[1 + (hash(range, '{salt}{c}') % {count})::BIGINT] AS {c}" for c in self.columns)
        db.execute(f"CREATE OR REPLACE TABLE customers AS SELECT range AS n, {drawn} FROM range({count})")
        return as_of, "columns drawn apart"

    def write(self, db, folder):
        file = folder / "customers.csv"
        db.execute(f"COPY (SELECT * EXCLUDE (n) FROM customers ORDER BY n) TO '{file}' (FORMAT csv, HEADER)")
        return {"Customer": file}

    def theirs(self, db, file):
        """What `seg` answered; the rows are numbered by the order of their key, wherever the numbering starts."""
        key = db.execute(f"DESCRIBE SELECT * FROM read_parquet('{file}')").fetchone()[0]
        db.execute(f'CREATE OR REPLACE TABLE theirs AS SELECT row_number() OVER (ORDER BY "{key}"::BIGINT) - 1 AS n, * EXCLUDE ("{key}") '
                   f"FROM read_parquet('{file}')")


PLAYBOOKS = {"complete-journey": CompleteJourney(), "hillstrom": Hillstrom()}


# ---- judging --------------------------------------------------------------------------------------------------------------


def run_seg(seg, playbook, as_of, files, out):
    command = [str(seg), "run", str(playbook), "-o", str(out), "--format", "parquet", "--as-of", f"{as_of:%Y-%m-%dT%H:%M:%SZ}"]
    for name, file in files.items():
        command += ["--data", f"{name}={file}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotJudge(f"`{' '.join(command)}` ended with status {done.returncode}\n{done.stderr.strip()}")
    return out / "segments.parquet"


def columns_of(db, table, key):
    return [row[0] for row in db.execute(f"DESCRIBE {table}").fetchall() if row[0] != key]


def compare(db, key):
    """(decisions compared, disagreements as rows of segment, customer, seg's answer, the SQL's answer)"""
    ours, theirs = columns_of(db, "answer", key), columns_of(db, "theirs", key)
    if set(ours) != set(theirs):
        raise CannotJudge(f"segments that only one side has: {sorted(set(ours) ^ set(theirs))}")
    counts = [db.execute(f"SELECT count(*), count(DISTINCT {key}) FROM {table}").fetchone() for table in ("theirs", "answer")]
    both = db.execute(f"SELECT count(*) FROM theirs JOIN answer USING ({key})").fetchone()[0]
    if counts != [(both, both)] * 2:
        raise CannotJudge(f"the customers differ: {counts[0][0]} from seg, {counts[1][0]} from the SQL, {both} in common")
    wrong = []
    for name in ours:
        wrong += [(name, *row) for row in db.execute(
            f'SELECT {key}, theirs."{name}", answer."{name}" FROM theirs JOIN answer USING ({key}) '
            f'WHERE theirs."{name}" IS DISTINCT FROM answer."{name}" ORDER BY {key}').fetchall()]
    return both * len(ours), wrong


def word(answer):
    return {True: "in", False: "out", None: "unknown"}[answer]


def judge_copy(db, book, playbook, seg, copy, seed, as_of, folder):
    folder.mkdir(parents=True, exist_ok=True)
    if copy == 0:
        book.real(db)
        files, about = {}, "real data"
    else:
        as_of, about = book.copy(db, random.Random(f"{seed}/{copy}"), as_of)
        files = book.write(db, folder)
    out = folder / "out"
    if out.exists():
        raise CannotJudge(f"{out} is there already")
    answers = run_seg(seg, playbook, as_of, files, out)
    db.execute(f"CREATE OR REPLACE TABLE args AS SELECT {literal(as_of)} AS as_of")
    db.execute((HERE / book.sql).read_text())
    book.theirs(db, answers)
    compared, wrong = compare(db, book.key)
    print(f"copy {copy}: as of {as_of:%Y-%m-%dT%H:%M:%SZ}, {about}: {compared} decisions, {len(wrong)} disagreements", flush=True)
    repeat = f"{sys.executable} {sys.argv[0]} {seg} {playbook} --seed {seed} --copy {copy}"
    per_segment = {}
    for name, *_ in wrong:
        per_segment[name] = per_segment.get(name, 0) + 1
    for name, key, seg_says, sql_says in wrong[:SHOWN_MAX]:
        print(f"  {name}: {book.key} {key}: seg says {word(seg_says)}, the SQL says {word(sql_says)}; repeat with: {repeat}")
    if per_segment:
        print("  per segment: " + ", ".join(f"{name} {n}" for name, n in per_segment.items()))
    return compared, len(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seg", type=pathlib.Path)
    parser.add_argument("playbook", type=pathlib.Path)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--copies", type=int, default=5)
    parser.add_argument("--copy", type=int, help="judge only this one; 0 is the real data")
    parser.add_argument("--keep", type=pathlib.Path, help="leave the copies and answers in this folder")
    args = parser.parse_args()
    seed = args.seed if args.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    try:
        name = args.playbook.resolve().name
        if name not in PLAYBOOKS:
            raise CannotJudge(f"no SQL for the playbook `{name}`; there is: {', '.join(PLAYBOOKS)}")
        book = PLAYBOOKS[name]
        settings = tomllib.loads((args.playbook / "seg.toml").read_text())
        as_of = dt.datetime.fromisoformat(settings["run"]["as_of"].replace("Z", "+00:00")).astimezone(dt.timezone.utc).replace(tzinfo=None)
        db = duckdb.connect()
        db.execute("SET preserve_insertion_order = true; SET enable_progress_bar = false")
        # The macros of the SQL (civil_of, ...) are needed to build copies; they stand before its first table.
        db.execute((HERE / book.sql).read_text().split("CREATE OR REPLACE TABLE")[0])
        book.load(db, args.playbook / "data")
        copies = [args.copy] if args.copy is not None else range(args.copies + 1)
        compared = wrong = 0
        with tempfile.TemporaryDirectory() as temporary:
            base = args.keep or pathlib.Path(temporary)
            for copy in copies:
                c, w = judge_copy(db, book, args.playbook, args.seg, copy, seed, as_of, base / f"{name}-{seed}-{copy}")
                compared, wrong = compared + c, wrong + w
    except (CannotJudge, OSError, duckdb.Error) as problem:
        print(f"cannot judge: {problem}", file=sys.stderr)
        return 2
    print(f"{name}: {len(copies)} data sets, {compared} decisions, {wrong} disagreements, seed {seed}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
