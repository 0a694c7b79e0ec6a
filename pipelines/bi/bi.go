// Package bi writes ready projects of BI tools over what Merit publishes. All of
// them come from one walk of the published catalogue, so that descriptions, keys
// and types are said once, by the models.
package bi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"merit/connectors/fault"
)

// A Catalogue is what is published, as catalog.json has it.
type Catalogue struct {
	Format int     `json:"format"`
	Tables []Table `json:"tables"`
}

// A Table is one published table.
type Table struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Grain       string   `json:"grain"`
	Key         []string `json:"key"`
	File        string   `json:"file"`
	Columns     []Column `json:"columns"`
}

// A Column of a published table, its type as DuckDB names it.
type Column struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description"`
	IsNullable  bool   `json:"is_nullable"`
}

func (c Column) isNumber() bool {
	return c.Type == "BIGINT" || c.Type == "DOUBLE" || strings.HasPrefix(c.Type, "DECIMAL")
}

func (c Column) isTime() bool { return c.Type == "DATE" || strings.HasPrefix(c.Type, "TIMESTAMP") }

// A Metric is how a metric's evidence adds up.
type Metric struct {
	Name, Title, Kind, Unit string // kind: sum, ratio, mean, median
}

// A Project is what a tool's files are made from.
type Project struct {
	Company   string
	Published string // folder of merit.duckdb and current/
	Catalogue Catalogue
	Metrics   []Metric
}

// Open reads the catalogue of a published folder.
func Open(published string) (Catalogue, error) {
	var c Catalogue
	text, err := os.ReadFile(filepath.Join(published, "current", "catalog.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return c, fault.Errorf(fault.You, "nothing is published in %s yet; `merit run` does", published)
	}
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("read the catalogue of %s: %w", published, err)
	}
	return c, nil
}

// Tools are those that a project can be written for.
func Tools() []string { return slices.Sorted(maps.Keys(tools)) }

var tools = map[string]func(Project) (map[string][]byte, error){
	"dbt": dbt, "contract": contract, "lookml": lookml, "superset": superset, "evidence": evidence,
}

// mark tells a folder that merit bi wrote from any other.
const mark = ".merit-bi"

// Write puts a tool's project into dir, which is new, empty or written by it before.
func (p Project) Write(tool, dir string) ([]string, error) {
	files, err := p.Files(tool)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Errorf(fault.You, "%w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, mark)); err != nil && len(entries) > 0 {
		return nil, fault.Errorf(fault.You, "%s is not empty; name a new folder", dir)
	}
	files[mark] = []byte("Written by merit bi " + tool + ".\n")
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fault.Errorf(fault.You, "%w", err)
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return nil, fault.Errorf(fault.You, "%w", err)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == mark }), nil
}

// Files are a tool's project by path.
func (p Project) Files(tool string) (map[string][]byte, error) {
	write, known := tools[tool]
	if !known {
		return nil, fault.Errorf(fault.You, "no project can be written for %q%s", tool, fault.Instead(tool, Tools()))
	}
	return write(p)
}

// asYAML writes a file with a first line that says where it comes from.
func asYAML(v any) ([]byte, error) {
	text, err := yaml.MarshalWithOptions(v, yaml.IndentSequence(true))
	if err != nil {
		return nil, err
	}
	return append([]byte("# Written by merit bi from the published catalogue.\n"), text...), nil
}

// A pair and a list of pairs keep the order in which they are written.
type dict = yaml.MapSlice

func pair(key string, value any) yaml.MapItem { return yaml.MapItem{Key: key, Value: value} }

func (p Project) table(name string) (Table, bool) {
	for _, t := range p.Catalogue.Tables {
		if t.Name == name {
			return t, true
		}
	}
	return Table{}, false
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

func label(name string) string {
	words := strings.ReplaceAll(name, "_", " ")
	if words == "" {
		return words
	}
	return strings.ToUpper(words[:1]) + words[1:]
}
