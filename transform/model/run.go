package model

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sourcegraph/conc/pool"

	"merit/transform/warehouse"
)

// A Result is how one example came out; Err nil: as it says.
type Result struct {
	Example Example
	Err     error
}

// RunExamples runs the worked examples of the named models, or of all, in warehouses
// made for it, as many at once as there are: tables not given are empty, or built from
// what is given. Only the columns shown are compared, in no order.
func (g *Graph) RunExamples(ctx context.Context, warehouses []warehouse.Warehouse, names ...string) ([]Result, error) {
	var examples []Example
	for _, m := range g.Models() {
		if len(names) > 0 && !slices.Contains(names, m.Name) {
			continue
		}
		more, err := g.Examples(m)
		if err != nil {
			return nil, err
		}
		examples = append(examples, more...)
	}
	results := make([]Result, len(examples))
	var taken atomic.Int64
	work := pool.New().WithContext(ctx).WithFirstError()
	for _, wh := range warehouses {
		work.Go(func(ctx context.Context) error {
			run := &scene{graph: g, wh: wh, made: map[string]string{}, stands: map[string]bool{}, uses: map[string][]string{}}
			for ctx.Err() == nil {
				from := int(taken.Add(inARow)) - inARow
				if from >= len(examples) {
					return nil
				}
				for i := from; i < min(from+inARow, len(examples)) && ctx.Err() == nil; i++ {
					results[i] = Result{examples[i], run.play(ctx, examples[i])}
				}
			}
			return ctx.Err()
		})
	}
	err := work.Wait()
	return results, err
}

// inARow is how many examples a warehouse plays before others get the next: what stands
// beside each other reads mostly the same tables.
const inARow = 16

// play tells what an example's model does not give as it says.
func (s *scene) play(ctx context.Context, e Example) error {
	err := s.set(ctx, e)
	if err == nil {
		err = e.compare(ctx, s.wh, s.graph.counted(e))
	}
	if err != nil {
		err = fmt.Errorf("models/%s:%d: %s\n%w", e.File, e.Line, e.Title, err)
	}
	return err
}

// A scene is the warehouse that examples are played on, one after another. It
// knows what each table was made of, and leaves standing what the next example
// would make of the same.
type scene struct {
	graph *Graph
	wh    warehouse.Warehouse
	made  map[string]string
	// stands are the models that are there as tables, with whatever rows.
	stands   map[string]bool
	declared functions           // for the as-of of this example
	uses     map[string][]string // by model, the names of the functions that it stands on
}

// set makes what the example's model reads from, then the model.
func (s *scene) set(ctx context.Context, e Example) error {
	for _, given := range e.given {
		if !s.graph.knows(given.table) {
			return fmt.Errorf("%s:%d: there is no table %s", e.File, given.line, given.table)
		}
	}
	for _, table := range s.graph.contract {
		rows, err := e.contractRows(s.graph, table)
		if err != nil {
			return err
		}
		err = s.make(table.String(), fmt.Sprint(rows), func() error {
			return s.wh.Put(ctx, uncommented(table), slices.Values(rows))
		})
		if err != nil {
			return err
		}
	}
	// The functions hold the as-of.
	err := s.make("fn", s.made["plan.as_of"], func() (err error) {
		s.declared, err = declare(ctx, s.wh)
		return err
	})
	if err != nil {
		return err
	}
	needed := s.needed(e)
	for _, m := range s.graph.Models() {
		if !needed[m.Name] {
			continue
		}
		given, isGiven := e.table(m.Name)
		of := "given\n"
		if isGiven {
			of += given.insert(m)
		} else {
			used, err := s.functionsOf(m)
			if err != nil {
				return err
			}
			of = used
			for _, need := range m.Needs {
				of += "\n" + s.made[need]
			}
		}
		sum := sha256.Sum256([]byte(of))
		if err := s.make(m.Name, string(sum[:]), func() error { return s.build(ctx, m, e, given, isGiven) }); err != nil {
			return err
		}
	}
	return nil
}

// functionsOf are the declarations that a model stands on, as they are for this example.
func (s *scene) functionsOf(m *Model) (string, error) {
	names, known := s.uses[m.Name]
	if !known {
		var err error
		if names, err = s.declared.namesIn(m.SQL); err != nil {
			return "", fmt.Errorf("models/%s: %w", m.File, err)
		}
		s.uses[m.Name] = names
	}
	var all strings.Builder
	for _, name := range names {
		all.WriteString(s.declared[name])
	}
	return all.String(), nil
}

// needed are the models that an example has to have: its own, and what those read that
// it does not give. What a given table would be computed from is needed once, for the
// types of its columns.
func (s *scene) needed(e Example) map[string]bool {
	needed := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		if needed[name] || s.graph.models[name] == nil {
			return
		}
		needed[name] = true
		if _, isGiven := e.table(name); isGiven && s.stands[name] {
			return
		}
		for _, need := range s.graph.readBy(name) {
			add(need)
		}
	}
	add(e.Model)
	if s.graph.asksTheRoster(e) {
		add(rosterTable)
	}
	return needed
}

