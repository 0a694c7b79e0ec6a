package recount

import (
	"encoding/csv"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// adjustments: truth now − all that was exported before, from the locked folders
// beside this one, and the truth by the locked plan and roster and today's records.
func (c *check) adjustments(folder string) error {
	payouts := filepath.Dir(filepath.Dir(folder))
	locked, err := filepath.Glob(filepath.Join(payouts, "*", "locked"))
	if err != nil {
		return err
	}
	sort.Strings(locked)
	before := map[string]*big.Rat{}
	for _, other := range locked {
		if filepath.Base(filepath.Dir(other)) >= c.heading.Period {
			continue
		}
		lines, err := readLines[line](filepath.Join(other, "lines.jsonl"))
		if err != nil {
			return err
		}
		for _, l := range lines {
			if l.State != "payable" && l.State != "booked" || l.Kind == "recovery" {
				continue
			}
			owed := l.RepID + "\x00" + l.Role + "\x00" + l.Currency + "\x00" + l.ForPeriod
			if before[owed] == nil {
				before[owed] = new(big.Rat)
			}
			before[owed] = plus(before[owed], number(l.Amount))
		}
	}
	for _, l := range c.lines {
		if l.ForPeriod == c.heading.Period || l.TruthNow == "" {
			continue
		}
		c.explained[key(l)] = true
		what := fmt.Sprintf("%s (%s): %s of %s", l.RepID, l.Role, l.Kind, l.ForPeriod)
		if len(locked) > 0 {
			owed := before[l.RepID+"\x00"+l.Role+"\x00"+l.Currency+"\x00"+l.ForPeriod]
			if owed == nil {
				owed = new(big.Rat)
			}
			c.same(what+", exported before", owed, l.ExportedBefore, exponent(l.Currency))
		}
		c.same(what, minus(number(l.TruthNow), number(l.ExportedBefore)), l.Amount, exponent(l.Currency))
		if err := c.truth(payouts, l, what); err != nil {
			return err
		}
	}
	return nil
}

// truth computes what a locked period would be by the records of now: by its own
// plan and roster, or where approvers have signed for a change, by today's.
func (c *check) truth(payouts string, l line, what string) error {
	folder := filepath.Join(payouts, l.ForPeriod, "locked")
	if !exists(folder) {
		return nil
	}
	for _, rules := range []string{"locked", "today"} {
		then, err := open(folder)
		if err != nil {
			return err
		}
		if rules == "today" {
			if then.plan, err = readPlan(c.inputs+"/plan.yml", then.heading.EndsOn); err != nil {
				return nil //nolint:nilerr // today's plan has no version for that quarter: the difference below says so
			}
			then.roster, then.quotas = c.roster, c.quotas
		}
		sum, known := c.again(then, l)
		if !known || sum.Cmp(number(l.TruthNow)) == 0 {
			return nil
		}
		if rules == "today" {
			c.differs("%s: truth now is %s, and neither the locked rules nor today's give it", what, l.TruthNow)
		}
	}
	return nil
}

// again is the bonuses and pools of one rep, role and currency in an earlier period.
func (c *check) again(then *frozen, l line) (*big.Rat, bool) {
	// Who has an adjustment has all of the later evidence frozen here; the others'
	// did not change.
	changed := map[string]bool{}
	for _, other := range c.lines {
		if other.ForPeriod == l.ForPeriod && other.TruthNow != "" {
			changed[other.RepID+"\x00"+other.Role] = true
		}
	}
	evidence := append([]record(nil), c.later...)
	for _, e := range then.evidence {
		if !changed[e.RepID+"\x00"+e.Role] {
			evidence = append(evidence, e)
		}
	}
	then.standings = nil
	for _, s := range c.standings {
		if s.Period == l.ForPeriod {
			then.standings = append(then.standings, s)
		}
	}
	if len(then.standings) == 0 {
		return nil, false // nobody of that period is judged any more
	}
	silent := &check{frozen: then}
	people := then.people()
	for _, p := range people {
		silent.measure(p, evidence, l.ForPeriod)
	}
	silent.score(people)
	sum, known := new(big.Rat), true
	for _, d := range silent.bonuses(people) {
		if d.p.rep == l.RepID && d.p.role == l.Role && d.currency == l.Currency {
			sum, known = plus(sum, d.amount), known && !d.p.held
		}
	}
	for _, got := range silent.portions(people) {
		if got.p.rep == l.RepID && got.p.role == l.Role && got.pool.Currency == l.Currency {
			sum, known = plus(sum, got.amount), known && got.known
		}
	}
	return sum, known
}

// nothingElse: no line without somebody whom the rules give it to.
func (c *check) nothingElse([]*person) {
	seen := map[string]bool{}
	for _, l := range c.lines {
		if !c.explained[key(l)] {
			c.differs("%s (%s): a %s line of %s %s for %s that no rule gives", l.RepID, l.Role, l.Kind, l.Amount, l.Currency, l.ForPeriod)
		}
		if seen[key(l)] {
			c.differs("%s (%s): two %s lines for %s", l.RepID, l.Role, l.Kind, l.ForPeriod)
		}
		seen[key(l)] = true
	}
}

// statements: what is to be paid stands on the page of whom it is paid to.
func (c *check) statements(folder string) error {
	sums := map[string]map[string]*big.Rat{}
	for _, l := range c.lines {
		if sums[l.RepID] == nil {
			sums[l.RepID] = map[string]*big.Rat{}
		}
		if l.State != "payable" {
			continue
		}
		if sums[l.RepID][l.Currency] == nil {
			sums[l.RepID][l.Currency] = new(big.Rat)
		}
		sums[l.RepID][l.Currency] = plus(sums[l.RepID][l.Currency], number(l.Amount))
	}
	for rep, byCurrency := range sums {
		path := filepath.Join(folder, "statements", rep+".html")
		if !exists(path) {
			continue // an id that is no file name has another one
		}
		page, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := plain(string(page))
		for currency, sum := range byCurrency {
			if want := show(sum, exponent(currency)); sum.Sign() != 0 && !strings.Contains(text, want) {
				c.differs("the statement of %s does not say %s %s", rep, want, currency)
			}
		}
	}
	return nil
}

// plain writes every minus and every space between digits as ASCII does.
func plain(page string) string {
	return strings.NewReplacer("−", "-", "\u202f", "", "&nbsp;", "", "&minus;", "-", ",", "").Replace(page)
}

// table: payout.csv is the lines, no more and no fewer.
func (c *check) table(folder string) error {
	file, err := os.Open(filepath.Join(folder, "payout.csv"))
	if err != nil {
		return err
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return err
	}
	if len(rows) != len(c.lines)+1 {
		c.differs("payout.csv has %d lines, lines.jsonl %d", len(rows)-1, len(c.lines))
		return nil
	}
	sums := map[string]*big.Rat{}
	count := func(state, currency, amount string, sign int) {
		if sums[state+" "+currency] == nil {
			sums[state+" "+currency] = new(big.Rat)
		}
		if n := number(amount); n != nil {
			sums[state+" "+currency] = plus(sums[state+" "+currency], times(n, whole(sign)))
		}
	}
	column := map[string]int{}
	for i, title := range rows[0] {
		column[title] = i
	}
	for _, r := range rows[1:] {
		count(r[column["state"]], r[column["currency"]], r[column["amount"]], 1)
	}
	for _, l := range c.lines {
		count(l.State, l.Currency, l.Amount, -1)
	}
	for name, left := range sums {
		if left.Sign() != 0 {
			c.differs("payout.csv and lines.jsonl differ by %s in what is %s", show(left, 3), name)
		}
	}
	return nil
}
