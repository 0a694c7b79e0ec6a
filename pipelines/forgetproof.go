package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines/project"
	"merit/transform/lake"
	"merit/transform/warehouse"
)

// keptGround says why accounts of pay stay.
const keptGround = "an account of what was paid, which the law has companies keep (GDPR Art. 17(3)(b); delete it when the time for keeping is over)"

// places are the parts of a project folder that a search tells apart.
type places struct{ publish, lake, copies, payouts, warehouse, evidence, state, keys string }

func placesOf(p *project.Project) places {
	s := p.Settings
	at := places{
		publish: p.Path(s.Publish), payouts: p.Path(s.Files.Payouts), warehouse: p.Path(s.Warehouse.DuckDB),
		copies: p.Path(s.Lake.Copies), evidence: p.Path("evidence"), state: p.State(), keys: p.Path("keys"),
	}
	if !s.Lake.UsesBucket() {
		at.lake = p.Path(s.Lake.Location)
	}
	return at
}

func within(path, folder string) bool {
	return folder != "" && (path == folder || strings.HasPrefix(path, folder+string(filepath.Separator)))
}

// removeDrafts removes drafts of payouts that tell of a person: they are made again from
// the tables. What is locked stays.
func (j *Job) removeDrafts(ctx context.Context, matches lake.Match) ([]string, error) {
	drafts, err := filepath.Glob(filepath.Join(placesOf(j.Project).payouts, "*", "draft"))
	if err != nil {
		return nil, err
	}
	var removed []string
	for _, draft := range drafts {
		found, err := lake.Search(ctx, draft, matches)
		if err != nil {
			return removed, err
		}
		if len(found.Found) == 0 {
			continue
		}
		if err := os.RemoveAll(draft); err != nil {
			return removed, fault.Errorf(fault.You, "removing the draft: %w", err)
		}
		removed = append(removed, draft)
	}
	return removed, nil
}

// rebuildWithout makes the tables anew from what is left in the lake, publishes them, and
// removes the versions before. Nothing is made where nothing was made yet.
func (j *Job) rebuildWithout(ctx context.Context) (bool, error) {
	at := placesOf(j.Project)
	_, noPublished := os.Stat(at.publish)
	_, noWarehouse := os.Stat(at.warehouse)
	if noPublished != nil && noWarehouse != nil && !j.Project.Settings.Warehouse.UsesBigQuery() {
		return false, nil
	}
	if err := j.removeWarehouse(); err != nil {
		return false, err
	}
	in, err := j.Inputs()
	if err != nil {
		return false, err
	}
	if _, err := j.Build(ctx, in, BuildOptions{}); err != nil {
		return false, err
	}
	if noPublished != nil && !j.Project.Settings.Warehouse.UsesBigQuery() {
		return true, nil
	}
	if err := j.Check(ctx); err != nil {
		return true, err
	}
	if err := j.Publish(ctx); err != nil {
		return true, err
	}
	if s, keepsVersions := j.Warehouse.(warehouse.Superseding); keepsVersions {
		return true, s.RemoveSuperseded(at.publish)
	}
	return true, nil
}

// prove looks for everybody who was ever erased at a source: in the lake by what each
// column tells, in every text of the warehouse, and in every byte of the project.
func (j *Job) prove(ctx context.Context, source string, list *lake.ErasureList, done *Erasure) error {
	found, err := j.Lake.Remaining(ctx, source)
	if err != nil {
		return fmt.Errorf("looking for what should be gone: %w", err)
	}
	done.Proof.Add(found)
	if done.Rebuilt {
		if err := j.searchWarehouse(ctx, list.Mentions(source), &done.Proof); err != nil {
			return fmt.Errorf("looking for what should be gone: %w", err)
		}
	}
	if err := j.survey(ctx, source, list, done); err != nil {
		return err
	}
	if len(done.Proof.Found) > 0 {
		return fault.Errorf(fault.Us, "the person is still in %s", strings.Join(done.Proof.Found, "; "))
	}
	return nil
}

