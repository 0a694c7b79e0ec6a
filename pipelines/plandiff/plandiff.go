// Package plandiff says what another version of the plan changes, in words and in money.
package plandiff

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines/payouts"
	"merit/pipelines/payouts/ledger"
	"merit/pipelines/plan"
	"merit/pipelines/results"
)

// A Diff is what another version of the plan changes, in words, and what it
// would have come to in the last quarter that is over.
type Diff struct {
	Before, After plan.Version
	Changes       []string
	Period        string
	Notices       []string // what the money below does not show
	Lines         []Line
	rebuild       Rebuild
}

// A Differ compares versions of the plan on the tables of the last build.
type Differ struct {
	File    string // the project's plan
	Known   plan.Known
	Inputs  func() (plan.Inputs, error)
	Results results.Tables
	// Rebuilt are a period's standings under a version whose metrics take other parameters.
	Rebuilt func(ctx context.Context, v plan.Version, period string) ([]payouts.Standing, error)
}

// Rebuild says what becomes of a version whose metrics take other parameters
// than those of the last build.
type Rebuild string

const (
	AsBuilt Rebuild = "as built" // the last build's values stand in, and it is said
	Rebuilt Rebuild = "rebuilt"  // every table is built under it, in a scratch database
)

// A Line is one line of the payout under both versions; a line that only one
// of them has is 0 under the other.
type Line struct {
	Before, After payouts.Line
	Delta         payouts.Money
}

// Compare compares two versions of the plan. Each is named as plan.yml calls
// it, or as a file (its last version) or FILE:VERSION. Scores and lines are
// computed under both from the metric values of the last build, or of a build
// under the version itself where the choice says so and its parameters differ.
func (r Differ) Compare(ctx context.Context, before, after string, choice Rebuild) (Diff, error) {
	d := Diff{rebuild: choice}
	var err error
	if d.Before, err = r.version(before); err != nil {
		return d, err
	}
	if d.After, err = r.version(after); err != nil {
		return d, err
	}
	d.Changes = plan.Changes(d.Before, d.After)
	if d.Period, err = r.lastPeriod(ctx); err != nil {
		return d, err
	}
	standings, _, err := r.Results.Standings(ctx, d.Period)
	if err != nil {
		return d, err
	}
	was, err := r.linesUnder(ctx, &d, standings, d.Before)
	if err != nil {
		return d, err
	}
	is, err := r.linesUnder(ctx, &d, standings, d.After)
	if err != nil {
		return d, err
	}
	d.notice(standings)
	d.emptyPools(d.Before, was)
	d.emptyPools(d.After, is)
	d.Lines, err = paired(was, is)
	return d, err
}

// version finds what the name means.
func (r Differ) version(name string) (plan.Version, error) {
	own, err := plan.Open(r.File, r.Known)
	if err != nil {
		return plan.Version{}, err
	}
	var names []string
	for _, v := range own.Versions {
		if v.Name == name {
			return v, nil
		}
		names = append(names, v.Name)
	}
	file, wanted := name, ""
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if at := strings.LastIndex(name, ":"); at > 0 {
			file, wanted = name[:at], name[at+1:]
		}
		if _, err := os.Stat(file); err != nil {
			return plan.Version{}, fault.Errorf(fault.You, "%q is neither a version of %s (there are %s) nor a file", name, r.File, strings.Join(names, ", "))
		}
	}
	other, err := plan.Open(file, r.Known)
	if err != nil {
		return plan.Version{}, err
	}
	if wanted == "" {
		return other.Versions[len(other.Versions)-1], nil
	}
	at := slices.IndexFunc(other.Versions, func(v plan.Version) bool { return v.Name == wanted })
	if at < 0 {
		return plan.Version{}, fault.Errorf(fault.You, "%s has no version %q", file, wanted)
	}
	return other.Versions[at], nil
}

// lastPeriod is the newest one that was over as of the last build.
func (r Differ) lastPeriod(ctx context.Context) (string, error) {
	rows, err := r.Results.Rows(ctx, `select periods.period from plan.periods cross join plan.as_of
		where periods.ends_at <= as_of.as_of_at order by periods.starts_on desc limit 1`)
	if err != nil {
		return "", results.NotBuilt(err)
	}
	if len(rows) == 0 {
		return "", fault.Errorf(fault.You, "no quarter that is scored was over as of the last build; there is no data to show the money on")
	}
	return rows[0].Text("period"), nil
}

// linesUnder computes the lines from values that rest on the version's own
// parameters, where that is asked for.
func (r Differ) linesUnder(ctx context.Context, d *Diff, standings []payouts.Standing, v plan.Version) ([]payouts.Line, error) {
	in, err := r.Inputs()
	if err != nil {
		return nil, err
	}
	_, built, err := ledger.PlanFor(in, d.Period)
	if err != nil {
		return nil, err
	}
	if built.Hash() != standings[0].PlanHash {
		return nil, fault.Errorf(fault.You, "the plan has changed since the last build; `merit build` or `merit run` first")
	}
	differing := differingParameters(v, built)
	switch {
	case len(differing) > 0 && d.rebuild == Rebuilt:
		if standings, err = r.Rebuilt(ctx, v, d.Period); err != nil {
			return nil, err
		}
	case len(differing) > 0:
		d.say("the parameters of %s in version %s are not those of the last build, whose values stand in; --rebuild computes them anew", strings.Join(differing, ", "), v.Name)
	}
	return d.lines(standings, v)
}

