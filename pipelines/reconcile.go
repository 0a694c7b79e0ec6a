package pipelines

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/transform/lake"
	"merit/transform/warehouse"
)

// reconcile holds what a CRM counted of its own records against what the lake has of
// them, and says where records are missing. More than the CRM has may be there: what
// was purged since, and history of deals that are gone.
func (j *Job) reconcile(ctx context.Context, source string, tables []lake.Pinned) error {
	dated := map[string]*arrow.Schema{}
	for _, t := range tables {
		dated[t.Table] = t.Schema
	}
	if counts := dated[connectors.CountsTable]; !j.raw[source][connectors.CountsTable] || counts == nil || !counts.HasField("date_column") {
		return nil // nothing was counted, or by an earlier version
	}
	schema := `"` + strings.ReplaceAll(rawSchema(source), `"`, `""`) + `"`
	counted, err := j.rows(ctx, `select counts.object_name, counts.date_column, counts.records, counts.created_until from (
		select all_counts.object_name, all_counts.date_column, all_counts.records, all_counts.created_until,
			row_number() over (partition by all_counts.object_name order by all_counts.counted_on desc) as place
		from `+schema+`.`+connectors.CountsTable+` as all_counts) as counts
		where counts.place = 1 order by counts.object_name`)
	if err != nil {
		return err
	}
	counted = slices.DeleteFunc(counted, func(c warehouse.Row) bool {
		of := dated[c.Text("object_name")]
		return of == nil || c.IsNull("date_column") || !of.HasField(c.Text("date_column"))
	})
	kept, err := j.keptOf(ctx, schema, counted)
	if err != nil {
		return err
	}
	for i, c := range counted {
		missing := c.Int("records") - kept[int64(i)] // who was erased is among them, without identity
		if name := c.Text("object_name"); missing > 0 {
			j.seen(Event{Notice: fmt.Sprintf("%s.%s: the CRM counts %d records made up to %s, and the lake has %d of them; `merit read --full %s.%s` reads all again",
				source, name, c.Int("records"), c.Text("created_until"), kept[int64(i)], source, name)})
		}
	}
	return nil
}

// keptOf is how many of the records that the CRM counted are in the lake, by their
// count's place in the list.
func (j *Job) keptOf(ctx context.Context, schema string, counted []warehouse.Row) (map[int64]int64, error) {
	if len(counted) == 0 {
		return nil, nil
	}
	parts := make([]string, len(counted))
	for i, c := range counted {
		parts[i] = fmt.Sprintf(`select %d as place, count(*) as kept from %s."%s" as records where records."%s" <= cast('%s' as timestamp with time zone)`,
			i, schema, c.Text("object_name"), c.Text("date_column"), c.Text("created_until"))
	}
	rows, err := j.rows(ctx, strings.Join(parts, "\nunion all\n"))
	if err != nil {
		return nil, err
	}
	kept := map[int64]int64{}
	for _, r := range rows {
		kept[r.Int("place")] = r.Int("kept")
	}
	return kept, nil
}
