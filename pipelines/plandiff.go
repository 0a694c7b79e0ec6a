package pipelines

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

// A PlanDiff is what another version of the plan changes, in words, and what it
// would have come to in the last quarter that is over.
type PlanDiff struct {
	Before, After plan.Version
	Changes       []string
	Period        string
	Notices       []string // what the money below does not show
	Lines         []LineDiff
	rebuild       Rebuild
}

// Rebuild says what becomes of a version whose metrics take other parameters
// than those of the last build.
type Rebuild string

const (
	AsBuilt   Rebuild = "as built"   // the last build's values stand in, and it is said
	BuiltAnew Rebuild = "built anew" // every table is built under it, in a scratch database
)

// A LineDiff is one line of the payout under both versions; a line that only one
// of them has is 0 under the other.
type LineDiff struct {
	Before, After payouts.Line
	Delta         payouts.Money
}

// DiffPlans compares two versions of the plan. Each is named as plan.yml calls
// it, or as a file (its last version) or FILE:VERSION. Scores and lines are
// computed under both from the metric values of the last build, or of a build
// under the version itself where the choice says so and its parameters differ.
func (j *Job) DiffPlans(ctx context.Context, before, after string, choice Rebuild) (PlanDiff, error) {
	d := PlanDiff{rebuild: choice}
	var err error
	if d.Before, err = j.version(before); err != nil {
		return d, err
	}
	if d.After, err = j.version(after); err != nil {
		return d, err
	}
	d.Changes = plan.Changes(d.Before, d.After)
	if err := j.openWarehouse(); err != nil {
		return d, err
	}
	if d.Period, err = j.lastPeriod(ctx); err != nil {
		return d, err
	}
	standings, _, err := j.results().Standings(ctx, d.Period)
	if err != nil {
		return d, err
	}
	was, err := j.linesUnder(ctx, &d, standings, d.Before)
	if err != nil {
		return d, err
	}
	is, err := j.linesUnder(ctx, &d, standings, d.After)
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
func (j *Job) version(name string) (plan.Version, error) {
	path := j.Project.Path(j.Project.Settings.Files.Plan)
	own, err := plan.Open(path, j.Known())
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
			return plan.Version{}, fault.Errorf(fault.You, "%q is neither a version of %s (there are %s) nor a file", name, path, strings.Join(names, ", "))
		}
	}
	other, err := plan.Open(file, j.Known())
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
func (j *Job) lastPeriod(ctx context.Context) (string, error) {
	rows, err := j.rows(ctx, `select periods.period from plan.periods cross join plan.as_of
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
func (j *Job) linesUnder(ctx context.Context, d *PlanDiff, standings []payouts.Standing, v plan.Version) ([]payouts.Line, error) {
	in, err := j.Inputs()
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
	case len(differing) > 0 && d.rebuild == BuiltAnew:
		if standings, err = j.rebuilt(ctx, v, d.Period); err != nil {
			return nil, err
		}
	case len(differing) > 0:
		d.say("the parameters of %s in version %s are not those of the last build, whose values stand in; --rebuild computes them anew", strings.Join(differing, ", "), v.Name)
	}
	return d.lines(standings, v)
}

// lines computes scores and lines under a version. Where the version's own rules
// are those of the build, the scores must be the build's.
func (d *PlanDiff) lines(standings []payouts.Standing, v plan.Version) ([]payouts.Line, error) {
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

// RecomputeScores computes every score of every period again, in exact decimals
// by the plan itself, and gives how many there are; they must be those that the
// models computed.
func (j *Job) RecomputeScores(ctx context.Context) (int, error) {
	if err := j.openWarehouse(); err != nil {
		return 0, err
	}
	in, err := j.Inputs()
	if err != nil {
		return 0, err
	}
	periods, err := j.rows(ctx, "select distinct rep_scores.period from scores.rep_scores order by rep_scores.period")
	if err != nil {
		return 0, results.NotBuilt(err)
	}
	count := 0
	for _, row := range periods {
		quarter, err := in.Calendar.Parse(row.Text("period"))
		if err != nil {
			return count, err
		}
		standings, _, err := j.results().Standings(ctx, row.Text("period"))
		if err != nil {
			return count, err
		}
		version, inForce := in.Plan.For(quarter)
		if !inForce || standings[0].PlanHash != version.Hash() {
			return count, fault.Errorf(fault.You, "the plan has changed since the last build; `merit build` or `merit run` first")
		}
		if err := ledger.PayRules(version).SameScores(standings); err != nil {
			return count, err
		}
		count += len(standings)
	}
	return count, nil
}

func (d *PlanDiff) say(format string, args ...any) {
	d.Notices = append(d.Notices, fmt.Sprintf(format, args...))
}

// notice says what the recomputed amounts can't show.
func (d *PlanDiff) notice(standings []payouts.Standing) {
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

func (d *PlanDiff) emptyPools(v plan.Version, lines []payouts.Line) {
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
func paired(was, is []payouts.Line) ([]LineDiff, error) {
	byKey := map[string]*LineDiff{}
	var keys []string
	side := func(lines []payouts.Line, put func(*LineDiff, payouts.Line)) {
		for _, l := range lines {
			pair := byKey[l.Key()]
			if pair == nil {
				nothing := payouts.Line{Standing: payouts.Standing{RepID: l.RepID, Name: l.Name, Role: l.Role}, Kind: l.Kind, Pool: l.Pool,
					Amount: payouts.Money{Currency: l.Amount.Currency}, State: payouts.NotEligible, Reason: "this version has no such line"}
				pair = &LineDiff{Before: nothing, After: nothing}
				byKey[l.Key()] = pair
				keys = append(keys, l.Key())
			}
			put(pair, l)
		}
	}
	side(was, func(d *LineDiff, l payouts.Line) { d.Before = l })
	side(is, func(d *LineDiff, l payouts.Line) { d.After = l })
	slices.Sort(keys)
	var pairs []LineDiff
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

// A DiffTotal is what the lines of one kind and currency come to under both
// versions.
type DiffTotal struct {
	Kind                 payouts.Kind
	Before, After, Delta payouts.Money
}

// Totals are in the order of kind and currency. Held lines count: they are held,
// not lost.
func (d PlanDiff) Totals() ([]DiffTotal, error) {
	var totals []DiffTotal
	for _, l := range d.Lines {
		code := l.Delta.Currency
		at := slices.IndexFunc(totals, func(t DiffTotal) bool { return t.Kind == l.After.Kind && t.Delta.Currency == code })
		if at < 0 {
			at = len(totals)
			totals = append(totals, DiffTotal{l.After.Kind, payouts.Money{Currency: code}, payouts.Money{Currency: code}, payouts.Money{Currency: code}})
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
	slices.SortFunc(totals, func(a, b DiffTotal) int {
		return strings.Compare(string(a.Kind)+a.Delta.Currency, string(b.Kind)+b.Delta.Currency)
	})
	return totals, nil
}
