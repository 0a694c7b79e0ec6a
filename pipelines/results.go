package pipelines

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"merit/pipelines/payouts"
	"merit/pipelines/payouts/ledger"
	"merit/pipelines/reading"
	"merit/pipelines/results"
	"merit/pipelines/runlog"
	"merit/transform/warehouse"
)

// Results opens the tables of the last build for reading.
func (j *Job) Results() (results.Tables, error) {
	if err := j.openWarehouse(); err != nil {
		return results.Tables{}, err
	}
	return j.results(), nil
}

func (j *Job) results() results.Tables {
	t := results.Tables{Warehouse: j.Warehouse, Metrics: slices.Sorted(maps.Keys(j.Known())), Link: j.link}
	for _, m := range j.Graph.Models() {
		t.HasQuality = t.HasQuality || m.Name == "marts.data_quality"
		if strings.HasSuffix(m.Name, ".flags") && !strings.HasPrefix(m.Name, "marts.") {
			t.FlagsTable = m.Name
		}
	}
	return t
}

// rows collects an answer.
func (j *Job) rows(ctx context.Context, query string, args ...any) ([]warehouse.Row, error) {
	return j.results().Rows(ctx, query, args...)
}

// link completes a record's path by its source's host.
func (j *Job) link(source, url string) string {
	if !strings.HasPrefix(url, "/") {
		return url
	}
	endpoint := j.Project.Settings.Sources[source]["endpoint"]
	if len(endpoint) != 1 || !strings.HasPrefix(endpoint[0], "http") {
		return ""
	}
	return strings.TrimSuffix(endpoint[0], "/") + url
}

// PayoutBuild is what a payout's lines are computed from: the inputs of today, and
// the tables of the last build.
func (j *Job) PayoutBuild(ctx context.Context) (ledger.Build, error) {
	var b ledger.Build
	if err := reading.MustBeReadWell(j.Project, j.lineage()); err != nil {
		return b, err
	}
	var err error
	if b.Inputs, err = j.Inputs(); err != nil {
		return b, err
	}
	if b.Notes, err = j.People(ctx, b.Inputs); err != nil {
		return b, err
	}
	b.Notes = append(b.Notes, j.ignored...)
	if b.Results, err = j.Results(); err != nil {
		return b, err
	}
	if b.Snapshots, err = j.snapshots(ctx); err != nil {
		return b, err
	}
	if b.Lake, err = j.controls(ctx); err != nil {
		return b, err
	}
	quality, err := j.qualityControls(ctx)
	if err != nil {
		return b, err
	}
	b.Lake = append(b.Lake, quality...)
	b.Models, b.Version = j.modelsHash(), version()
	return b, nil
}

// modelsHash is of everything that the numbers are computed by.
func (j *Job) modelsHash() string {
	hash := sha256.New()
	for _, m := range j.Graph.Models() {
		fmt.Fprintf(hash, "%s\n%s\n", m.Name, m.SQL)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// version is of this binary.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}

// LogRun adds a run or build to the evidence log, with the hashes of what went into
// it; of one that failed only what there was.
func (j *Job) LogRun(ctx context.Context, r runlog.Run) error {
	run := ledger.Run{Command: r.Command, AsOf: r.AsOf, Failed: r.Fault != "", Documents: j.documents, Models: j.modelsHash(), Excluded: j.excluded, Decided: j.decided}
	var err error
	if run.Snapshots, err = j.snapshots(context.WithoutCancel(ctx)); err != nil && !run.Failed {
		return err
	}
	return ledger.LogRun(j.Project, run)
}

// snapshots are the lake's tables as they are read by a build.
func (j *Job) snapshots(ctx context.Context) ([]payouts.Snapshot, error) {
	checkpoints, err := j.checkpoints(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	pinned := pinnedTables(checkpoints)
	var snapshots []payouts.Snapshot
	for _, source := range slices.Sorted(maps.Keys(pinned)) {
		for _, table := range pinned[source] {
			snapshots = append(snapshots, payouts.Snapshot{Source: source, Table: table.Table, Snapshot: table.Snapshot, Rows: table.Rows})
		}
	}
	slices.SortFunc(snapshots, func(a, b payouts.Snapshot) int {
		return strings.Compare(a.Source+"\x00"+a.Table, b.Source+"\x00"+b.Table)
	})
	return snapshots, nil
}
