"""Writes generated customers and their orders as Parquet: the same bytes for the same number, seed and versions of the packages.

    python generate.py --customers N --out DIR [--seed 42]

DIR gets `customers.parquet`, `orders.parquet` (8 a customer on average, most customers few and some many, in the order of time, as a
shop's log has them) and `done.json`. A folder that has what is asked for is left as it is. See spec.py for the columns.
"""

import argparse
import datetime as dt
import json
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import spec

DAY_US = 86_400_000_000
ROW_GROUP = 122_880
ORDERS_MEAN = 8
EPOCH = dt.date(1970, 1, 1)
TODAY = (spec.TODAY - EPOCH).days
TYPES = {"Date": pa.date32(), "Timestamp": pa.timestamp("us", "UTC"), "Int": pa.int64()}


def members(rng, kind, rows):
    """Members of an enum, the first ones more often, as dictionary-encoded text."""
    names = spec.ENUMS[kind]
    weights = 1 / np.arange(2, len(names) + 2) ** .6
    codes = np.searchsorted(np.cumsum(weights / weights.sum())[:-1], rng.random(rows)).astype(np.int8)
    return codes, pa.array(names)


def money(pence, missing=None):
    """Whole coins as decimal(12, 2), by way of the 128-bit integers that Arrow keeps them in."""
    wide = np.stack([pence.astype(np.int64), pence.astype(np.int64) >> 63], axis=1)
    valid = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.decimal128(12, 2), len(pence), [valid, pa.py_buffer(wide.tobytes())])


def column(rng, rows, name, kind, share_missing, low, high):
    missing = rng.random(rows) < share_missing if share_missing else None
    if name == "customer_id":
        return pa.array(np.arange(1, rows + 1))
    if kind in spec.ENUMS:
        codes, names = members(rng, kind, rows)
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing), names).cast(pa.string())
    match kind:
        case "Int":
            return pa.array(rng.integers(low, high, rows, endpoint=True), mask=missing)
        case "Money":
            return money((rng.random(rows) ** 2 * (high - low) + low).astype(np.int64), missing)
        case "Number":
            return pa.array(rng.random(rows) * (high - low) + low, mask=missing)
        case "Bool":
            return pa.array(rng.random(rows) < high, mask=missing)
        case "Date":
            days = rng.integers(TODAY - low, TODAY - high, rows, endpoint=True)
            return pa.array(days.astype(np.int32), mask=missing).cast(pa.date32())
        case "Timestamp":
            return pa.array(rng.integers((TODAY - low) * DAY_US, (TODAY - high) * DAY_US, rows), mask=missing).cast(TYPES[kind])
        case "Text":
            numbers = pa.array(rng.integers(0, 1 << 40, rows)).cast(pa.string())
            domains = rng.choice(len(spec.DOMAINS), rows, p=[.5, .2, .15, .1, .05])
            ends = pa.array(["@" + domain for domain in spec.DOMAINS]).take(pa.array(domains))
            return pc.binary_join_element_wise(pa.scalar("u"), numbers, ends, "")


def customers(rng, rows):
    return pa.table({each[0]: column(rng, rows, *each) for each in spec.COLUMNS})


def orders(rng, customers):
    counts = np.floor(rng.lognormal(np.log(ORDERS_MEAN + .47) - .5, 1, customers)).astype(np.int64)
    whose = np.repeat(np.arange(1, customers + 1), counts)
    rows = len(whose)
    placed = rng.integers((TODAY - 730) * DAY_US, TODAY * DAY_US, rows)
    by_time = np.argsort(placed, kind="stable")
    enum = lambda kind: pa.DictionaryArray.from_arrays(*[pa.array(part) for part in members(rng, kind, rows)]).cast(pa.string())
    return pa.table({
        "customer_id": whose[by_time],
        "placed_at": pa.array(placed[by_time]).cast(TYPES["Timestamp"]),
        "amount": money((rng.gamma(1.5, 3000, rows) + 100).astype(np.int64)),
        "category": enum("Category"),
        "channel": enum("Channel"),
    })


def generate(count, out, seed=42, with_orders=True):
    """Customers are the same with and without orders, which take much longer."""
    out = pathlib.Path(out)
    done, told = out / "done.json", {"customers": count, "seed": seed, "columns": [list(c) for c in spec.COLUMNS]}
    if done.exists():
        there = json.loads(done.read_text())
        if {key: there.get(key) for key in told} == told and (there["orders"] or not with_orders):
            return there
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    tables = {"customers": customers(rng, count)}
    if with_orders:
        tables["orders"] = orders(rng, count)
    for name, table in tables.items():
        # Without Arrow's own schema every reader sees plain Parquet types, dictionary-encoded where that is smaller.
        pq.write_table(table, out / f"{name}.parquet", row_group_size=ROW_GROUP, compression="snappy", store_schema=False)
    told |= {"orders": len(tables.get("orders", [])), "bytes": {name: (out / f"{name}.parquet").stat().st_size for name in tables}}
    done.write_text(json.dumps(told))
    return told


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--customers", type=int, required=True)
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--seed", type=int, default=42)
    asked = arguments.parse_args()
    told = generate(asked.customers, asked.out, asked.seed)
    print(f"{told['customers']} customers, {told['orders']} orders, {sum(told['bytes'].values()) / 1e6:.0f} MB in {asked.out}")


if __name__ == "__main__":
    main()
