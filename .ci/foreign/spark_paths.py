"""Reads tables by where they lie, with Spark, and prints a JSON list: rows and the sum of
_order of each. Standard input has the list: folders of tables, or s3 locations of
versions of their metadata.

    spark_paths.py JARS [S3-ENDPOINT ACCESS-KEY SECRET-KEY]"""

import glob
import json
import sys

from pyspark.sql import SparkSession

jars, *store = sys.argv[1:]
build = SparkSession.builder.master("local[2]").config("spark.jars", ",".join(glob.glob(jars + "/iceberg-*.jar"))).config("spark.ui.enabled", "false")
for name, value in {"spark.driver.memory": "1g", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}.items():
    build = build.config(name, value)
spark = build.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
jvm = spark._jvm
if store:
    files = jvm.org.apache.iceberg.aws.s3.S3FileIO()
    said = jvm.java.util.HashMap()
    for name, value in {"s3.endpoint": store[0], "s3.access-key-id": store[1], "s3.secret-access-key": store[2], "s3.path-style-access": "true",
                        "client.region": "us-east-1", "s3.checksum-enabled": "false"}.items():
        said.put(name, value)
    files.initialize(said)
found = []
for at in json.load(sys.stdin):
    try:
        if store:  # what Spark's own catalogs do with a version of the metadata
            table = jvm.org.apache.iceberg.BaseTable(jvm.org.apache.iceberg.StaticTableOperations(at, files), "a table")
        else:
            table = jvm.org.apache.iceberg.hadoop.HadoopTables(spark._jsc.hadoopConfiguration()).load(at)
        rows = orders = 0
        with_order = jvm.org.apache.iceberg.data.IcebergGenerics.read(table).build().iterator()
        while with_order.hasNext():
            rows, orders = rows + 1, orders + with_order.next().getField("_order")
        found.append([rows, orders])
    except Exception as err:
        found.append([0, str(err).splitlines()[0][:200]])
print(json.dumps(found))