// survey goes through every file of the project that is not the lake's or the warehouse's
// own, and through what is published outside it.
func (j *Job) survey(ctx context.Context, source string, list *lake.ErasureList, done *Erasure) error {
	at, matches := placesOf(j.Project), list.Mentions(source)
	roots := []string{j.Project.Path(".")}
	for _, place := range []string{at.publish, at.payouts, at.state} {
		if !within(place, roots[0]) {
			roots = append(roots, place)
		}
	}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (within(path, at.lake) || within(path, at.copies) || within(path, at.keys)):
				return fs.SkipDir
			case !entry.Type().IsRegular() || strings.HasPrefix(path, at.warehouse):
				return ctx.Err()
			}
			found, err := lake.Search(ctx, path, matches)
			if err != nil {
				return err
			}
			done.sort(at, found)
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("looking for what should be gone: %w", err)
		}
	}
	for _, other := range j.Sources {
		if other.Name == source {
			continue
		}
		found, err := j.Lake.Search(ctx, other.Name, matches)
		if err != nil {
			return fmt.Errorf("looking for what should be gone: %w", err)
		}
		if len(found.Found) > 0 {
			done.Yours = append(done.Yours, fmt.Sprintf("what was read from %s: `merit forget %s …` erases it there too", other.Name, other.Name))
		}
	}
	return nil
}

// sort says of what was found whose it is to mend.
func (done *Erasure) sort(at places, found lake.Searched) {
	done.Proof.Files, done.Proof.Values = done.Proof.Files+found.Files, done.Proof.Values+found.Values
	for _, path := range found.Found {
		switch {
		case within(path, at.publish) || within(path, at.state):
			done.Proof.Found = append(done.Proof.Found, path)
		case within(path, at.payouts):
			period, _, _ := strings.Cut(strings.TrimPrefix(path, at.payouts+string(filepath.Separator)), string(filepath.Separator))
			note := filepath.Join(at.payouts, period) + ": " + keptGround
			if !slices.Contains(done.Kept, note) {
				done.Kept = append(done.Kept, note)
			}
		case within(path, at.evidence):
			done.Kept = append(done.Kept, path+": the signed log of what was paid; "+keptGround)
		default:
			done.Yours = append(done.Yours, path)
		}
	}
}

// searchWarehouse looks through every text that any table holds which was made from the
// lake. The raw tables show the lake's own files, which were looked through.
func (j *Job) searchWarehouse(ctx context.Context, matches lake.Match, done *lake.Searched) error {
	tables, err := j.textColumns(ctx)
	if err != nil {
		return err
	}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		var parts []string
		for _, column := range tables[table] {
			parts = append(parts, fmt.Sprintf(`select distinct '%s' as place, "%s" as text from %s where "%s" is not null`, column, column, table, column))
		}
		for row, err := range j.Warehouse.Query(ctx, strings.Join(parts, " union all ")) {
			if err != nil {
				return err
			}
			if done.Values++; matches(row.Text("text")) {
				done.Found = append(done.Found, strings.ReplaceAll(table, `"`, "")+"."+row.Text("place")+" of the warehouse")
				break
			}
		}
	}
	return nil
}

// textColumns are the columns of texts, by table.
func (j *Job) textColumns(ctx context.Context) (map[string][]string, error) {
	columns := map[string][]string{}
	if j.Warehouse.Dialect() != "duckdb" {
		return columns, nil // what BigQuery holds was put there from the same rows a moment ago
	}
	for row, err := range j.Warehouse.Query(ctx, `select '"' || table_schema || '"."' || table_name || '"' as place, column_name from information_schema.columns
		where data_type = 'VARCHAR' and table_schema not in ('information_schema', 'pg_catalog') and not starts_with(table_schema, 'raw_') order by all`) {
		if err != nil {
			return nil, err
		}
		columns[row.Text("place")] = append(columns[row.Text("place")], row.Text("column_name"))
	}
	return columns, nil
}