// make does the work unless the table is made of the same already.
func (s *scene) make(table, of string, work func() error) error {
	if made, there := s.made[table]; there && made == of {
		return nil
	}
	delete(s.made, table)
	if err := work(); err != nil {
		return err
	}
	s.made[table] = of
	return nil
}

// build makes a model's table, and puts the given rows in place of its own.
func (s *scene) build(ctx context.Context, m *Model, e Example, given rowsOf, isGiven bool) error {
	r := uncommented(m.Relation())
	r.IsView = r.IsView && !isGiven
	if !isGiven || !s.stands[m.Name] {
		s.stands[m.Name] = false
		if err := m.build(ctx, s.wh, r, s.declared); err != nil {
			return err
		}
		s.stands[m.Name] = !r.IsView
	}
	if !isGiven {
		return nil
	}
	if err := s.wh.Exec(ctx, "delete from "+m.Name+" where true"); err != nil {
		return err
	}
	insert := given.insert(m)
	if insert == "" {
		return nil
	}
	if err := s.wh.Exec(ctx, insert); err != nil {
		return fmt.Errorf("%s:%d: %w", e.File, given.line, err)
	}
	return nil
}

// uncommented is a table that nobody reads about: writing a comment for each column
// took a third of an example's time.
func uncommented(r warehouse.Relation) warehouse.Relation {
	r.Comment = ""
	r.Columns = slices.Clone(r.Columns)
	for i := range r.Columns {
		r.Columns[i].Comment = ""
	}
	return r
}

// counted is what the example compares: the model's rows and, of a metric whose
// example has a roster, those of them that the evidence keeps.
func (g *Graph) counted(e Example) string {
	if !g.asksTheRoster(e) {
		return e.Model
	}
	return "(select evidence.* from " + e.Model + " as evidence" + strings.ReplaceAll(onTheRoster, "counted.", "evidence.") + ") as evidence"
}

func (g *Graph) asksTheRoster(e Example) bool {
	if g.models[e.Model].Header.Metric == nil {
		return false
	}
	_, spans := e.table(rosterTable)
	_, people := e.table("plan.reps")
	return spans || people
}

func (e Example) compare(ctx context.Context, wh warehouse.Warehouse, counted string) error {
	var got [][]warehouse.Value
	for row, err := range wh.Query(ctx, "select "+strings.Join(e.want.columns, ", ")+" from "+counted) {
		if err != nil {
			return err
		}
		values := make([]warehouse.Value, len(e.want.columns))
		for i := range values {
			values[i] = row.At(i)
		}
		got = append(got, values)
	}
	var missing [][]cell
	for _, want := range e.want.rows {
		found := slices.IndexFunc(got, func(row []warehouse.Value) bool { return e.sameRow(want, row) })
		if found < 0 {
			missing = append(missing, want)
			continue
		}
		got = slices.Delete(got, found, found+1)
	}
	if len(missing)+len(got) == 0 {
		return nil
	}
	return e.difference(missing, got)
}

func (e Example) sameRow(want []cell, got []warehouse.Value) bool {
	for i := range want {
		if want[i].isNull != got[i].IsNull || !want[i].isNull && !e.same(want[i].text, got[i].Text) {
			return false
		}
	}
	return true
}

// same compares what two texts mean: 1 is 1.00, 2026-01-03T10:00:00Z is the same
// instant in any zone, and a date is its midnight where an instant is given.
// Three or more digits after the point mean: rounded to so many.
func (e Example) same(want, got string) bool {
	if want == got {
		return true
	}
	a, isNumber := new(big.Rat).SetString(want)
	b, gotNumber := new(big.Rat).SetString(got)
	if isNumber && gotNumber {
		_, digits, _ := strings.Cut(want, ".")
		return a.Cmp(b) == 0 || len(digits) >= 3 && a.FloatString(len(digits)) == b.FloatString(len(digits))
	}
	w, isInstant := e.instant(want)
	g, gotInstant := e.instant(got)
	return isInstant && gotInstant && w.Equal(g)
}

var dateOnly = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)

func (e Example) instant(text string) (time.Time, bool) {
	if dateOnly.MatchString(text) {
		t, err := time.ParseInLocation(time.DateOnly, text, e.zone)
		return t, err == nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// difference shows both tables' rows that have no partner, under their columns.
func (e Example) difference(missing [][]cell, surplus [][]warehouse.Value) error {
	lines := [][]string{append([]string{" "}, e.want.columns...)}
	for _, row := range missing {
		line := []string{fmt.Sprintf("- %d", row[0].line)}
		for _, c := range row {
			line = append(line, c.text)
		}
		lines = append(lines, line)
	}
	for _, row := range surplus {
		line := []string{"+"}
		for _, value := range row {
			line = append(line, value.Text)
		}
		lines = append(lines, line)
	}
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, text := range line {
			widths[i] = max(widths[i], len([]rune(text)))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		for i, text := range line {
			fmt.Fprintf(&b, "%-*s  ", widths[i], text)
		}
		b.WriteString("\n")
	}
	return fmt.Errorf("%s gives other rows (- line: expected, + given):\n%s", e.Model, b.String())
}
