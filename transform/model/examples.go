package model

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"time"

	"merit/connectors/fault"
)

// An Example is one worked example of NAME_test.md: what is given, and what the
// model makes of it.
type Example struct {
	Model string
	Title string
	File  string   // core/stage_visits_test.md
	Line  int      // of its title
	Traps []string // that its rows have in them, by name
	asOf  time.Time
	zone  *time.Location
	given []rowsOf
	want  rowsOf
}

// rowsOf is a table of an example. An empty cell is null.
type rowsOf struct {
	table   string
	columns []string
	rows    [][]cell
	line    int // of its name, or of "gives"
}

type cell struct {
	text   string
	isNull bool
	line   int
}

// Every example speaks of this day unless it says otherwise.
const defaultAsOf = "2026-04-01T00:00:00Z"

// workedExamples is a model's file of them.
type workedExamples struct {
	examples []Example
	excused  []string // traps that can't touch the model; why stands beside each
}

// Examples reads the worked examples of a model, none when it has no file of
// them.
func (g *Graph) Examples(m *Model) ([]Example, error) {
	worked, err := g.worked(m)
	return worked.examples, err
}

func (m *Model) examplesFile() string { return strings.TrimSuffix(m.File, ".sql") + "_test.md" }

func (g *Graph) worked(m *Model) (workedExamples, error) {
	if m.File == "" {
		return workedExamples{}, nil
	}
	file := m.examplesFile()
	text, err := g.files.read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return workedExamples{}, nil
	}
	if err != nil {
		return workedExamples{}, fmt.Errorf("examples %s: %w", file, err)
	}
	reader := exampleReader{model: m.Name, file: file}
	for i, line := range strings.Split(string(text), "\n") {
		if err := reader.read(strings.TrimSpace(line), i+1); err != nil {
			return workedExamples{}, fault.Errorf(fault.Us, "%s:%d: %w", file, i+1, err)
		}
	}
	if err := reader.finish(); err != nil {
		return workedExamples{}, fault.Errorf(fault.Us, "%s:%w", file, err)
	}
	return workedExamples{reader.examples, reader.excused}, nil
}

// strayExamples are files of examples without a model beside them.
func strayExamples(models layers, known map[string]*Model) ([]string, error) {
	files, err := models.glob("*/*_test.md")
	if err != nil {
		return nil, err
	}
	var stray []string
	for _, file := range files {
		name := path.Dir(file) + "." + strings.TrimSuffix(path.Base(file), "_test.md")
		if known[name] == nil {
			stray = append(stray, fmt.Sprintf("%s:1: no model is called %s", file, name))
		}
	}
	return stray, nil
}

// An exampleReader goes through a file of examples line by line.
type exampleReader struct {
	model, file string
	examples    []Example
	excused     []string
	into        *rowsOf // the table whose rows come now
	wanted      bool    // "gives" has come
}

var (
	tableLine = regexp.MustCompile("^`?([a-z_]+\\.[a-z0-9_]+)`?$")
	asOfLine  = regexp.MustCompile(`^as of (\S+)$`)
	zoneLine  = regexp.MustCompile(`^zone (\S+)$`)
	ruleLine  = regexp.MustCompile(`^\|?[\s:|-]+\|?$`)
)

func (r *exampleReader) read(line string, number int) error {
	if title, isTitle := strings.CutPrefix(line, "## "); isTitle {
		if err := r.finish(); err != nil {
			return err
		}
		return r.begin(title, number)
	}
	if len(r.examples) == 0 { // the file's own title and introduction
		return r.introduction(line)
	}
	example := &r.examples[len(r.examples)-1]
	switch {
	case strings.HasPrefix(line, "|"):
		return r.row(line, number)
	case line == "gives":
		if r.wanted {
			return errors.New("an example gives one table")
		}
		r.wanted = true
		example.want = rowsOf{table: r.model, line: number}
		r.into = &example.want
	case tableLine.MatchString(line):
		if r.wanted {
			return errors.New("what is given stands before gives")
		}
		example.given = append(example.given, rowsOf{table: tableLine.FindStringSubmatch(line)[1], line: number})
		r.into = &example.given[len(example.given)-1]
	case trapsLine.MatchString(line) && r.wanted:
		return errors.New("traps stand before gives")
	default:
		return example.set(line)
	}
	return nil
}

// set takes a line that says when, where or of which traps the example speaks;
// anything else is prose.
func (e *Example) set(line string) error {
	switch {
	case asOfLine.MatchString(line):
		at, err := time.Parse(time.RFC3339, asOfLine.FindStringSubmatch(line)[1])
		if err != nil {
			return fmt.Errorf("as of an instant with its zone, such as %s", defaultAsOf)
		}
		e.asOf = at
	case zoneLine.MatchString(line):
		zone, err := time.LoadLocation(zoneLine.FindStringSubmatch(line)[1])
		if err != nil {
			return err
		}
		e.zone = zone
	case trapsLine.MatchString(line):
		traps, err := trapsIn(trapsLine.FindStringSubmatch(line)[1], e.Traps)
		if err != nil {
			return err
		}
		e.Traps = traps
	}
	return nil
}

// introduction is what stands before the first example: prose, but for excuses.
func (r *exampleReader) introduction(line string) error {
	match := excuseLine.FindStringSubmatch(line)
	if match == nil {
		return nil
	}
	traps, err := trapsIn(match[1], r.excused)
	if err != nil {
		return err
	}
	r.excused = traps
	return nil
}

func (r *exampleReader) begin(title string, number int) error {
	at, err := time.Parse(time.RFC3339, defaultAsOf)
	if err != nil {
		return err
	}
	r.examples = append(r.examples, Example{Model: r.model, Title: title, File: r.file, Line: number, asOf: at, zone: time.UTC})
	r.into, r.wanted = nil, false
	return nil
}

func (r *exampleReader) finish() error {
	if len(r.examples) == 0 {
		return nil
	}
	last := r.examples[len(r.examples)-1]
	if !r.wanted || len(last.want.columns) == 0 {
		return fmt.Errorf("%d: the example %q gives no table", last.Line, last.Title)
	}
	return nil
}

func (r *exampleReader) row(line string, number int) error {
	if r.into == nil {
		return errors.New("a table needs its name on a line before it, or gives")
	}
	texts := cellsOf(line)
	switch {
	case r.into.columns == nil:
		r.into.columns = texts
		return nil
	case len(r.into.rows) == 0 && ruleLine.MatchString(line):
		return nil
	case len(texts) != len(r.into.columns):
		return fmt.Errorf("%d cells under %d columns", len(texts), len(r.into.columns))
	}
	cells := make([]cell, len(texts))
	for i, text := range texts {
		cells[i] = cell{text: text, isNull: text == "", line: number}
		if text == "''" {
			cells[i].text = ""
		}
	}
	r.into.rows = append(r.into.rows, cells)
	return nil
}

// cellsOf splits a row of a Markdown table; \| is a bar inside a cell.
func cellsOf(line string) []string {
	line = strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), `\|`, "\x00")
	parts := strings.Split(line, "|")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(strings.ReplaceAll(part, "\x00", "|"))
	}
	return parts
}
