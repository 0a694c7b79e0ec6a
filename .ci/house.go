//go:build ignore

// House prints how the code is kept, in counts that should only fall:
//
//	go run .ci/house.go [-v] [FOLDER]
//
// It reads files only and knows nothing of the packages, so that it can be run on any
// commit. With -v it names what it counted.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	largePackage = 2500 // lines of code and comments, tests aside
	manyMethods  = 20
	largeFile    = 400
	sameLines    = 10 // as many lines in a row make two SQL files a pair
)

// A house is the text of each file that counts, by its path.
type house struct {
	goFiles  map[string]string // tests aside
	sqlFiles map[string]string
}

func main() {
	verbose := flag.Bool("v", false, "name what was counted")
	flag.Parse()
	root := "."
	if flag.NArg() > 0 {
		root = flag.Arg(0)
	}
	h, err := read(root)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, c := range []struct {
		what  string
		found []string
	}{
		{fmt.Sprintf("packages of more than %d lines", largePackage), h.largePackages()},
		{fmt.Sprintf("types with more than %d methods", manyMethods), h.largeTypes()},
		{fmt.Sprintf("Go files of more than %d lines", largeFile), h.largeFiles()},
		{"SQL files that name plan.exclusions", h.naming(`plan\.exclusions`)},
		{"SQL files that name the table of duplicate deals", h.naming(`core\.(duplicate_deals|deal_copies)`)},
		{"SQL files that name is_deleted", h.naming(`is_deleted`)},
		{"SQL files that name the table of who a rep was when", h.naming(`core\.(rep_assignments|rep_spans)`)},
		{"regular expressions over SQL", h.regexpsOverSQL()},
		{"views of CRMs with window functions", h.windowViews()},
		{"columns of core and scores that nobody reads", h.unreadColumns()},
		{fmt.Sprintf("pairs of SQL files with %d lines in a row alike", sameLines), h.alike()},
	} {
		fmt.Printf("%4d  %s\n", len(c.found), c.what)
		if *verbose {
			for _, name := range c.found {
				fmt.Printf("        %s\n", name)
			}
		}
	}
}

func read(root string) (house, error) {
	h := house{map[string]string{}, map[string]string{}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != root && (strings.HasPrefix(name, ".") || slices.Contains([]string{"testdata", "node_modules", "bin", "demo"}, name)) {
			return filepath.SkipDir
		}
		into := map[string]map[string]string{".go": h.goFiles, ".sql": h.sqlFiles}[filepath.Ext(name)]
		if into == nil || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		short, _ := filepath.Rel(root, path)
		into[filepath.ToSlash(short)] = string(text)
		return err
	})
	return h, err
}

func (h house) largePackages() (found []string) {
	lines := map[string]int{}
	for path, text := range h.goFiles {
		lines[filepath.Dir(path)] += strings.Count(text, "\n")
	}
	for _, folder := range sorted(lines) {
		if lines[folder] > largePackage {
			found = append(found, fmt.Sprintf("%s: %d lines", folder, lines[folder]))
		}
	}
	return found
}

func (h house) largeFiles() (found []string) {
	for _, path := range sorted(h.goFiles) {
		if n := strings.Count(h.goFiles[path], "\n"); n > largeFile {
			found = append(found, fmt.Sprintf("%s: %d lines", path, n))
		}
	}
	return found
}

func (h house) largeTypes() (found []string) {
	methods := map[string]int{}
	for path, text := range h.goFiles {
		file, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
		if err != nil {
			continue // the compiler tells
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				methods[filepath.Dir(path)+"."+receiver(f.Recv.List[0].Type)]++
			}
		}
	}
	for _, name := range sorted(methods) {
		if methods[name] > manyMethods {
			found = append(found, fmt.Sprintf("%s: %d methods", name, methods[name]))
		}
	}
	return found
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return "?"
}

// naming are the models and views whose code, comments aside, matches.
func (h house) naming(pattern string) (found []string) {
	want := regexp.MustCompile(`\b` + pattern + `\b`)
	for _, path := range sorted(h.sqlFiles) {
		if !strings.HasPrefix(path, "sql/") && want.MatchString(withoutComments(h.sqlFiles[path])) {
			found = append(found, path)
		}
	}
	return found
}

