package model

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
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
	var asked []*tableCheck
	ask := func(r warehouse.Relation, required []string, checks []Condition) {
		if !memory.isChecked(r.String()) || !standAlone(checks) {
			asked = append(asked, &tableCheck{Relation: r, promises: promises(r, required, checks)})
		}
	}
	for _, r := range g.contract {
		if len(names) == 0 {
			ask(r, notNull(r), nil)
		}
	}
	for _, m := range g.Models() {
		if len(names) == 0 || slices.Contains(names, m.Name) {
			ask(m.Relation(), m.Header.NotNull, m.Header.Checks)
		}
	}
	batches := slices.Collect(slices.Chunk(asked, checkedAtOnce(wh)))
	err = sideBySide(ctx, wh, batches, func(ctx context.Context, batch []*tableCheck) error {
		return checkTables(ctx, wh, batch)
	})
	if err != nil {
		return nil, err
	}
	var broken []Violation
	for _, c := range asked {
		broken = append(broken, c.found...)
		if len(c.found) == 0 {
			memory.checked(c.String())
		}
	}
	return broken, memory.write(ctx)
}

// A tableCheck holds one table against its promises.
type tableCheck struct {
	warehouse.Relation
	promises []promise
	found    []Violation
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

// checkedAtOnce is how many tables one query checks: where each query is a job that takes its
// time, many.
func checkedAtOnce(wh warehouse.Warehouse) int {
	if atOnce(wh) == 1 {
		return 1
	}
	return 25
}

// checkTables asks one question of all tables; only what is broken is looked at again, for
// samples.
func checkTables(ctx context.Context, wh warehouse.Warehouse, all []*tableCheck) error {
	var questions []string
	byName := map[string]*tableCheck{}
	for _, c := range all {
		byName[c.String()] = c
		if question := c.question(); question != "" {
			questions = append(questions, question)
		}
	}
	if len(questions) == 0 {
		return nil
	}
	for row, err := range wh.Query(ctx, strings.Join(questions, "\nunion all\n")) {
		if err != nil {
			return fmt.Errorf("check %s: %w", strings.Join(slices.Sorted(maps.Keys(byName)), ", "), err)
		}
		c := byName[row.Text("checked")]
		if c.found, err = c.violations(ctx, wh, strings.Split(row.Text("counts"), ",")); err != nil {
			return fmt.Errorf("check %s: %w", c.Relation, err)
		}
	}
	return nil
}

// question counts the keys that more than one row has, and then the rows that break each
// promise, as one text. "" where the table promises nothing.
func (c *tableCheck) question() string {
	var parts, counts []string
	text := func(name string) {
		counts = append(counts, "cast(coalesce("+name+", 0) as varchar)")
	}
	if len(c.Key) > 0 {
		text("of_keys.repeated_keys")
		parts = append(parts, "(select count(*) as repeated_keys from ("+c.repeatedKeys()+") as doubled) as of_keys")
	}
	if len(c.promises) > 0 {
		sums := make([]string, len(c.promises))
		for i, p := range c.promises {
			sums[i] = fmt.Sprintf("sum(case when %s then 1 else 0 end) as n%d", p.broken, i)
			text(fmt.Sprintf("promised.n%d", i))
		}
		parts = append(parts, "(select "+strings.Join(sums, ", ")+" from "+c.String()+") as promised")
	}
	if len(parts) == 0 {
		return ""
	}
	return "select " + sqlText(c.String()) + " as checked, " + strings.Join(counts, " || ',' || ") + " as counts from " + strings.Join(parts, " cross join ")
}

// violations are the promises that the counts say are broken.
func (c *tableCheck) violations(ctx context.Context, wh warehouse.Warehouse, counts []string) ([]Violation, error) {
	var broken []Violation
	first := len(counts) - len(c.promises) // before it is the key's count, where there is a key
	for i, text := range counts {
		rows, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, err
		}
		if rows == 0 {
			continue
		}
		var v Violation
		if i < first {
			v, err = c.repeated(ctx, wh, rows)
		} else {
			v = c.promises[i-first].violation
			v.Rows = rows
			v.Samples, err = samplesOf(ctx, wh, c.promises[i-first])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.Check, err)
		}
		broken = append(broken, v)
	}
	return broken, nil
}

// repeatedKeys selects the keys that more than one row has.
func (c *tableCheck) repeatedKeys() string {
	key := strings.Join(c.Key, ", ")
	return fmt.Sprintf("select %s, count(*) as rows_of_it from %s group by %s having count(*) > 1", key, c.Relation, key)
}

func (c *tableCheck) repeated(ctx context.Context, wh warehouse.Warehouse, keys int64) (v Violation, err error) {
	key := strings.Join(c.Key, ", ")
	v = Violation{Table: c.String(), Check: "key", Rule: key + " is of one row only", Rows: keys}
	v.Samples, err = sampled(ctx, wh, c.repeatedKeys()+" order by "+key, append(slices.Clone(c.Key), "rows_of_it"))
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
