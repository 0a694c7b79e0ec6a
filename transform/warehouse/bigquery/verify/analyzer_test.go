// Package verify holds what is said to BigQuery against three others: GoogleSQL's
// own analyzer, an emulator of the service, and Google's reference evaluator. It
// is a module of its own, since the analyzer takes minutes and 7 GB to compile.
package verify

import (
	"fmt"
	"strings"
	"sync"

	gs "github.com/goccy/go-googlesql"
)

const project = "merit-test"

// A column of a table, with BigQuery's name of its type.
type column struct{ Name, Type string }

// A table names one table: dataset.Name.
type table struct {
	Dataset, Name string
	Columns       []column
}

// An analyzer is GoogleSQL with a catalog of ours. It never runs anything.
type analyzer struct {
	mu   sync.Mutex // one wasm heap: calls come one after another
	cat  *gs.SimpleCatalog
	opts *gs.AnalyzerOptions
	tf   *gs.TypeFactory
	sets map[string]*gs.SimpleCatalog
	have map[string]bool
	keep []any // owned by Go, must outlive the catalog
}

var initialised = sync.OnceValue(gs.Init)

// off lists features GoogleSQL knows and BigQuery does not offer.
var off = []gs.LanguageFeature{
	gs.LanguageFeatureFeatureAggregateFiltering, // COUNT(*) FILTER (WHERE ..)
	gs.LanguageFeatureFeatureLateralJoin,
	gs.LanguageFeatureFeatureLateralColumnReferences,
	gs.LanguageFeatureFeatureInsertOnConflictClause,
	gs.LanguageFeatureFeatureMultilevelAggregation,
	gs.LanguageFeatureFeatureMapType,
	gs.LanguageFeatureFeatureUuidType,
	gs.LanguageFeatureFeatureAliasesForStringAndDateFunctions,
	gs.LanguageFeatureFeatureLimitAll,
	gs.LanguageFeatureFeatureGeneralQuantifiedComparisons,
}

func languageOptions() (*gs.LanguageOptions, error) {
	lo, err := gs.NewLanguageOptions()
	if err != nil {
		return nil, err
	}
	err = first(
		lo.EnableMaximumLanguageFeatures(),
		lo.SetSupportsAllStatementKinds(),
		lo.SetProductMode(gs.ProductModeProductExternal),
		lo.SetNameResolutionMode(gs.NameResolutionModeNameResolutionDefault),
		lo.EnableReservableKeyword("QUALIFY", true),
	)
	for _, f := range off {
		err = first(err, lo.DisableLanguageFeature(f))
	}
	for _, f := range []gs.LanguageFeature{gs.LanguageFeatureFeatureGroupByAll, gs.LanguageFeatureFeaturePipes} {
		err = first(err, lo.EnableLanguageFeature(f))
	}
	return lo, err
}

func first(errs ...error) error {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}

func newAnalyzer() (*analyzer, error) {
	if err := initialised(); err != nil {
		return nil, err
	}
	c := &analyzer{sets: map[string]*gs.SimpleCatalog{}, have: map[string]bool{}}
	var err error
	if c.tf, err = gs.NewTypeFactory(); err != nil {
		return nil, err
	}
	if c.cat, err = gs.NewSimpleCatalog("bq", nil); err != nil {
		return nil, err
	}
	lo, err := languageOptions()
	if err != nil {
		return nil, err
	}
	if err := c.cat.AddBuiltinFunctionsAndTypes(&gs.BuiltinFunctionOptions{LanguageOptions: lo}); err != nil {
		return nil, err
	}
	if c.opts, err = gs.NewAnalyzerOptions2(); err != nil {
		return nil, err
	}
	c.keep = append(c.keep, lo)
	return c, first(c.opts.SetLanguage(lo),
		c.opts.SetAllowUndeclaredParameters(true),
		c.opts.SetErrorMessageMode(gs.ErrorMessageModeErrorMessageOneLine))
}

// addTable makes t known as dataset.name and project.dataset.name.
func (c *analyzer) addTable(t table) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	// A name that is there already would abort the wasm heap (C++ CHECK).
	key := "table/" + project + "." + t.Dataset + "." + t.Name
	if c.have[key] {
		return fmt.Errorf("table %s is in the catalog already", key)
	}
	c.have[key] = true
	tab, err := gs.NewSimpleTable(t.Name, 0)
	if err != nil {
		return err
	}
	for _, col := range t.Columns {
		typ, err := gs.AnalyzeType(col.Type, c.opts, c.cat, c.tf)
		if err != nil {
			return fmt.Errorf("column %s: %w", col.Name, err)
		}
		sc, err := gs.NewSimpleColumn(t.Name, col.Name, typ, false, true)
		if err != nil {
			return err
		}
		c.keep = append(c.keep, sc, typ)
		if err := tab.AddColumn2(sc, false); err != nil {
			return err
		}
	}
	c.keep = append(c.keep, tab)
	proj, err := c.sub("", project, c.cat)
	if err != nil {
		return err
	}
	inProj, err := c.sub(project, t.Dataset, proj)
	if err != nil {
		return err
	}
	inRoot, err := c.sub("", t.Dataset, c.cat)
	if err != nil {
		return err
	}
	return first(
		inProj.AddTable2(t.Name, tab),
		inRoot.AddTable2(t.Name, tab),
	)
}

func (c *analyzer) sub(prefix, name string, parent *gs.SimpleCatalog) (*gs.SimpleCatalog, error) {
	key := prefix + "/" + name
	if s := c.sets[key]; s != nil {
		return s, nil
	}
	s, err := gs.NewSimpleCatalog(name, nil)
	if err != nil {
		return nil, err
	}
	c.sets[key] = s
	return s, parent.AddCatalog2(name, s)
}

type outputs interface {
	OutputColumnList() ([]*gs.ResolvedOutputColumn, error)
}

// analyze resolves one statement and reports the columns it gives (for a
// query, CREATE TABLE AS or CREATE VIEW), with BigQuery type names.
func (c *analyzer) analyze(sql string) ([]column, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out, err := gs.AnalyzeStatement(sql, c.opts, c.cat, c.tf)
	if err != nil {
		return nil, "", err
	}
	st, err := out.ResolvedStatement()
	if err != nil {
		return nil, "", err
	}
	kind := strings.TrimPrefix(fmt.Sprintf("%T", st), "*googlesql.Resolved")
	o, ok := st.(outputs)
	if !ok {
		return nil, kind, nil
	}
	list, err := o.OutputColumnList()
	if err != nil {
		return nil, kind, err
	}
	var cols []column
	for _, oc := range list {
		name, err := oc.Name()
		if err != nil {
			return nil, kind, err
		}
		rc, err := oc.Column()
		if err != nil {
			return nil, kind, err
		}
		typ, err := rc.Type()
		if err != nil {
			return nil, kind, err
		}
		tn, err := typ.DebugString(false)
		if err != nil {
			return nil, kind, err
		}
		cols = append(cols, column{name, strings.ReplaceAll(tn, "DOUBLE", "FLOAT64")})
	}
	return cols, kind, nil
}
