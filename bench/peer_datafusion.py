"""The segments in DataFusion: see sql.py for the forms, peer.py for how it is used."""

import datafusion
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import peer
import spec
import sql

FOLDER, WORK, THREADS, MEMORY = peer.arguments()
BATCH_ROWS = 32_768


class DataFusion(sql.Dialect):
    BYTE = "TINYINT UNSIGNED"

    def __init__(self, *given):
        super().__init__(*given)
        config = datafusion.SessionConfig({"datafusion.sql_parser.enable_ident_normalization": "false"})
        self.context = datafusion.SessionContext(config.with_target_partitions(THREADS))
        for name in ("customers", "orders") if self.work.has_orders else ("customers",):
            if self.memory:
                self.context.register_record_batches(name, self.loaded(name))
            else:
                self.context.register_parquet(name, self.folder / f"{name}.parquet")

    def loaded(self, name):
        """A table in as many parts as there are threads: enums as dictionaries, money as whole pence, orders by customer."""
        table = pq.read_table(self.folder / f"{name}.parquet")
        kinds = spec.TYPE if name == "customers" else {"category": "Category", "channel": "Channel", "amount": "Money"}
        for at, column in enumerate(table.column_names):
            if kinds.get(column) in spec.ENUMS:
                table = table.set_column(at, column, pc.dictionary_encode(table[column]))
            elif kinds.get(column) == "Money":
                pence = pc.multiply(table[column], pa.scalar(100, pa.decimal128(3, 0)))
                table = table.set_column(at, column, pc.cast(pence, pa.int64()))
        if name == "orders":
            table = table.sort_by("customer_id")
        batches = table.combine_chunks().to_batches(BATCH_ROWS)
        return [batches[part::THREADS] for part in range(THREADS)]

    def table(self, name):
        return name

    def money(self, pence):
        return self.whole(pence) if self.memory else super().money(pence)

    def instant(self, days):
        return f"""arrow_cast('{peer.bounds(days)}', 'Timestamp(Microsecond, Some("UTC"))')"""

    def plain(self, number, mode):
        # With IS TRUE and its like, 55.0 plans queries that it then refuses to run.
        atom = self.condition(self.work.atoms[number])
        return {"is": atom, "true": f"coalesce({atom}, false)", "not_true": f"(NOT coalesce({atom}, false))",
                "false": f"(NOT coalesce({atom}, true))", "not_false": f"coalesce({atom}, true)"}[mode]

    def hoisted(self, leaves, rows, materialised):
        return "", f"(SELECT {leaves} FROM {rows}) AS atoms"

    def collected(self, query):
        return self.context.sql(query).collect()

    def row(self, query):
        return [column[0].as_py() for column in self.collected(query)[0].columns]

    def columns(self, query):
        return self.collected(query)

    def codes_of_made(self, made):
        return self.codes_of_columns(pa.Table.from_batches(made))

    def write(self, query, out):
        self.context.sql(f"COPY ({query}) TO '{out}' STORED AS PARQUET").collect()


peer.serve(DataFusion(FOLDER, WORK, MEMORY).forms())
