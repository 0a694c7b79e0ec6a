package verify

import (
	"context"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	gs "github.com/goccy/go-googlesql"

	"merit/connectors"
	"merit/connectors/hubspot"
	"merit/connectors/salesforce"
	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/models"
	contractsql "merit/sql"
	"merit/transform/model"
	"merit/transform/warehouse"
	"merit/transform/warehouse/bigquery"
)

var names = bigquery.Names{Dataset: "merit"}

// said writes common SQL as the client sends it.
func said(t testing.TB, sql string) string {
	t.Helper()
	text, err := names.Localise(sql)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return text
}

// resultOf says what a function gives whose parameters may be of any type, which
// the analyzer can tell only of a call.
var resultOf = map[string]string{
	"ratio": "float64", "larger": "", "smaller": "", "add_days": "timestamp", "add_minutes": "timestamp", "date_after": "date",
	"number": "numeric", "cents": "numeric", "times": "numeric", "units": "bignumeric", "prorate": "numeric", "term_year": "numeric", "yearly": "numeric", "digits": "string",
}

var numbers = []string{"numeric", "int64", "float64"}

// instances are types that such functions are called with.
var instances = map[string][]string{
	"ratio":    numbers,
	"larger":   {"numeric", "int64", "float64", "date", "timestamp", "string"},
	"smaller":  {"numeric", "int64", "float64", "date", "timestamp", "string"},
	"add_days": {"int64", "numeric"}, "add_minutes": {"int64", "numeric"}, "date_after": {"int64", "numeric"},
	"number": numbers, "cents": numbers, "times": numbers, "units": numbers, "prorate": numbers, "term_year": numbers, "yearly": numbers, "digits": numbers,
}

var (
	asked     = regexp.MustCompile(`\(select (as_of_at|today_on|time_zone|currency) from plan\.as_of\)`)
	functions = regexp.MustCompile(`(?s)create or replace function fn\.([a-z_0-9]+)\(([^)]*)\) as \((.*?)\);\n`)
	constants = map[string]string{"as_of_at": "(timestamp '2026-04-01 00:00:00+00')", "today_on": "(date '2026-04-01')", "time_zone": "'UTC'", "currency": "'USD'"}
)

// declare makes the functions known, each after its own statement was analysed:
// of any type, once with every type that it is called with.
func (c *analyzer) declare(t testing.TB) (declared int) {
	t.Helper()
	text, err := fs.ReadFile(contractsql.Files, "bigquery.sql")
	if err != nil {
		t.Fatal(err)
	}
	pinned := asked.ReplaceAllStringFunc(string(text), func(q string) string { return constants[asked.FindStringSubmatch(q)[1]] })
	for _, m := range functions.FindAllStringSubmatch(pinned, -1) {
		statements := []string{m[0]}
		if of := instances[m[1]]; of != nil {
			statements = nil
			for _, kind := range of {
				statements = append(statements, strings.ReplaceAll(m[0], "any type", kind))
			}
		}
		var signature *gs.FunctionSignature
		for _, statement := range statements {
			create, err := c.created(said(t, strings.TrimSuffix(statement, ";\n")))
			if err != nil {
				t.Fatalf("fn.%s: %v\n%s", m[1], err, statement)
			}
			signature = create
		}
		if result, isAny := resultOf[m[1]]; isAny {
			signature = c.anySignature(t, m[2], result)
		}
		if err := c.addFunction(m[1], signature); err != nil {
			t.Fatal(err)
		}
		declared++
	}
	return declared
}

func (c *analyzer) created(sql string) (*gs.FunctionSignature, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out, err := gs.AnalyzeStatement(sql, c.opts, c.cat, c.tf)
	if err != nil {
		return nil, err
	}
	statement, err := out.ResolvedStatement()
	if err != nil {
		return nil, err
	}
	c.keep = append(c.keep, out, statement)
	create, is := statement.(*gs.ResolvedCreateFunctionStmt)
	if !is {
		return nil, fmt.Errorf("it is a %T", statement)
	}
	return create.Signature()
}

