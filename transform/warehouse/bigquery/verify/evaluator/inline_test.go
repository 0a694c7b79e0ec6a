package evaluator

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	contractsql "merit/sql"
	"merit/transform/sqltext"
	"merit/transform/warehouse/bigquery"
)

// A function is one of sql/bigquery.sql. The evaluator has no functions of ours, so
// a call is written as what the function says.
type function struct {
	parameters []string
	body       string
}

var (
	declared  = regexp.MustCompile(`(?s)create or replace function fn\.([a-z_0-9]+)\(([^)]*)\) as \((.*?)\);\n`)
	remark    = regexp.MustCompile(`(?m)--.*$`)
	asOfParts = regexp.MustCompile(`\(select (as_of_at|today_on|time_zone|currency) from plan\.as_of\)`)
)

// functionsFor are the functions while the build speaks of an as-of, whose columns
// come as SQL.
func functionsFor(t testing.TB, asOf map[string]string) map[string]function {
	t.Helper()
	text, err := fs.ReadFile(contractsql.Files, "bigquery.sql")
	if err != nil {
		t.Fatal(err)
	}
	pinned := asOfParts.ReplaceAllStringFunc(string(text), func(q string) string { return asOf[asOfParts.FindStringSubmatch(q)[1]] })
	functions := map[string]function{}
	for _, m := range declared.FindAllStringSubmatch(pinned, -1) {
		f := function{body: strings.ReplaceAll(remark.ReplaceAllString(m[3], ""), "fn.", "`merit_fn`.")}
		for _, parameter := range strings.Split(m[2], ", ") {
			if name, _, isThere := strings.Cut(parameter, " "); isThere {
				f.parameters = append(f.parameters, name)
			}
		}
		functions[m[1]] = f
	}
	if len(functions) < 20 {
		t.Fatalf("only %d functions were read", len(functions))
	}
	return functions
}

const callOf = "`merit_fn`."

// inlined writes every call of a function of ours as its body.
func inlined(sql string, functions map[string]function) (string, error) {
	for {
		at := strings.LastIndex(sql, callOf) // an argument's calls come before those around it
		if at < 0 {
			return sql, nil
		}
		name, rest, _ := strings.Cut(sql[at+len(callOf):], "(")
		f, isThere := functions[name]
		arguments, size := argumentsOf(rest)
		if !isThere || size < 0 || len(arguments) != len(f.parameters) {
			return "", fmt.Errorf("fn.%s of %q", name, arguments)
		}
		body := f.body
		if len(f.parameters) > 0 {
			words := regexp.MustCompile(`\b(` + strings.Join(f.parameters, "|") + `)\b`)
			body = words.ReplaceAllStringFunc(body, func(parameter string) string {
				for i, p := range f.parameters {
					if p == parameter {
						return "(" + arguments[i] + ")"
					}
				}
				return parameter
			})
		}
		sql = sql[:at] + "(" + body + ")" + rest[size:]
	}
}

// argumentsOf takes a call's arguments apart; size is what they take with the
// parenthesis that ends them.
func argumentsOf(rest string) (arguments []string, size int) {
	depth, from := 0, 0
	inText := false
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case inText:
			if c == '\\' {
				i++
			}
			inText = c != '\''
		case c == '\'':
			inText = true
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == ')':
			if last := strings.TrimSpace(rest[from:i]); last != "" {
				arguments = append(arguments, last)
			}
			return arguments, i + 1
		case c == ',' && depth == 0:
			arguments, from = append(arguments, strings.TrimSpace(rest[from:i])), i+1
		}
	}
	return nil, -1
}

var tableName = regexp.MustCompile("`merit_([a-z_]+)`\\.`?([a-z0-9_]+)`?( as\\b)?")

// compiled is a query as the evaluator takes it: our functions written out, and
// schemas part of the tables' names. It tells which tables it reads.
func compiled(query string, functions map[string]function) (sql string, reads []string, err error) {
	// A comment among a call's arguments may have a comma in it, or an apostrophe.
	tokens, err := sqltext.Tokenize(query)
	if err != nil {
		return "", nil, err
	}
	query = sqltext.Rewrite(query, tokens, func(i int) (string, int) {
		if tokens[i].Kind == sqltext.Comment {
			return " ", 1
		}
		return "", 0
	})
	if sql, err = (bigquery.Names{Dataset: "merit"}).Localise(query); err != nil {
		return "", nil, err
	}
	if sql, err = inlined(sql, functions); err != nil {
		return "", nil, err
	}
	seen := map[string]bool{}
	sql = tableName.ReplaceAllStringFunc(sql, func(text string) string {
		m := tableName.FindStringSubmatch(text)
		if name := m[1] + "." + m[2]; !seen[name] {
			seen[name], reads = true, append(reads, name)
		}
		flat := flatName(m[1] + "." + m[2])
		if m[3] == "" {
			return flat + " as " + m[2]
		}
		return flat + m[3]
	})
	return sql, reads, nil
}

func flatName(name string) string { return strings.Replace(name, ".", "__", 1) }
