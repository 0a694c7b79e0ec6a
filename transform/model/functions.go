package model

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"merit/connectors/fault"
	contractsql "merit/sql"
	"merit/transform/sqltext"
	"merit/transform/warehouse"
)

// functions are the declarations of fn.*, by name, with the as-of of a build in them.
type functions map[string]string

// declare makes the functions fn.* for the as-of that plan.as_of holds. Whatever
// uses them declares them first, so that they never speak of another build's day.
func declare(ctx context.Context, wh warehouse.Warehouse) (functions, error) {
	declared, declarations, err := readFunctions(ctx, wh)
	if err != nil {
		return nil, err
	}
	return declared, wh.Exec(ctx, declarations)
}

// readFunctions are the declarations for the as-of that plan.as_of holds, taken apart and
// as one text to run.
func readFunctions(ctx context.Context, wh warehouse.Warehouse) (functions, string, error) {
	file := wh.Dialect() + ".sql"
	text, err := contractsql.Files.ReadFile(file)
	if err != nil {
		return nil, "", fmt.Errorf("functions of %s: %w", wh.Dialect(), err)
	}
	var asOf []warehouse.Row
	for row, err := range wh.Query(ctx, "select as_of_at, today_on, time_zone, currency from plan.as_of") {
		if err != nil {
			return nil, "", fmt.Errorf("as-of: %w", err)
		}
		asOf = append(asOf, row)
	}
	if len(asOf) != 1 {
		return nil, "", fault.Errorf(fault.Us, "plan.as_of has %d rows, a build speaks of one instant", len(asOf))
	}
	declarations, err := pinned(string(text), asOf[0])
	var declared functions
	if err == nil {
		declared, err = functionsIn(declarations)
	}
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", file, err)
	}
	return declared, declarations, nil
}

// pinned puts the values of plan.as_of where the functions ask for them.
func pinned(functions string, asOf warehouse.Row) (string, error) {
	values := map[string]string{
		"as_of_at":  fmt.Sprintf("(cast(%s as timestamp with time zone))", sqlText(asOf.Text("as_of_at"))),
		"today_on":  fmt.Sprintf("(cast(%s as date))", sqlText(asOf.Text("today_on"))),
		"time_zone": sqlText(asOf.Text("time_zone")),
		"currency":  sqlText(asOf.Text("currency")),
	}
	for column, value := range values {
		question := "(select " + column + " from plan.as_of)"
		if strings.Count(functions, question) != 1 {
			return "", fmt.Errorf("%s stands not exactly once in it", question)
		}
		functions = strings.Replace(functions, question, value, 1)
	}
	return functions, nil
}

// functionsIn takes the declarations apart; what declares no function is left out.
func functionsIn(declarations string) (functions, error) {
	tokens, err := sqltext.Tokenize(declarations)
	if err != nil {
		return nil, err
	}
	all := functions{}
	name, from := "", 0
	for i, t := range tokens {
		switch {
		case t.Is(";"):
			if name != "" {
				all[name] = declarations[from:t.Start]
			}
			name = ""
		case name == "" && t.Is("macro", "function") && sqltext.At(tokens, i+1).Is("fn"):
			name, from = strings.ToLower(sqltext.At(tokens, i+3).Text), t.Start
		}
	}
	return all, nil
}

// usedBy are the declarations that a query stands on: of the functions that it calls,
// and of those that these call.
func (f functions) usedBy(query string) ([]string, error) {
	names, err := f.namesIn(query)
	if err != nil {
		return nil, err
	}
	declarations := make([]string, len(names))
	for i, name := range names {
		declarations[i] = f[name]
	}
	return declarations, nil
}

// namesIn are the names of the functions that a query stands on, in order.
func (f functions) namesIn(query string) ([]string, error) {
	used := map[string]bool{}
	var add func(text string) error
	add = func(text string) error {
		tokens, err := sqltext.Tokenize(text)
		if err != nil {
			return err
		}
		for i, t := range tokens {
			name := strings.ToLower(sqltext.At(tokens, i+2).Text)
			if !t.Is("fn") || !sqltext.At(tokens, i+1).Is(".") || used[name] {
				continue
			}
			used[name] = true
			if err := add(f[name]); err != nil {
				return err
			}
		}
		return nil
	}
	if err := add(query); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(used)), nil
}

// ofTheBuild are the functions that only name a value of plan.as_of.
var ofTheBuild = []string{"as_of", "today", "zone", "currency"}

// withConstants puts those functions' values where a query calls them.
func (f functions) withConstants(query string) (string, error) {
	tokens, err := sqltext.Tokenize(query)
	if err != nil {
		return "", err
	}
	at := func(i int) sqltext.Token { return sqltext.At(tokens, i) }
	return sqltext.Rewrite(query, tokens, func(i int) (string, int) {
		if !at(i).Is("fn") || !at(i+1).Is(".") || !at(i+2).Is(ofTheBuild...) || !at(i+3).Is("(") || !at(i+4).Is(")") {
			return "", 0
		}
		_, value, isDeclared := strings.Cut(f[strings.ToLower(at(i+2).Text)], "() as ")
		if !isDeclared {
			return "", 0
		}
		return value, 5
	}), nil
}
