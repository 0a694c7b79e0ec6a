// Package model reads the folder of models: each file's header, what it reads
// from, in which order the tables are to be built, and whether they hold what
// their headers promise. It knows no engine and no metric.
package model

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"merit/connectors/fault"
	contractsql "merit/sql"
	"merit/transform/sqltext"
	"merit/transform/warehouse"
)

// A Graph is all models, each after those it reads from.
type Graph struct {
	models   map[string]*Model
	order    []string
	contract []warehouse.Relation
	files    layers
}

// A Model is one file: a table and the query that gives it.
type Model struct {
	Name    string // folder.name: core.stage_visits
	File    string // core/stage_visits.sql; "" for what the engine derives from headers
	SQL     string // the whole file
	Header  Header
	Columns []warehouse.Column // with descriptions; types only where they are prescribed
	Needs   []string           // tables it reads, models and contract
}

// metricsFolder holds one file for each metric.
const metricsFolder = "metrics"

// Load reads FOLDER/NAME.sql of all folders. It refuses unknown tables, cycles,
// and whatever the conventions do not allow, and names every line at once.
func Load(models fs.FS) (*Graph, error) {
	g, wrong, err := load(layers{merits: models})
	if err == nil && len(wrong) > 0 {
		err = fault.Errorf(fault.Us, "models:\n%s", strings.Join(wrong, "\n"))
	}
	if err != nil {
		return nil, err
	}
	return g, nil
}

// load gives the graph, or every line that breaks a rule.
func load(models layers) (*Graph, []string, error) {
	contract, err := Contract(contractsql.Files)
	if err != nil {
		return nil, nil, err
	}
	paths, err := models.glob("*/*.sql")
	if err != nil {
		return nil, nil, err
	}
	g := &Graph{models: map[string]*Model{}, contract: contract, files: models}
	var wrong []string
	for _, file := range paths {
		text, err := models.read(file)
		if err != nil {
			return nil, nil, fmt.Errorf("model %s: %w", file, err)
		}
		m, findings := parse(file, string(text))
		g.models[m.Name] = m
		for _, f := range findings {
			wrong = append(wrong, fmt.Sprintf("%s:%d: %s", file, f.line, f.text))
		}
	}
	derived, err := g.derived()
	if err != nil {
		return nil, wrong, err
	}
	for _, m := range derived {
		g.models[m.Name] = m
	}
	copies, err := g.ifConfirmed()
	if err != nil {
		return nil, wrong, err
	}
	for _, m := range copies {
		g.models[m.Name] = m
	}
	stray, err := strayExamples(models, g.models)
	if err != nil {
		return nil, wrong, err
	}
	wrong = append(append(wrong, g.unknownTables()...), stray...)
	if len(wrong) > 0 {
		return nil, wrong, nil
	}
	if g.order, err = g.sorted(); err != nil {
		return nil, nil, err
	}
	return g, nil, nil
}

// parse reads one file as far as it can be read.
func parse(file, sql string) (*Model, []finding) {
	folder, name := path.Dir(file), strings.TrimSuffix(path.Base(file), ".sql")
	m := &Model{Name: folder + "." + name, File: file, SQL: sql}
	header, findings := parseHeader(name, folder == metricsFolder, sql)
	m.Header = header
	tokens, err := sqltext.Tokenize(sql)
	if err != nil {
		return m, append(findings, finding{1, err.Error()})
	}
	columns, more := finalColumns(tokens)
	findings = slices.Concat(findings, more, lint(tokens), columnsCalledLikeTables(sqltext.WithoutComments(tokens)))
	m.Columns = columns
	if header.Metric != nil {
		findings = append(findings, asEvidence(m)...)
	}
	if header.Rule != nil {
		findings = append(findings, asCandidates(m)...)
	}
	for _, column := range append(slices.Clone(header.Key), header.NotNull...) {
		if !slices.ContainsFunc(columns, func(c warehouse.Column) bool { return c.Name == column }) {
			findings = append(findings, finding{1, fmt.Sprintf("the header names a column %s, the query has none", column)})
		}
	}
	tables, err := sqltext.References(tokens)
	if err != nil {
		return m, append(findings, finding{1, err.Error()})
	}
	for _, table := range tables {
		m.Needs = append(m.Needs, table.Name)
	}
	return m, findings
}

// unknownTables names each table that is read and that nobody makes.
func (g *Graph) unknownTables() []string {
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(g.models)) {
		m := g.models[name]
		tokens, err := sqltext.Tokenize(m.SQL)
		if err != nil {
			continue // told already
		}
		tables, _ := sqltext.References(tokens)
		for _, table := range tables {
			if !g.knows(table.Name) {
				wrong = append(wrong, fmt.Sprintf("%s:%d: %s is neither a model nor a table of the contract", m.File, table.Line, table.Name))
			}
		}
	}
	return wrong
}

func (g *Graph) knows(table string) bool {
	return g.models[table] != nil || g.contractTable(table) != nil
}

func (g *Graph) contractTable(table string) *warehouse.Relation {
	for i := range g.contract {
		if g.contract[i].String() == table {
			return &g.contract[i]
		}
	}
	return nil
}

// sorted puts each model after those it reads from, by name where that leaves a
// choice.
func (g *Graph) sorted() ([]string, error) {
	var order, path []string
	done := map[string]bool{}
	var visit func(name string) error
	visit = func(name string) error {
		if g.models[name] == nil || done[name] {
			return nil
		}
		if i := slices.Index(path, name); i >= 0 {
			return fault.Errorf(fault.Us, "models read from each other in a circle: %s", strings.Join(append(path[i:], name), " → "))
		}
		path = append(path, name)
		for _, need := range slices.Sorted(slices.Values(g.models[name].Needs)) {
			if err := visit(need); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		done[name] = true
		order = append(order, name)
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(g.models)) {
		if err := visit(name); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// Models are all models, each after those it reads from.
func (g *Graph) Models() []*Model {
	models := make([]*Model, len(g.order))
	for i, name := range g.order {
		models[i] = g.models[name]
	}
	return models
}

// Model is the model of that name (core.stage_visits, or stage_visits where no
// other folder has it), nil when there is none.
func (g *Graph) Model(name string) *Model {
	if m := g.models[name]; m != nil {
		return m
	}
	var found *Model
	for _, m := range g.models {
		if m.Short() == name {
			if found != nil {
				return nil
			}
			found = m
		}
	}
	return found
}

// Contract is what models may read from but is no model: staging and plan tables.
func (g *Graph) Contract() []warehouse.Relation { return g.contract }

// Short is its name without the folder: what plan.yml calls a metric.
func (m *Model) Short() string {
	_, short, _ := strings.Cut(m.Name, ".")
	return short
}

// Relation is the model's table with its comments.
func (m *Model) Relation() warehouse.Relation {
	schema, name, _ := strings.Cut(m.Name, ".")
	return warehouse.Relation{Schema: schema, Name: name, Comment: m.Header.Title, Grain: m.Header.Grain, Columns: m.Columns, Key: m.Header.Key, IsView: m.Header.IsView}
}
