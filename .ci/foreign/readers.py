"""Reads a lake as others do, each engine on its own, and prints one JSON object: by
engine, what each table has: rows, and the sum of _order.

    readers.py ENGINE SETTINGS.json"""

import json
import sys


def wanted(settings):
    """The tables' names in the catalog, in our namespaces."""
    return [tuple(name.split(".")) for name in settings["tables"]]


def pyiceberg_catalog(settings):
    from pyiceberg.catalog import load_catalog
    extra = {"warehouse": settings["warehouse"]} if settings.get("warehouse") else {}
    if settings.get("client_id"):
        extra["credential"] = settings["client_id"] + ":" + settings["client_secret"]
    return load_catalog("lake", type="rest", uri=settings["uri"], **{"s3.endpoint": settings["endpoint"], "s3.access-key-id": settings["access_key"],
                        "s3.secret-access-key": settings["secret_key"], "s3.path-style-access": "true", "s3.region": "us-east-1"}, **extra)


def pyiceberg(settings):
    catalog = pyiceberg_catalog(settings)
    for name in wanted(settings):
        rows = catalog.load_table(name).scan(selected_fields=("_order",)).to_arrow()
        yield name, rows.num_rows, sum(rows.column("_order").to_pylist())


def polars(settings):
    import polars
    catalog = pyiceberg_catalog(settings)
    for name in wanted(settings):
        rows = polars.scan_iceberg(catalog.load_table(name)).select(polars.len().alias("n"), polars.col("_order").sum().alias("s")).collect()
        yield name, rows["n"][0], rows["s"][0] or 0


def chdb(settings):
    import chdb
    catalog = pyiceberg_catalog(settings)
    for name in wanted(settings):
        at = catalog.load_table(name).location().replace("s3://", settings["endpoint"] + "/")
        text = chdb.query(f"select count(), sum(_order) from icebergS3('{at}/', '{settings['access_key']}', '{settings['secret_key']}')", "JSONCompact").data()
        n, s = json.loads(text)["data"][0]
        yield name, int(n), int(s or 0)


def session(settings):
    from pyspark.sql import SparkSession
    build = SparkSession.builder.master("local[2]").appName("lake").config("spark.jars", ",".join(settings["jars"])).config("spark.ui.enabled", "false")
    said = {"": "org.apache.iceberg.spark.SparkCatalog", ".type": "rest", ".uri": settings["uri"], ".io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
            ".s3.endpoint": settings["endpoint"], ".s3.access-key-id": settings["access_key"], ".s3.secret-access-key": settings["secret_key"],
            ".s3.path-style-access": "true", ".client.region": "us-east-1", ".warehouse": settings.get("warehouse")}
    if settings.get("client_id"):
        said[".credential"] = settings["client_id"] + ":" + settings["client_secret"]
    for name, value in said.items():
        if value:
            build = build.config("spark.sql.catalog.lake" + name, value)
    for name, value in {"spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions", "spark.driver.memory": "1g",
                        "spark.sql.shuffle.partitions": "2", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}.items():
        build = build.config(name, value)
    made = build.getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    return made


def spark(settings):
    lake = session(settings)
    for name in wanted(settings):
        row = lake.sql(f"select count(*), sum(_order) from lake.`{name[0]}`.`{name[1]}`").collect()[0]
        yield name, row[0], row[1] or 0


def maintain(settings):
    """What a data team's Spark does to the tables; each step's outcome."""
    lake = session(settings)
    namespace, name = wanted(settings)[0]
    at = f"lake.`{namespace}`.`{name}`"
    for what, statement in {
        "rewrite_data_files": f"call lake.system.rewrite_data_files(table => '{namespace}.{name}', options => map('rewrite-all', 'true'))",
        "rewrite_manifests": f"call lake.system.rewrite_manifests('{namespace}.{name}')",
        "tag": f"alter table {at} create tag `q1`",
        "branch": f"alter table {at} create branch `trial`",
        "rows on the branch": f"insert into {at}.branch_trial select * from {at} limit 1",
        "partition field": f"alter table {at} add partition field bucket(4, id)",
        "column": f"alter table {at} add column team_note string comment 'ours'",
        "sort order": f"alter table {at} write ordered by id",
        "expire_snapshots": f"call lake.system.expire_snapshots(table => '{namespace}.{name}', older_than => timestamp '2100-01-01 00:00:00', retain_last => 1)",
    }.items():
        try:
            lake.sql(statement).collect()
            yield (what,), 1, 0
        except Exception as err:  # what this catalog can't do
            print(what, str(err).splitlines()[0][:300], file=sys.stderr)
            yield (what,), 0, 0


if __name__ == "__main__":
    engine, path = sys.argv[1:]
    found = globals()[engine](json.load(open(path)))
    print(json.dumps({".".join(name): [rows, orders] for name, rows, orders in found}))