// lines computes scores and lines under a version. Where the version's own rules
// are those of the build, the scores must be the build's.
func (d *Diff) lines(standings []payouts.Standing, v plan.Version) ([]payouts.Line, error) {
	rules := ledger.PayRules(v)
	scored, err := rules.Rescore(standings)
	if err != nil {
		return nil, err
	}
	if standings[0].PlanHash == v.Hash() {
		if err := rules.SameScores(standings); err != nil {
			return nil, err
		}
	}
	lines, err := payouts.Lines(scored, rules)
	if err == nil || fault.WhoMends(err) != fault.You {
		return lines, err
	}
	d.say("under version %s no payout would be drafted: %v; its amounts below are before the budget", v.Name, err)
	rules.Budgets = slices.DeleteFunc(rules.Budgets, func(b payouts.Budget) bool { return b.WhenExceeded == payouts.Refuse })
	return payouts.Lines(scored, rules)
}

func (d *Diff) say(format string, args ...any) {
	d.Notices = append(d.Notices, fmt.Sprintf(format, args...))
}

// notice says what the recomputed amounts can't show.
func (d *Diff) notice(standings []payouts.Standing) {
	for _, v := range []plan.Version{d.Before, d.After} {
		without := map[string]bool{}
		for _, s := range standings {
			if _, there := v.Roles[s.Role]; !there {
				without[s.Role] = true
			}
		}
		for _, role := range sortedKeys(without) {
			d.say("version %s has no role %s: nobody in it would have a score", v.Name, role)
		}
	}
}

func (d *Diff) emptyPools(v plan.Version, lines []payouts.Line) {
	for _, pool := range v.Pools {
		if !slices.ContainsFunc(lines, func(l payouts.Line) bool { return l.Pool == pool.Name }) {
			d.say("nobody on the roster was in pool %s of version %s", pool.Name, v.Name)
		}
	}
}

func sortedKeys(set map[string]bool) []string {
	var keys []string
	for key := range set {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// paired puts the lines of the same key side by side.
func paired(was, is []payouts.Line) ([]Line, error) {
	byKey := map[string]*Line{}
	var keys []string
	side := func(lines []payouts.Line, put func(*Line, payouts.Line)) {
		for _, l := range lines {
			pair := byKey[l.Key()]
			if pair == nil {
				nothing := payouts.Line{Standing: payouts.Standing{RepID: l.RepID, Name: l.Name, Role: l.Role}, Kind: l.Kind, Pool: l.Pool,
					Amount: payouts.Money{Currency: l.Amount.Currency}, State: payouts.NotEligible, Reason: "this version has no such line"}
				pair = &Line{Before: nothing, After: nothing}
				byKey[l.Key()] = pair
				keys = append(keys, l.Key())
			}
			put(pair, l)
		}
	}
	side(was, func(d *Line, l payouts.Line) { d.Before = l })
	side(is, func(d *Line, l payouts.Line) { d.After = l })
	slices.Sort(keys)
	var pairs []Line
	for _, key := range keys {
		pair := byKey[key]
		var err error
		if pair.Delta, err = pair.After.Amount.Sub(pair.Before.Amount); err != nil {
			return nil, err
		}
		pairs = append(pairs, *pair)
	}
	return pairs, nil
}

// A Total is what the lines of one kind and currency come to under both
// versions.
type Total struct {
	Kind                 payouts.Kind
	Before, After, Delta payouts.Money
}

// Totals are in the order of kind and currency. Held lines count: they are held,
// not lost.
func (d Diff) Totals() ([]Total, error) {
	var totals []Total
	for _, l := range d.Lines {
		code := l.Delta.Currency
		at := slices.IndexFunc(totals, func(t Total) bool { return t.Kind == l.After.Kind && t.Delta.Currency == code })
		if at < 0 {
			at = len(totals)
			totals = append(totals, Total{l.After.Kind, payouts.Money{Currency: code}, payouts.Money{Currency: code}, payouts.Money{Currency: code}})
		}
		t := &totals[at]
		for sum, part := range map[*payouts.Money]payouts.Money{&t.Before: l.Before.Amount, &t.After: l.After.Amount, &t.Delta: l.Delta} {
			added, err := sum.Add(part)
			if err != nil {
				return nil, err
			}
			*sum = added
		}
	}
	slices.SortFunc(totals, func(a, b Total) int {
		return strings.Compare(string(a.Kind)+a.Delta.Currency, string(b.Kind)+b.Delta.Currency)
	})
	return totals, nil
}
