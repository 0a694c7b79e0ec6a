package model

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"merit/transform/warehouse"
)

// A Violation is a promise of a header, or of the contract, that the data broke.
type Violation struct {
	Table   string // core.stage_visits
	Check   string // "key", "present: entered_at", or the check's name
	Rule    string // what should hold, in SQL or words
	Rows    int64  // how many rows (for a key: how many keys) break it
	Samples []string
}

func (v Violation) String() string {
	return fmt.Sprintf("%s: %s: %d where not (%s), such as %s", v.Table, v.Check, v.Rows, v.Rule, strings.Join(v.Samples, "; "))
}

// samples is how many broken rows a violation names.
const samples = 5

// Check holds every table against its header, the contract's tables too: key
// unique, columns present, conditions true in every row.
func (g *Graph) Check(ctx context.Context, wh warehouse.Warehouse) ([]Violation, error) {
	var broken []Violation
	for _, r := range g.contract {
		found, err := checkTable(ctx, wh, r, notNull(r), nil)
		if err != nil {
			return nil, err
		}
		broken = append(broken, found...)
	}
	for _, m := range g.Models() {
		found, err := checkTable(ctx, wh, m.Relation(), m.Header.Present, m.Header.Checks)
		if err != nil {
			return nil, err
		}
		broken = append(broken, found...)
	}
	return broken, nil
}

func notNull(r warehouse.Relation) []string {
	var present []string
	for _, column := range r.Columns {
		if !column.Nullable {
			present = append(present, column.Name)
		}
	}
	return present
}

func checkTable(ctx context.Context, wh warehouse.Warehouse, r warehouse.Relation, present []string, checks []Condition) ([]Violation, error) {
	var broken []Violation
	hold := func(v Violation, where string, shown []string) error {
		v.Table = r.String()
		found, err := rowsWhere(ctx, wh, v, where, shown)
		if err != nil {
			return fmt.Errorf("check %s of %s: %w", v.Check, r, err)
		}
		if found.Rows > 0 {
			broken = append(broken, found)
		}
		return nil
	}
	if len(r.Key) > 0 {
		found, err := sameKeys(ctx, wh, r)
		if err != nil {
			return nil, fmt.Errorf("check key of %s: %w", r, err)
		}
		if found.Rows > 0 {
			broken = append(broken, found)
		}
	}
	for _, column := range present {
		shown := slices.DeleteFunc(slices.Clone(r.Key), func(c string) bool { return c == column })
		if err := hold(Violation{Check: "present: " + column, Rule: column + " is not null"}, column+" is null", shown); err != nil {
			return nil, err
		}
	}
	for _, check := range checks {
		// A condition that is neither true nor false does not hold.
		if err := hold(Violation{Check: check.Name, Rule: check.SQL}, "("+check.SQL+") is not true", r.Key); err != nil {
			return nil, err
		}
	}
	return broken, nil
}

// sameKeys finds keys that more than one row has.
func sameKeys(ctx context.Context, wh warehouse.Warehouse, r warehouse.Relation) (Violation, error) {
	key := strings.Join(r.Key, ", ")
	v := Violation{Table: r.String(), Check: "key", Rule: key + " is of one row only"}
	again := fmt.Sprintf("select %s, count(*) as rows_of_it from %s group by %s having count(*) > 1", key, r, key)
	n, err := count(ctx, wh, "select count(*) as n from ("+again+") as doubled")
	if err != nil || n == 0 {
		return v, err
	}
	v.Rows = n
	v.Samples, err = sampled(ctx, wh, again+" order by "+key, append(slices.Clone(r.Key), "rows_of_it"))
	return v, err
}

func rowsWhere(ctx context.Context, wh warehouse.Warehouse, v Violation, where string, shown []string) (Violation, error) {
	n, err := count(ctx, wh, fmt.Sprintf("select count(*) as n from %s where %s", v.Table, where))
	if err != nil || n == 0 {
		return v, err
	}
	v.Rows = n
	if len(shown) == 0 {
		return v, nil
	}
	list := strings.Join(shown, ", ")
	v.Samples, err = sampled(ctx, wh, fmt.Sprintf("select %s from %s where %s order by %s", list, v.Table, where, list), shown)
	return v, err
}

func sampled(ctx context.Context, wh warehouse.Warehouse, question string, columns []string) ([]string, error) {
	var found []string
	for row, err := range wh.Query(ctx, fmt.Sprintf("%s limit %d", question, samples)) {
		if err != nil {
			return nil, err
		}
		parts := make([]string, len(columns))
		for i, column := range columns {
			parts[i] = column + " " + row.Text(column)
		}
		found = append(found, strings.Join(parts, ", "))
	}
	return found, nil
}