var (
	compiled  = regexp.MustCompile("regexp\\.MustCompile\\((`[^`]*`|\"(?:[^\"\\\\]|\\\\.)*\")")
	speaksSQL = regexp.MustCompile(`(?i)select|\bfrom\b|join|where|union|raw|referenced column|staging|create table`)
)

func (h house) regexpsOverSQL() (found []string) {
	for _, path := range sorted(h.goFiles) {
		if strings.HasPrefix(path, "connectors/sandbox/") || strings.Contains(path, "/verify/") {
			continue // a CRM's own query language, and a test's tools
		}
		for _, m := range compiled.FindAllStringSubmatch(h.goFiles[path], -1) {
			if speaksSQL.MatchString(m[1]) {
				found = append(found, path+": "+m[1])
			}
		}
	}
	return found
}

var window = regexp.MustCompile(`(?i)\bover\s*(\(|\w)`)

func (h house) windowViews() (found []string) {
	for _, path := range sorted(h.sqlFiles) {
		if strings.Contains(path, "/views/") && window.MatchString(withoutComments(h.sqlFiles[path])) {
			found = append(found, path)
		}
	}
	return found
}

// columnLine is a column of a model's last select: one a line, with its meaning behind.
var columnLine = regexp.MustCompile(`(\w+),?\s*--`)

// unreadColumns are those that no other model, view or Go file names together with
// their table.
func (h house) unreadColumns() (found []string) {
	for _, path := range sorted(h.sqlFiles) {
		folder := filepath.Base(filepath.Dir(path))
		if !strings.HasPrefix(path, "models/") || folder != "core" && folder != "scores" {
			continue
		}
		table := folder + "." + strings.TrimSuffix(filepath.Base(path), ".sql")
		readers := h.readers(path, table)
		text := h.sqlFiles[path]
		if at := strings.LastIndex(text, "\nselect"); at >= 0 {
			text = text[at:]
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(strings.TrimSpace(line), "--") {
				continue
			}
			if m := columnLine.FindStringSubmatch(line); m != nil && !regexp.MustCompile(`\b`+m[1]+`\b`).MatchString(readers) {
				found = append(found, table+"."+m[1])
			}
		}
	}
	return found
}

func (h house) readers(own, table string) string {
	named := regexp.MustCompile(`\b` + regexp.QuoteMeta(table) + `\b`)
	var all strings.Builder
	for path, text := range h.sqlFiles {
		if path != own && named.MatchString(withoutComments(text)) {
			all.WriteString(withoutComments(text))
		}
	}
	for path, text := range h.goFiles {
		if !strings.HasPrefix(path, "transform/model/reference") && named.MatchString(text) {
			all.WriteString(text)
		}
	}
	return all.String()
}

// alike are the pairs of SQL files with so many lines of code in a row alike.
func (h house) alike() (found []string) {
	seen := map[string][]string{} // the files that hold a run of lines
	for _, path := range sorted(h.sqlFiles) {
		if strings.HasPrefix(path, "sql/") {
			continue // the same functions twice, on purpose
		}
		var lines []string
		for line := range strings.Lines(withoutComments(h.sqlFiles[path])) {
			if line = strings.Join(strings.Fields(line), " "); line != "" {
				lines = append(lines, line)
			}
		}
		for i := 0; i+sameLines <= len(lines); i++ {
			run := strings.Join(lines[i:i+sameLines], "\n")
			if !slices.Contains(seen[run], path) {
				seen[run] = append(seen[run], path)
			}
		}
	}
	pairs := map[string]bool{}
	for _, paths := range seen {
		for i, a := range paths {
			for _, b := range paths[i+1:] {
				pairs[a+" and "+b] = true
			}
		}
	}
	return sorted(pairs)
}

func withoutComments(sql string) string {
	var b strings.Builder
	for line := range strings.Lines(sql) {
		code, _, _ := strings.Cut(line, "--")
		b.WriteString(strings.TrimRight(code, " \n") + "\n")
	}
	return b.String()
}

func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
