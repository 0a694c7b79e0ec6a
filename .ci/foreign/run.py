"""make foreign-lake: starts real servers and runs the whole story of a lake on each of
them, read and maintained by other engines, and writes down what holds where.

    run.py FOLDER MERIT [CATALOG …]        ONLY_STORIES=1 leaves the command out

FOLDER keeps what is installed and each catalog's results; MERIT is the command."""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time

from servers import BUCKET, KEY, SECRET, Servers

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
CATALOGS = {"reference": "Iceberg's reference REST server 1.10.1 (SQLite)", "nessie": "Nessie 0.99.0", "seaweedfs": "SeaweedFS 4.48's own (as S3 Tables)"}


class Story:
    """The lake of one catalog, used by the command as people use it."""

    def __init__(self, servers, merit, kind, settings):
        self.servers, self.merit, self.kind, self.settings = servers, merit, kind, settings
        self.folder = settings.pop("folder", "")  # in which the catalog wants tables to lie
        self.results = {}  # what -> "holds" or what happened
        self.at = servers.folder / f"work-{kind}"
        shutil.rmtree(self.at, ignore_errors=True)
        self.at.mkdir()
        self.env = {**servers.env, "LAKE_KEY": KEY, "LAKE_SECRET": SECRET, "HOME": os.environ.get("HOME", "/root")}

    def note(self, what, holds, said=""):
        self.results[what] = "holds" if holds else "**no**" + (": " + said if said else "")
        print(f"{self.kind:10} {what:44} {self.results[what]}", flush=True)

    def run(self, *args, timeout=1200, project="bucket", env=None):
        command = [self.merit, *args, "--project", str(self.at / project)]
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env={**self.env, **(env or {})})
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, -1, "", f"no end within {timeout} s")

    def says(self, done):
        return f"exit {done.returncode}, {(done.stderr.strip().splitlines() or [''])[-1][:160]}"

    def projects(self, port):
        """One project whose lake is in the bucket, and one whose lake is in a folder."""
        sandbox = [self.merit, "sandbox", "--port", str(port), "--size", "60", "--init", str(self.at / "bucket"), "--as", "salesforce"]
        self.servers.start("sandbox-" + self.kind, sandbox, port)
        for _ in range(240):
            if (self.at / "bucket/roster.csv").exists():
                break
            time.sleep(0.5)
        shutil.copytree(self.at / "bucket", self.at / "folder")
        secrets = {"client_secret": "${LAKE_SECRET}"} if "client_id" in self.settings else {}
        catalog = {**self.settings, **secrets, "namespace": "m" + str(random.randrange(10**9))}
        self.namespace = catalog["namespace"]
        lake = {"location": f"s3://{BUCKET}/{self.folder or self.kind + '/lake'}", "endpoint": "http://127.0.0.1:8333", "region": "us-east-1", "path_style": True,
                "access_key": "${LAKE_KEY}", "secret_key": "${LAKE_SECRET}", "catalog": catalog}
        with open(self.at / "bucket/merit.yml", "a") as settings:
            settings.write("\nlake: " + json.dumps(lake) + "\n")
        self.port = port

    def advance(self, days):
        subprocess.run(["curl", "-sf", "-X", "POST", f"http://127.0.0.1:{self.port}/sandbox/advance?days={days}"], check=True, capture_output=True)

    def tables(self):
        """The names of the tables in the catalog."""
        done = subprocess.run([self.servers.python, "-c", """
import json, sys; sys.path.insert(0, sys.argv[1]); import readers
settings = json.load(open(sys.argv[2])); catalog = readers.pyiceberg_catalog(settings)
names = [n for space in catalog.list_namespaces() if space[0].startswith(sys.argv[3]) for n in catalog.list_tables(space)]
print(json.dumps([".".join(n) for n in names if catalog.load_table(n).current_snapshot()]))
""", str(HERE), str(self.at / "readers.json"), self.namespace], capture_output=True, text=True, env=self.env)
        return json.loads(done.stdout or "[]")

    def read_by(self, engine, timeout=400):
        done = subprocess.run([self.servers.python, HERE / "readers.py", engine, self.at / "readers.json"], capture_output=True, text=True, timeout=timeout, env=self.env)
        try:
            return json.loads(done.stdout.strip().splitlines()[-1]), done.stderr
        except (IndexError, ValueError):
            return None, done.stderr.strip().splitlines()[-1][:160] if done.stderr.strip() else "nothing"

    def settings_for_readers(self):
        java = {"jars": [self.servers.jars("iceberg-spark-runtime"), self.servers.jars("iceberg-aws-bundle")]}
        said = {**self.settings, "endpoint": "http://127.0.0.1:8333", "access_key": KEY, "secret_key": SECRET, **java, "tables": []}
        (self.at / "readers.json").write_text(json.dumps(said))
        names = self.tables()
        names.sort(key=lambda n: "opportunity" not in n.lower() or len(n))
        (self.at / "readers.json").write_text(json.dumps({**said, "tables": names}))


