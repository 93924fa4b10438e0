"""The segments in ClickHouse, through chdb: see sql.py for the forms, peer.py for how it is used. Integers of codes are combined by
functions, since it has no operators for them."""

import tempfile

import pyarrow as pa
from chdb import session

import peer
import spec
import sql

FOLDER, WORK, THREADS, MEMORY = peer.arguments()
TYPES = {"Int": "Int64", "Money": "Int64", "Number": "Float64", "Bool": "Bool", "Date": "Date32", "Timestamp": "DateTime64(6, 'UTC')",
         "Text": "String"}
# Compiling expressions takes seconds here and makes none of the forms faster. Queries are longer than people write.
SETTINGS = {"max_threads": THREADS, "compile_expressions": 0, "join_use_nulls": 1,
            "max_query_size": 1 << 28, "max_ast_elements": 10_000_000, "max_expanded_ast_elements": 10_000_000}


class ClickHouse(sql.Dialect):
    # Combinators of aggregates, which is what it calls a FILTER.
    MASKED = (False,)
    BYTE = "UInt8"

    def __init__(self, *given):
        super().__init__(*given)
        self.scratch = tempfile.TemporaryDirectory()
        self.session = session.Session(self.scratch.name)
        for name, value in SETTINGS.items():
            self.session.query(f"SET {name} = {value}")
        self.session.query("CREATE DATABASE bench")
        self.session.query("USE bench")
        if self.memory:
            self.load("customers", {name: (kind, missing > 0) for name, kind, missing, *_ in spec.COLUMNS})
            if self.work.has_orders:
                self.load("orders", {"customer_id": ("Int", False), "placed_at": ("Timestamp", False), "amount": ("Money", False),
                                     "category": ("Category", False), "channel": ("Channel", False)})

    def load(self, name, columns):
        """A table in memory: enums as dictionaries, money as whole pence, orders by customer."""

        def declared(kind, missing):
            if kind in spec.ENUMS:
                return f"LowCardinality({'Nullable(String)' if missing else 'String'})"
            return f"Nullable({TYPES[kind]})" if missing else TYPES[kind]

        made = ", ".join(f"{column} {declared(*of)}" for column, of in columns.items())
        engine = "MergeTree ORDER BY customer_id" if name == "orders" else "Memory"
        self.session.query(f"CREATE TABLE {name} ({made}) ENGINE = {engine}")
        taken = ", ".join(f"toInt64({column} * 100)" if of[0] == "Money" else column for column, of in columns.items())
        self.session.query(f"INSERT INTO {name} SELECT {taken} FROM file('{self.folder / name}.parquet', Parquet)")
        if name == "orders":
            self.session.query(f"OPTIMIZE TABLE {name} FINAL")

    def table(self, name):
        return name if self.memory else f"file('{self.folder / name}.parquet', Parquet)"

    def money(self, pence):
        return f"toInt64({pence})" if self.memory else f"toDecimal64('{pence / 100:.2f}', 2)"

    def date(self, day):
        return f"toDate32('{day}')"

    def instant(self, days):
        return f"toDateTime64('{peer.bounds(days)}', 6, 'UTC')"

    def whole(self, number):
        return f"toInt64({number})"

    def real(self, number):
        return f"toFloat64({number!r})"

    def byte(self, number):
        return f"toUInt8({number})"

    def suffix(self, column, end):
        return f"endsWith({column}, '{end}')"

    def count_if(self, condition):
        return f"countIf({condition})"

    def count_missing(self, value):
        return f"countIf(isNull({value}))"

    def code(self, atom):
        return f"if({atom}, {self.byte(3)}, {self.byte(0)})"

    def coded(self, number, mode):
        # Its `if` takes what is missing for false.
        if mode == "is" and spec.can_be_unknown(self.work.atoms[number]):
            atom = self.condition(self.work.atoms[number])
            return f"assumeNotNull(multiIf(isNull({atom}), {self.byte(2)}, {atom}, {self.byte(3)}, {self.byte(0)}))"
        return super().coded(number, mode)

    def plain(self, number, mode):
        atom = self.condition(self.work.atoms[number])
        return {"is": atom, "true": f"ifNull({atom}, false)", "not_true": f"NOT ifNull({atom}, false)", "false": f"NOT ifNull({atom}, true)",
                "not_false": f"ifNull({atom}, true)"}[mode]

    def combined(self, connective, parts):
        if connective not in (self.AND, self.OR):
            return super().combined(connective, parts)
        function, made = "bitAnd" if connective == self.AND else "bitOr", parts[0]
        for part in parts[1:]:
            made = f"{function}({made}, {part})"
        return made

    def aggregate(self, function, chosen, masked):
        match function:
            case "count" | "any":
                return f"countIf({chosen})"
            case "sum":
                return f"sumIf(amount, {chosen})"
            case "max":
                return f"maxOrNullIf(amount, {chosen})"

    def hoisted(self, leaves, rows, materialised):
        return "", f"(SELECT {leaves} FROM {rows}) AS atoms"

    def uncoded(self, code):
        return f"CAST(nullIf({code}, {self.byte(2)}) AS Nullable(Bool))"

    def truth(self, value):
        return f"CAST({value} AS Nullable(Bool))"

    def row(self, query):
        return [value.strip('"') for value in str(self.session.query(query, "CSV")).strip().split(",")]

    def columns(self, query):
        self.session.query("DROP TABLE IF EXISTS made SYNC")
        self.session.query(f"CREATE TABLE made ENGINE = Memory AS {query}")

    def codes_of_made(self, made):
        told = self.session.query("SELECT * FROM made ORDER BY customer_id", "Arrow")
        return self.codes_of_columns(pa.ipc.open_file(pa.BufferReader(told.bytes())).read_all())

    def write(self, query, out):
        self.session.query(f"INSERT INTO FUNCTION file('{out}', 'Parquet') {query}")


peer.serve(ClickHouse(FOLDER, WORK, MEMORY).forms())
