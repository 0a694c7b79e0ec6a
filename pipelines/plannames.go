package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Names says which names in plan.yml and merit.yml match no record of a source, and
// what there is instead, as the last build found it.
func (j *Job) Names(ctx context.Context) []string {
	if w := j.Project.Settings.Warehouse; !w.UsesBigQuery() {
		if _, err := os.Stat(j.Project.Path(w.DuckDB)); errors.Is(err, fs.ErrNotExist) {
			return []string{"names in the plan were not compared with the sources' records: nothing was built yet"}
		}
	}
	err := j.openWarehouse()
	if err != nil {
		return []string{fmt.Sprintf("names in the plan were not compared with the sources' records: %v", err)}
	}
	rows, err := j.rows(ctx, "select place, finding, is_serious from marts.plan_names order by is_serious desc, place, finding")
	if err != nil { // a warehouse that an earlier release built has no such table
		return []string{"names in the plan were not compared with the sources' records: `merit build` first"}
	}
	var notes []string
	for _, row := range rows {
		note := row.Text("place") + ": " + row.Text("finding")
		if row.Text("is_serious") == "true" {
			note += " (what counts by it is unknown until then)"
		}
		notes = append(notes, note)
	}
	return notes
}
