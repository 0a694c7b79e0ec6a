package pipelines

import (
	"context"
	"fmt"
	"strings"

	"merit/connectors"
	"merit/transform/lake"
)

// reconcile holds what a CRM counted of its own records against what the lake has of
// them, and says where records are missing. More than the CRM has may be there: what
// was purged since, and history of deals that are gone.
func (j *Job) reconcile(ctx context.Context, source string, tables []lake.Pinned) error {
	isDated := map[string]bool{}
	for _, t := range tables {
		isDated[t.Table] = t.Schema != nil && t.Schema.HasField("CreatedDate")
	}
	if !j.raw[source][connectors.CountsTable] {
		return nil
	}
	schema := `"` + strings.ReplaceAll(rawSchema(source), `"`, `""`) + `"`
	counted, err := j.rows(ctx, `select counts.object_name, counts.records, counts.created_until from (
		select all_counts.object_name, all_counts.records, all_counts.created_until,
			row_number() over (partition by all_counts.object_name order by all_counts.counted_on desc) as place
		from `+schema+`.`+connectors.CountsTable+` as all_counts) as counts
		where counts.place = 1 order by counts.object_name`)
	if err != nil {
		return err
	}
	var parts []string
	for _, c := range counted {
		if name := c.Text("object_name"); isDated[name] {
			parts = append(parts, fmt.Sprintf(`select %d as place, count(*) as kept from %s."%s" as records where records.CreatedDate <= cast('%s' as timestamp with time zone)`,
				len(parts), schema, name, c.Text("created_until")))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	kept := map[int64]int64{}
	rows, err := j.rows(ctx, strings.Join(parts, "\nunion all\n"))
	if err != nil {
		return err
	}
	for _, r := range rows {
		kept[r.Int("place")] = r.Int("kept")
	}
	place := int64(0)
	for _, c := range counted {
		name := c.Text("object_name")
		if !isDated[name] {
			continue
		}
		missing, few := c.Int("records")-kept[place], int64(0)
		if j.hasErased {
			few = c.Int("records") / 100 // of people who were erased here, and are still there
		}
		if missing > few {
			j.seen(Event{Notice: fmt.Sprintf("%s.%s: the CRM counts %d records made up to %s, and the lake has %d of them; `merit read --full %s.%s` reads all again",
				source, name, c.Int("records"), c.Text("created_until"), kept[place], source, name)})
		}
		place++
	}
	return nil
}
