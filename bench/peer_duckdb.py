"""The segments in DuckDB: see sql.py for the forms, peer.py for how it is used. Atoms as codes are also tried materialised."""

import duckdb

import peer
import spec
import sql

FOLDER, WORK, THREADS, MEMORY = peer.arguments()


class DuckDb(sql.Dialect):
    """Money is DECIMAL, which DuckDB keeps as 64-bit integers."""

    MATERIALISED = (False, True)
    BYTE = "UTINYINT"
    HALVED = "//"

    def __init__(self, *given):
        super().__init__(*given)
        self.db = duckdb.connect(config={"threads": THREADS})
        self.db.execute("SET TimeZone = 'UTC'").fetchall()
        if self.memory:
            self.load()

    def load(self):
        """Tables in memory: enums as enums, orders by customer."""
        for name, members in spec.ENUMS.items():
            self.db.execute(f"CREATE TYPE {name} AS ENUM ({', '.join(map(repr, members))})").fetchall()
        columns = [f"{name}::{kind} AS {name}" if kind in spec.ENUMS else name for name, kind in spec.TYPE.items()]
        self.db.execute(f"CREATE TABLE customers AS SELECT {', '.join(columns)} FROM '{self.folder / 'customers.parquet'}'").fetchall()
        if self.work.has_orders:
            self.db.execute("CREATE TABLE orders AS SELECT * REPLACE (category::Category AS category, channel::Channel AS channel) "
                            f"FROM '{self.folder / 'orders.parquet'}' ORDER BY customer_id").fetchall()

    def suffix(self, column, end):
        return f"suffix({column}, '{end}')"

    def row(self, query):
        return self.db.execute(query).fetchall()[0]

    def columns(self, query):
        return self.db.sql(query).to_arrow_table()

    def write(self, query, out):
        self.db.execute(f"COPY ({query}) TO '{out}' (FORMAT parquet)").fetchall()


peer.serve(DuckDb(FOLDER, WORK, MEMORY).forms())
