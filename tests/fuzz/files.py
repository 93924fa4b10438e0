"""Writes the small Parquet and Arrow files that `cargo xtask fuzz` damages: every encoding, compression and layout that
the readers know, over the tables of tests/src/fuzz/shop.seg. Needs pyarrow: python3 tests/fuzz/files.py"""

import datetime as dt
import decimal
import pathlib

import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent / "files"
UTC = dt.timezone.utc


def customers(rows: int, plain: bool) -> pa.Table:
    """`plain` has the types that need no judgement; else texts and structs stand for what they can."""
    n = range(rows)
    columns = {
        "id": pa.array([f"c{i}" for i in n]),
        "name": pa.array([None if i % 5 == 0 else "Ann" * (i % 3 + 1) for i in n]),
        "card": pa.array([["Blue", "gold card", None][i % 3] for i in n]),
        "tenure": pa.array([i % 7 if i % 4 else None for i in n], pa.int64() if plain else pa.int16()),
        "visits": pa.array([i for i in n], pa.int64() if plain else pa.uint32()),
        "score": pa.array([i / 7 for i in n], pa.float64() if plain else pa.float32()),
        "rate": pa.array([i / 100 for i in n], pa.float64()),
        "premium": pa.array([decimal.Decimal(i).scaleb(-2) for i in n], pa.decimal128(9, 2)),
        "birthday": pa.array([dt.date(1990, 1, 1) + dt.timedelta(i) for i in n]),
        "joined": pa.array([dt.datetime(2020, 1, 1, tzinfo=UTC) + dt.timedelta(hours=i) for i in n],
                           pa.timestamp("us", "UTC") if plain else pa.timestamp("ns")),
        "tags": pa.array([["x", "y"][: i % 3] if i % 6 else None for i in n], pa.list_(pa.string())),
    }
    if plain:
        columns["consent.email"] = pa.array([i % 2 == 0 for i in n])
    else:
        columns["consent"] = pa.array([{"email": i % 2 == 0} if i % 3 else None for i in n])
    return pa.table(columns)


def orders(rows: int) -> pa.Table:
    n = range(rows)
    start = dt.datetime(2025, 12, 1, tzinfo=UTC)
    return pa.table({
        "id": pa.array(["abc"[i % 3] for i in n]),
        "placed_at": pa.array([start + dt.timedelta(hours=7 * i) for i in n], pa.timestamp("ms", "UTC")),
        "total": pa.array([decimal.Decimal(i).scaleb(-2) for i in n], pa.decimal128(18, 2)),
        "rating": pa.array([i % 6 or None for i in n], pa.int8()),
        "note": pa.array([f"note {i % 4}" for i in n], pa.large_string()),
        "item": pa.array([["shoe", "hat"][i % 2] for i in n]).dictionary_encode(),
    })


def items() -> pa.Table:
    return pa.table({"item_id": ["bag", "tie"], "department": ["leather", None], "own_label": [True, False]})


def parquet(name: str, table: pa.Table, **options) -> None:
    pq.write_table(table, HERE / f"{name}.parquet", **options)


def arrow(name: str, table: pa.Table, stream: bool = False, rows: int = 1000, **options) -> None:
    new = pa.ipc.new_stream if stream else pa.ipc.new_file
    with new(str(HERE / f"{name}.arrow"), table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=rows)


def main() -> None:
    HERE.mkdir(exist_ok=True)
    parquet("customers", customers(12, True), compression="none", use_dictionary=False)
    parquet("customers-groups", customers(40, False), compression="snappy", row_group_size=10)
    parquet("customers-pages", customers(60, True), compression="zstd", data_page_size=64, write_batch_size=8,
            write_page_index=True, data_page_version="2.0")
    parquet("customers-deltas", customers(20, True), compression="gzip", use_dictionary=False, column_encoding={
        "id": "DELTA_BYTE_ARRAY", "name": "DELTA_LENGTH_BYTE_ARRAY", "visits": "DELTA_BINARY_PACKED",
        "score": "BYTE_STREAM_SPLIT"})
    parquet("orders", orders(30), compression="lz4", store_schema=False)
    parquet("orders-checked", orders(10), compression="snappy", write_page_checksum=True, use_deprecated_int96_timestamps=True)
    parquet("items", items())
    arrow("customers", customers(12, True))
    arrow("customers-chunks", customers(40, False), rows=10, compression="lz4")
    arrow("customers-stream", customers(20, True), stream=True, rows=7)
    arrow("orders", orders(30), compression="zstd")
    arrow("orders-stream", orders(12), stream=True, rows=5, compression="lz4", emit_dictionary_deltas=True)
    arrow("items", items())


main()
