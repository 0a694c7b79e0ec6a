package planted

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"merit/models"
	"merit/transform/model"
	"merit/transform/warehouse"
	"merit/transform/warehouse/duckdb"
)

var (
	companies = flag.Int("companies", 3, "invented companies of each property; make planted takes 200")
	firstSeed = flag.Uint64("seed", 1, "the first company's seed")
)

// A company is a warehouse with every table of the models, empty until it is given rows.
type company struct {
	*rand.Rand
	t         testing.TB
	graph     *model.Graph
	warehouse warehouse.Warehouse
}

// newCompany has all tables, as of an instant, in UTC.
func newCompany(t testing.TB, asOf string) *company {
	t.Helper()
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	db, err := duckdb.Open("", "1GB")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c := &company{t: t, graph: graph, warehouse: db}
	for _, table := range graph.Contract() {
		var rows [][]any
		if table.String() == "plan.as_of" {
			rows = [][]any{{asOf, asOf[:10], "UTC", "USD"}}
		}
		if err := db.Put(context.Background(), table, slices.Values(rows)); err != nil {
			t.Fatal(err)
		}
	}
	names, err := graph.Select("")
	if err != nil {
		t.Fatal(err)
	}
	if err := graph.Build(context.Background(), db, names, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

// seeded begins an invented company of its own; the seed is told where a test fails.
func (c *company) seeded(i int) uint64 {
	seed := *firstSeed + uint64(i)
	c.Rand = rand.New(rand.NewPCG(seed, 24))
	return seed
}

// give puts rows into a table in the place of those that are there.
func (c *company) give(table, columns string, rows [][]any) {
	c.t.Helper()
	c.exec("delete from " + table)
	c.add(table, columns, rows)
}

// add puts more rows into a table.
func (c *company) add(table, columns string, rows [][]any) {
	c.t.Helper()
	for chunk := range slices.Chunk(rows, 2000) {
		var values []string
		for _, row := range chunk {
			var cells []string
			for _, cell := range row {
				cells = append(cells, literal(cell))
			}
			values = append(values, "("+strings.Join(cells, ", ")+")")
		}
		c.exec(fmt.Sprintf("insert into %s (%s) values %s", table, columns, strings.Join(values, ", ")))
	}
}

func (c *company) exec(statement string) {
	c.t.Helper()
	if err := c.warehouse.Exec(context.Background(), statement); err != nil {
		c.t.Fatalf("%.200s: %v", statement, err)
	}
}

func literal(cell any) string {
	switch v := cell.(type) {
	case nil:
		return "null"
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case time.Time:
		return "'" + v.UTC().Format(time.RFC3339) + "'"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(cell)
}

// build makes these tables again.
func (c *company) build(tables ...string) {
	c.t.Helper()
	if err := c.graph.Build(context.Background(), c.warehouse, tables, nil); err != nil {
		c.t.Fatal(err)
	}
}

// ask gives an answer's rows as text, null as "".
func (c *company) ask(question string) [][]string {
	c.t.Helper()
	var rows [][]string
	for row, err := range c.warehouse.Query(context.Background(), question) {
		if err != nil {
			c.t.Fatalf("%.200s: %v", question, err)
		}
		var texts []string
		for i := range row.Columns() {
			text := row.At(i).Text
			if row.At(i).IsNull {
				text = ""
			}
			texts = append(texts, text)
		}
		rows = append(rows, texts)
	}
	return rows
}

// number is the one number of an answer.
func (c *company) number(question string) float64 {
	c.t.Helper()
	rows := c.ask(question)
	if len(rows) != 1 || len(rows[0]) != 1 {
		c.t.Fatalf("%s gives %v, not one number", question, rows)
	}
	n, err := strconv.ParseFloat(rows[0][0], 64)
	if err != nil {
		c.t.Fatalf("%s: %v", question, err)
	}
	return n
}

func date(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

func whole(t testing.TB, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
