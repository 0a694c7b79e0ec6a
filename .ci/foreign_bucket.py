"""Reads every table of a lake in a bucket through its REST catalog with PyIceberg, and
prints a line a table as foreign_lake.py does. Then PyIceberg makes a table of its own
there and commits from two sides at once: the catalog must refuse the second one."""

import decimal
import sys

import pyarrow
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import CommitFailedException

_, uri, warehouse, credential, endpoint, access_key, secret_key = sys.argv
settings = {
    "type": "rest", "uri": uri, "warehouse": warehouse, "credential": credential, "s3.endpoint": endpoint, "s3.region": "eu-central-1",
    "s3.access-key-id": access_key, "s3.secret-access-key": secret_key, "s3.path-style-access": "true",
}
catalog = load_catalog("lake", **settings)
for (namespace,) in sorted(catalog.list_namespaces()):
    for identifier in sorted(catalog.list_tables(namespace)):
        table = catalog.load_table(identifier)
        if table.current_snapshot() is None:
            continue
        rows = table.scan().to_arrow()
        hashes = sum(rows.column("_hash").to_pylist()) % 2**64
        orders = sum(rows.column("_order").to_pylist())
        amounts = decimal.Decimal(0)
        if "amount" in rows.column_names:
            amounts = sum((a for a in rows.column("amount").to_pylist() if a is not None), amounts)
        print(f"{namespace}.{identifier[1]} {rows.num_rows} {hashes} {orders} {int(amounts * 100)}")

catalog.create_namespace("theirs")
rows = pyarrow.table({"id": [1, 2]})
first = catalog.create_table("theirs.things", rows.schema, properties={"commit.retry.num-retries": "0"})
second = load_catalog("lake", **settings).load_table("theirs.things")
first.append(rows)
try:
    second.append(rows)
    print("theirs both-committed")
except CommitFailedException:
    print("theirs second-refused")
print("theirs-rows", catalog.load_table("theirs.things").scan().to_arrow().num_rows)