// anySignature is of a function with parameters "a any type, b any type" or with
// types before; result "" is the parameters' own.
func (c *analyzer) anySignature(t testing.TB, parameters, result string) *gs.FunctionSignature {
	t.Helper()
	argument := func(kind string) *gs.FunctionArgumentType {
		var a *gs.FunctionArgumentType
		var err error
		switch kind {
		case "":
			a, err = gs.NewFunctionArgumentType4(gs.SignatureArgumentKindArgTypeAny1, 1)
		case "any type":
			a, err = gs.NewFunctionArgumentType4(gs.SignatureArgumentKindArgTypeArbitrary, 1)
		default:
			typ, wrong := gs.AnalyzeType(kind, c.opts, c.cat, c.tf)
			if wrong != nil {
				t.Fatal(wrong)
			}
			c.keep = append(c.keep, typ)
			a, err = gs.NewFunctionArgumentType3(typ, 1)
		}
		if err != nil {
			t.Fatal(err)
		}
		c.keep = append(c.keep, a)
		return a
	}
	var arguments []*gs.FunctionArgumentType
	for _, parameter := range strings.Split(parameters, ", ") {
		_, kind, _ := strings.Cut(parameter, " ")
		if result == "" {
			kind = ""
		}
		arguments = append(arguments, argument(kind))
	}
	signature, err := gs.NewFunctionSignature3(argument(result), arguments, 0)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func (c *analyzer) addFunction(name string, signature *gs.FunctionSignature) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	catalog, err := c.sub("", "merit_fn", c.cat)
	if err != nil {
		return err
	}
	function, err := gs.NewFunction4(name, "merit", gs.FunctionEnums_ModeScalar, []*gs.FunctionSignature{signature})
	if err != nil {
		return err
	}
	c.keep = append(c.keep, signature, function)
	return catalog.AddFunction(function)
}

// tableOf is a relation of the contract as the client declares it.
func tableOf(r warehouse.Relation) table {
	made := table{Dataset: "merit_" + r.Schema, Name: r.Name}
	for _, c := range r.Columns {
		kind, _, _ := strings.Cut(warehouse.TypeIn("bigquery", c.Type), "(")
		made.Columns = append(made.Columns, column{c.Name, kind})
	}
	return made
}

// A source is one CRM account of the sandbox with what it offers to read.
type source struct {
	name    string
	views   fs.FS
	streams []connectors.Stream
}

func sources(t testing.TB) []source {
	t.Helper()
	server := httptest.NewServer(sandbox.New(company.Acme(1, 20)))
	t.Cleanup(server.Close)
	var all []source
	for _, one := range []struct {
		connector connectors.Connector
		values    connectors.Values
	}{
		{hubspot.Connector(), connectors.Values{"token": {sandbox.Token}, "tier": {"unlimited"}}},
		{salesforce.Connector(), connectors.Values{"client_id": {sandbox.ClientID}, "client_secret": {sandbox.ClientSecret}}},
	} {
		for _, setting := range one.connector.Settings {
			if one.values[setting.Name] == nil && setting.Default != "" {
				one.values[setting.Name] = []string{setting.Default}
			}
		}
		one.values["endpoint"] = []string{server.URL}
		opened, err := one.connector.Open(context.Background(), one.values)
		if err != nil {
			t.Fatal(err)
		}
		streams, err := opened.Streams(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, source{one.connector.Name, one.connector.Views, streams})
	}
	return all
}

// rawTable is what Load makes of a stream's table.
func rawTable(t testing.TB, source string, from connectors.Table) table {
	t.Helper()
	made := table{Dataset: "merit_raw_" + source, Name: from.Name}
	for _, field := range from.Schema.Fields() {
		kind := ""
		switch field.Type.(type) {
		case *arrow.StringType:
			kind = "string"
		case *arrow.BooleanType:
			kind = "bool"
		case *arrow.Int64Type, *arrow.Int32Type:
			kind = "int64"
		case *arrow.Float64Type:
			kind = "float64"
		case *arrow.Decimal128Type:
			kind = "numeric"
		case *arrow.Date32Type:
			kind = "date"
		case *arrow.TimestampType:
			kind = "timestamp"
		case *arrow.Time64Type:
			kind = "time"
		}
		made.Columns = append(made.Columns, column{field.Name, kind})
	}
	return made
}

// everything is an analyzer that knows the functions, the contract, both CRMs' raw
// tables, and the models as far as they are analysed.
func everything(t testing.TB) (*analyzer, *model.Graph, []source) {
	t.Helper()
	c, err := newAnalyzer()
	if err != nil {
		t.Fatal(err)
	}
	if n := c.declare(t); n < 20 {
		t.Fatalf("only %d functions were analysed", n)
	}
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range graph.Contract() {
		if err := c.addTable(tableOf(r)); err != nil {
			t.Fatal(err)
		}
	}
	all := sources(t)
	for _, s := range all {
		for _, stream := range s.streams {
			for _, from := range stream.Tables {
				if err := c.addTable(rawTable(t, s.name, from)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return c, graph, all
}
