"""Reads every table of a lake with PyIceberg, which shares no code with Merit, and
prints a line a table: its name, its rows, the sum of their hashes, of their order and
of their amounts."""

import decimal
import os
import re
import sys

from pyiceberg.table import StaticTable

root = os.path.abspath(sys.argv[1])
for source in sorted(os.listdir(root)):
    for name in sorted(os.listdir(os.path.join(root, source))):
        folder = os.path.join(root, source, name, "metadata")
        versions = [int(m.group(1)) for m in (re.fullmatch(r"v(\d+)\.metadata\.json", n) for n in os.listdir(folder)) if m]
        table = StaticTable.from_metadata(os.path.join(folder, f"v{max(versions)}.metadata.json"))
        if table.current_snapshot() is None:
            continue
        rows = table.scan().to_arrow()
        hashes = sum(rows.column("_hash").to_pylist()) % 2**64
        orders = sum(rows.column("_order").to_pylist())
        amounts = decimal.Decimal(0)
        if "amount" in rows.column_names:
            amounts = sum((a for a in rows.column("amount").to_pylist() if a is not None), amounts)
        print(f"{source}.{name} {rows.num_rows} {hashes} {orders} {int(amounts * 100)}")
