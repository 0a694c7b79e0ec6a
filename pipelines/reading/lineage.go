package reading

import (
	"io/fs"
	"maps"
	"slices"
	"strings"

	"merit/pipelines/plan"
	"merit/pipelines/project"
	"merit/transform/model"
	"merit/transform/sqltext"
	"merit/transform/warehouse"
)

// A Lineage says what is computed from which raw tables, by the sources' views, the
// models and the plan.
type Lineage struct {
	Sources  []project.Source
	Graph    *model.Graph
	Contract []warehouse.Relation
	Plan     func() (*plan.Plan, error)
}

// StandsOn are the metrics and published tables that are computed from a source's raw
// tables, and whether a payout is. Where the plan can't be read, everything may be.
func (l Lineage) StandsOn(source string, tables []string) (affected []string, isPaidOn bool) {
	staged := l.stagedFrom(source, tables)
	for _, m := range l.Graph.Models() {
		isShown := m.Header.Metric != nil || strings.HasPrefix(m.Name, "marts.")
		if isShown && slices.ContainsFunc(l.Graph.Upstream(m.Name), func(name string) bool { return staged[name] }) {
			affected = append(affected, m.Name)
		}
	}
	p, err := l.Plan()
	for name := range l.paidFrom(p, err != nil) {
		isPaidOn = isPaidOn || staged[name]
	}
	return affected, isPaidOn
}

// stagedFrom are the staging tables for which the source's view reads any of its raw
// tables.
func (l Lineage) stagedFrom(source string, tables []string) map[string]bool {
	staged := map[string]bool{}
	at := slices.IndexFunc(l.Sources, func(s project.Source) bool { return s.Name == source })
	if at < 0 {
		return staged
	}
	for _, r := range l.Contract {
		if r.Schema != "staging" {
			continue
		}
		text, err := fs.ReadFile(l.Sources[at].Connector.Views, r.Name+".sql")
		if err != nil {
			continue
		}
		view, err := sqltext.ReadView(string(text))
		if err != nil { // staging says so; until then it may read anything
			staged[r.Schema+"."+r.Name] = true
		}
		for _, table := range view.Tables {
			if slices.Contains(tables, table) {
				staged[r.Schema+"."+r.Name] = true
			}
		}
	}
	return staged
}

// paidFrom are all tables that a payout is computed from: the scores and what they
// are made of, of the metrics only those that some version of the plan pays on.
func (l Lineage) paidFrom(p *plan.Plan, isUnknown bool) map[string]bool {
	paid := map[string]bool{}
	if p != nil {
		for _, v := range p.Versions {
			for _, role := range v.Roles {
				for name := range maps.Keys(role.Metrics) {
					paid["metrics."+name] = true
				}
			}
			for _, pool := range v.Pools {
				paid["metrics."+pool.Metric] = true
			}
		}
	}
	found := map[string]bool{}
	var follow func(string)
	follow = func(name string) {
		if found[name] || strings.HasPrefix(name, "metrics.") && !paid[name] && !isUnknown {
			return
		}
		found[name] = true
		if m := l.Graph.Model(name); m != nil {
			for _, need := range m.Needs {
				follow(need)
			}
		}
	}
	for _, root := range []string{"scores.rep_scores", "core.rep_periods", "core.quotas"} {
		follow(root)
	}
	return found
}
