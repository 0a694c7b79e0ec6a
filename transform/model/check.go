package model

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"merit/transform/sqltext"
	"merit/transform/warehouse"
)

// A Violation is a promise of a header, or of the contract, that the data broke.
type Violation struct {
	Table   string // core.stage_visits
	Check   string // "key", "not_null: entered_at", or the check's name
	Rule    string // what should hold, in SQL or words
	Rows    int64  // how many rows (for a key: how many keys) break it
	Samples []string
}

func (v Violation) String() string {
	return fmt.Sprintf("%s: %s: %d where not (%s), such as %s", v.Table, v.Check, v.Rows, v.Rule, strings.Join(v.Samples, "; "))
}

// samples is how many broken rows a violation names.
const samples = 5

// Check holds the named tables, or every one and the contract's tables too, against
// their headers: key unique, columns never null, conditions true in every row. A table
// that kept its promises and was not made again since is not asked again.
func (g *Graph) Check(ctx context.Context, wh warehouse.Warehouse, names ...string) ([]Violation, error) {
	memory, err := Recall(ctx, wh)
	if err != nil {
		return nil, err
	}
	var broken []Violation
	check := func(r warehouse.Relation, required []string, checks []Condition) error {
		if memory.isChecked(r.String()) && standAlone(checks) {
			return nil
		}
		found, err := checkTable(ctx, wh, r, required, checks)
		broken = append(broken, found...)
		if err == nil && len(found) == 0 {
			memory.checked(r.String())
		}
		return err
	}
	for _, r := range g.contract {
		if len(names) > 0 {
			break
		}
		if err := check(r, notNull(r), nil); err != nil {
			return nil, err
		}
	}
	for _, m := range g.Models() {
		if len(names) > 0 && !slices.Contains(names, m.Name) {
			continue
		}
		if err := check(m.Relation(), m.Header.NotNull, m.Header.Checks); err != nil {
			return nil, err
		}
	}
	return broken, memory.write(ctx)
}

// standAlone tells whether conditions speak of a table's own rows only: another table, or
// the day of a build, may have changed since.
func standAlone(checks []Condition) bool {
	return !slices.ContainsFunc(checks, func(c Condition) bool {
		tokens, err := sqltext.Tokenize(c.SQL)
		return err != nil || slices.ContainsFunc(tokens, func(t sqltext.Token) bool { return t.Is("from", "fn") })
	})
}

func notNull(r warehouse.Relation) []string {
	var required []string
	for _, column := range r.Columns {
		if !column.Nullable {
			required = append(required, column.Name)
		}
	}
	return required
}

// A promise is a condition that no row may meet.
type promise struct {
	violation Violation // when some row meets it
	broken    string    // SQL
	shown     []string  // columns that name the row
}

// promises are what a table's header says of each row by itself.
func promises(r warehouse.Relation, required []string, checks []Condition) []promise {
	var all []promise
	for _, column := range required {
		all = append(all, promise{
			violation: Violation{Table: r.String(), Check: "not_null: " + column, Rule: column + " is not null"},
			broken:    column + " is null",
			shown:     slices.DeleteFunc(slices.Clone(r.Key), func(c string) bool { return c == column }),
		})
	}
	for _, check := range checks {
		all = append(all, promise{
			violation: Violation{Table: r.String(), Check: check.Name, Rule: check.SQL},
			broken:    "(" + check.SQL + ") is not true", // neither true nor false does not hold either
			shown:     r.Key,
		})
	}
	return all
}

// checkTable goes over the table once for the key and once for all the rest; only
// what is broken is looked at again, for samples.
func checkTable(ctx context.Context, wh warehouse.Warehouse, r warehouse.Relation, required []string, checks []Condition) ([]Violation, error) {
	var broken []Violation
	if len(r.Key) > 0 {
		found, err := sameKeys(ctx, wh, r)
		if err != nil {
			return nil, fmt.Errorf("check key of %s: %w", r, err)
		}
		if found.Rows > 0 {
			broken = append(broken, found)
		}
	}
	all := promises(r, required, checks)
	if len(all) == 0 {
		return broken, nil
	}
	counts := make([]string, len(all))
	for i, p := range all {
		counts[i] = fmt.Sprintf("sum(case when %s then 1 else 0 end) as n%d", p.broken, i)
	}
	for row, err := range wh.Query(ctx, "select "+strings.Join(counts, ", ")+" from "+r.String()) {
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", r, err)
		}
		for i, p := range all {
			v := p.violation
			if v.Rows = row.Int(fmt.Sprintf("n%d", i)); v.Rows == 0 {
				continue
			}
			if v.Samples, err = samplesOf(ctx, wh, p); err != nil {
				return nil, fmt.Errorf("check %s of %s: %w", v.Check, r, err)
			}
			broken = append(broken, v)
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

func samplesOf(ctx context.Context, wh warehouse.Warehouse, p promise) ([]string, error) {
	if len(p.shown) == 0 {
		return nil, nil
	}
	list := strings.Join(p.shown, ", ")
	return sampled(ctx, wh, fmt.Sprintf("select %s from %s where %s order by %s", list, p.violation.Table, p.broken, list), p.shown)
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
