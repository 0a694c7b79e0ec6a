package hubspot

import (
	"slices"
	"time"

	"merit/connectors"
	"merit/connectors/incremental"
)

const countsName = "counts"

// countStream has how many records of each object HubSpot counts, once a day: the lake can
// be held against it.
func countStream() small {
	return small{name: countsName, tables: []connectors.Table{incremental.CountsTable()}, isSoft: true, read: readCounts}
}

// countLag is how late a search may show a record at least, whatever lookback says.
const countLag = time.Hour

func readCounts(r *smallReading) error {
	now, err := r.now()
	if err != nil || r.last.Day == now.Format(time.DateOnly) {
		return err
	}
	opened := now
	if at := time.UnixMilli(r.opened.Load()).UTC(); r.opened.Load() > 0 && at.Before(now) {
		opened = at
	}
	until := opened.Add(-max(r.lookback, countLag))
	for _, o := range r.objects {
		date, isDated := o.createdProperty()
		if o.isSplits || !isDated || !r.needs(o) || r.refused[o.name] != nil {
			continue
		}
		q := stretch{}.query("ASCENDING", 1)
		q.Groups = []filters{{[]filter{{date, "LTE", decimalText(until.UnixMilli())}}}}
		found, err := r.find(r.ctx, o, q)
		if isRefused(err) || isInvalid(err) {
			r.Warn("%s can't be counted, so that a record which is missing is not noticed by its number: %v", o.name, err)
			continue
		}
		if err != nil {
			return err
		}
		incremental.WriteCount(r.builders[0], incremental.Count{
			Object: o.name, Date: date, Until: until, At: now, Records: found.total, DeletedAt: archivedColumn,
			Moves: true, // people and imports may set it
		})
	}
	r.last.Day = now.Format(time.DateOnly)
	return nil
}

// createdProperty is the property that says when a record was made.
func (o object) createdProperty() (string, bool) {
	for _, name := range []string{"createdate", "hs_createdate"} {
		if slices.Contains(o.instants, name) && !slices.Contains(o.unseen, name) {
			return name, true
		}
	}
	return "", false
}