def whole_story(s, port):
    s.projects(port)
    done = s.run("run", "--quiet")
    s.note("first run", done.returncode == 0, s.says(done))
    for _ in range(7):
        s.advance(1)
        done = s.run("read", "--quiet")
        if done.returncode:
            break
    s.note("a week, day by day", done.returncode == 0, s.says(done))
    week = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    kills(s)
    two = [subprocess.Popen([s.merit, "read", "--quiet", "--project", str(s.at / "bucket")], env=s.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    codes = sorted(p.wait() for p in two)
    s.note("two writers: one waits its turn (exit 5) or both end well", codes in ([0, 5], [0, 0]), str(codes))
    done = s.run("build", "--as-of", week)
    s.note("as-of a week ago" + (" is refused, exit 2: one snapshot a table" if s.kind == "nessie" else ""), done.returncode == (2 if s.kind == "nessie" else 0), s.says(done))
    for what in ("compact", "verify"):
        done = s.run(what)
        s.note(what + (", with expiry and clean-up" if what == "compact" else ""), done.returncode == 0, s.says(done))
    same_as_in_a_folder(s)
    neighbours(s)
    faults(s)
    contact = subprocess.run(["cut", "-d,", "-f1", s.at / "bucket/roster.csv"], capture_output=True, text=True).stdout.splitlines()[-1]
    done = s.run("forget", "salesforce", "User:" + contact)
    if s.kind == "nessie":
        s.note("forget rewrites, and says that the catalog keeps earlier files (exit 2)", done.returncode == 2 and "gc.enabled" in done.stderr, s.says(done))
    else:
        s.note("forget, nothing of the person is left", done.returncode == 0, s.says(done))
    done = s.run("verify")
    s.note("verify at the end", done.returncode == 0, s.says(done))


def kills(s):
    s.advance(1)
    began = time.time()
    s.run("read", "--quiet")
    takes, dice, killed = time.time() - began, random.Random(7), 0
    for _ in range(20):
        s.advance(1)
        process = subprocess.Popen([s.merit, "read", "--quiet", "--project", str(s.at / "bucket")], env=s.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=dice.uniform(0.1, 1.0) * takes)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
    done = s.run("read", "--quiet")
    whole = s.run("verify")
    s.note(f"kill -9 at {20} moments, and the next run goes on", done.returncode == 0 and whole.returncode == 0 and killed > 5, f"{killed} killed; {s.says(done)}; {s.says(whole)}")


def same_as_in_a_folder(s):
    """The tables published from the bucket have the bytes of those from a folder."""
    for project in ("bucket", "folder"):
        done = s.run("run", "--quiet", project=project)
        if done.returncode:
            s.note("publishes what a lake in a folder publishes", False, project + ": " + s.says(done))
            return
    told = {p: subprocess.run("cd %s/published && find -L . -name '*.parquet' -exec md5sum {} + | sort -k2" % (s.at / p), shell=True, capture_output=True, text=True).stdout for p in ("bucket", "folder")}
    s.note("publishes what a lake in a folder publishes", bool(told["bucket"]) and len(told["bucket"].splitlines()) == len(told["folder"].splitlines()), "other files")


def neighbours(s):
    s.settings_for_readers()
    found = {}
    for engine in ("pyiceberg", "spark", "polars", "chdb"):
        found[engine], said = s.read_by(engine)
        agrees = bool(found[engine]) and found[engine] == found["pyiceberg"]
        s.note(f"{engine} reads every table" + ("" if engine == "pyiceberg" else ", rows and sums as PyIceberg has them"), agrees, str(said)[-160:] if not found[engine] else "other rows")
    did, said = s.read_by("maintain")
    for what in did or {"maintenance": [0, 0]}:
        possible = bool(did) and did[what][0]
        s.results["Spark's " + what] = "done" if possible else "not possible there"
        print(f"{s.kind:10} Spark's {what}: {s.results['Spark' + chr(39) + 's ' + what]}", flush=True)
    s.advance(1)
    for what in ("read", "verify", "compact", "run"):
        done = s.run(what, "--quiet") if what != "verify" else s.run(what)
        s.note(f"after Spark's maintenance: {what}", done.returncode == 0, s.says(done))


def faults(s):
    done = s.run("check", env={"LAKE_SECRET": "wrong"})
    s.note("a wrong secret is told by check, exit 2", done.returncode == 2, s.says(done))
    name = "seaweedfs" if s.kind == "seaweedfs" else s.kind
    for who, what in ((name, "catalog"), ("seaweedfs", "store")):
        s.servers.signal(who, signal.SIGSTOP)
        s.advance(1)
        process = subprocess.Popen([s.merit, "read", "--quiet", "--project", str(s.at / "bucket")], env=s.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(4)
        process.send_signal(signal.SIGTERM)
        began = time.time()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
        s.servers.signal(who, signal.SIGCONT)
        s.note(f"{what} hung: a run that is told to end ends within 20 s", time.time() - began < 20, f"{time.time() - began:.0f} s")
        done = s.run("read", "--quiet")
        s.note(f"{what} well again: the next run goes on", done.returncode == 0, s.says(done))
    text = (s.at / "bucket/merit.yml").read_text()
    for what, there in (("catalog", s.settings["uri"]), ("store", "http://127.0.0.1:8333")):
        (s.at / "bucket/merit.yml").write_text(text.replace(there, "http://127.0.0.1:1"))
        done = s.run("read", "--quiet", timeout=400)
        s.note(f"{what} down: exit 3", done.returncode == 3, s.says(done))
    (s.at / "bucket/merit.yml").write_text(text)


def stories(s):
    """The lake's own stories (transform/lake, TestInABucket) with faults on the way."""
    env = {**os.environ, "MERIT_FOREIGN_STORE": "http://127.0.0.1:8333", "MERIT_FOREIGN_KEY": KEY, "MERIT_FOREIGN_SECRET": SECRET, "MERIT_FOREIGN_BUCKET": BUCKET, "MERIT_FOREIGN_FOLDER": s.folder,
           "MERIT_FOREIGN_CATALOG": s.settings["uri"], "MERIT_FOREIGN_WAREHOUSE": s.settings.get("warehouse", ""), "MERIT_FOREIGN_NAMES": s.settings.get("names", ""),
           "MERIT_FOREIGN_CLIENT": s.settings.get("client_id", ""), "MERIT_FOREIGN_CLIENT_SECRET": s.settings.get("client_secret", "")}
    out = subprocess.run(["go", "test", "-count=1", "-json", "-timeout", "60m", "./transform/lake", "-run", "TestInABucket"], cwd=ROOT, env=env, capture_output=True, text=True).stdout
    outcome = {}
    for line in out.splitlines():
        event = json.loads(line) if line.startswith("{") else {}
        parts = (event.get("Test") or "").split("/")
        if len(parts) == 3 and event["Action"] in ("pass", "fail"):
            outcome[parts[2].replace("_", " ")] = event["Action"]
    s.results.update(told(outcome, out))
    print(s.kind, s.results, flush=True)


def told(outcome, out):
    """One line for all stories, naming those that do not hold; the reason where hardly any does."""
    failed = sorted(name for name, how in outcome.items() if how == "fail")
    said = f"{len(outcome) - len(failed)} of {len(outcome)}"
    if len(failed) > len(outcome) / 2:
        reason = re.search(r"\w+Exception: [^\"\\\n]+", out)
        said += ": " + (reason.group() if reason else "see the log")
    elif failed:
        said += "; not: " + ", ".join(failed)
    return {"stories of the lake in a bucket that hold (`TestInABucket`)": said}


def table(folder):
    """The table of what holds where, of all results there are."""
    found = {kind: json.loads((folder / f"{kind}.json").read_text()) for kind in CATALOGS if (folder / f"{kind}.json").exists()}
    rows = []
    for results in found.values():
        rows += [what for what in results if what not in rows]
    lines = ["| | " + " | ".join(CATALOGS[kind] for kind in found) + " |", "|---" * (len(found) + 1) + "|"]
    lines += [f"| {what} | " + " | ".join(results.get(what, "") for results in found.values()) + " |" for what in rows]
    return "\n".join(lines)


def main():
    folder, merit, *kinds = sys.argv[1:]
    servers = Servers(folder)
    servers.install()
    try:
        servers.store()
        for n, kind in enumerate(kinds or CATALOGS):
            s = Story(servers, str(pathlib.Path(merit).resolve()), kind, servers.catalog(kind))
            try:
                stories(s)
                if not os.environ.get("ONLY_STORIES"):
                    whole_story(s, 18950 + n)
            finally:
                (servers.folder / f"{kind}.json").write_text(json.dumps(s.results))
                servers.stop(keep=("seaweedfs",))
    finally:
        servers.stop()
    readme = ROOT / "transform/lake/README.md"
    parts = readme.read_text().split("<!-- foreign-lake -->\n")
    if len(parts) == 3:
        parts[1] = table(servers.folder) + "\n"
        readme.write_text("<!-- foreign-lake -->\n".join(parts))
    print(table(servers.folder))


if __name__ == "__main__":
    main()
