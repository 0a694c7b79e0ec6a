package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"merit/pipelines/report/chart"
)

// A closePage is what an approver looks at before signing.
type closePage struct {
	frame
	Period, State string
	Totals        []closeTotal
	Teams         []closeTeam
	TeamsMore     bool // several currencies: the bars are left out
	Tiers         []closeTier
	Look          []lookLine
	Gone          []string
	Held          []lookLine
	Corrections   []lookLine
	Controls      []controlLine
	Wrong         int
	Signatures    []Signature
	Manifest      string
	Before        string
	IsLocked      bool
	Waiting       []string
	Missing       string // what speaks against signing
}

// A closeTotal is all lines of one currency.
type closeTotal struct {
	Currency, Payable, Held, Bonuses, Others, Before, Change string
	Paid, People                                             int
}

type closeTeam struct {
	Team, Currency, Amount, Before, Change string
	Paid, People                           int
	Bar                                    template.HTML
	amount, before                         float64
}

type closeTier struct {
	Tier, Amount string
	People       int
	Bar          template.HTML
}

type lookLine struct{ Name, Team, Href, Why, Score, Tier, Was, Now string }

type controlLine struct {
	Name, Totals, Records string
	Wrong                 int
}

// finance makes a page of each payout, and an index of all of them.
func (p *press) finance() error {
	if err := p.out.put("finance/merit.css", Sheet()); err != nil {
		return err
	}
	index := indexPage{frame: p.frame("Payouts"), Heading: "Payouts", Lead: "Nothing is drafted yet: merit payout draft makes the first one."}
	for i := range p.Payouts {
		payout := &p.Payouts[i]
		page := p.closePage(payout)
		if err := p.page("finance/"+payout.Period+".html", "close", page); err != nil {
			return err
		}
		var totals []string
		for _, t := range page.Totals {
			totals = append(totals, t.Payable+thin+t.Currency)
		}
		index.Lines = append(index.Lines, indexLine{payout.Period, payout.Period + ".html", strings.Join(totals, ", "), Sentence(stateOf(payout))})
	}
	slices.Reverse(index.Lines)
	if n := len(index.Lines); n > 0 {
		index.Lead = fmt.Sprintf("%s, the newest first.", p.Words.count(n, "quarter has a payout", "quarters have a payout"))
	}
	return p.page("finance/index.html", "list", index)
}

// An indexPage leads to the pages of a folder.
type indexPage struct {
	frame
	Heading, Lead string
	Lines         []indexLine
}

type indexLine struct{ Name, Href, Figure, State string }

func (p *press) closePage(payout *Payout) closePage {
	before := p.payoutBefore(payout.Period)
	page := closePage{frame: p.frame("Close of " + payout.Period), Period: payout.Period, State: stateOf(payout), IsLocked: payout.IsLocked,
		Signatures: payout.Signatures, Manifest: payout.Manifest}
	page.NavName = "Payouts"
	page.Nav = append(page.Nav, navLink{"All payouts", "index.html", false})
	for i := range p.Payouts {
		page.Nav = append(page.Nav, navLink{p.Payouts[i].Period, p.Payouts[i].Period + ".html", p.Payouts[i].Period == payout.Period})
	}
	if before != nil {
		page.Before = before.Period
	}
	page.Totals = p.closeTotals(payout, before)
	page.Teams = p.closeTeams(payout, before)
	page.TeamsMore = len(page.Totals) > 1
	page.Tiers = p.closeTiers(payout)
	p.look(&page, payout, before)
	page.Controls, page.Wrong = p.controlLines(payout)
	for _, s := range payout.Signatures {
		if s.IsAwaited {
			page.Waiting = append(page.Waiting, s.Name)
		}
	}
	return page
}

func (p *press) payoutBefore(period string) *Payout {
	var before *Payout
	for i := range p.Payouts {
		if p.Payouts[i].Period < period {
			before = &p.Payouts[i]
		}
	}
	return before
}

// amountOf is the sum of a currency; without any it is 0, with the digits of like.
func amountOf(all []Money, currency, like string) string {
	for _, m := range all {
		if m.Currency == currency {
			return m.Amount
		}
	}
	return divided("0", "1", like)
}

func (p *press) closeTotals(payout, before *Payout) []closeTotal {
	var totals []closeTotal
	payable, held := sums(payout.Lines, payableOnly), sums(payout.Lines, heldOnly)
	bonuses := sums(payout.Lines, func(l PayoutLine) bool { return l.State == "payable" && l.Kind == "bonus" })
	for _, all := range sums(payout.Lines, everyLine) {
		of := func(from []Money) string { return p.Words.Digits(amountOf(from, all.Currency, all.Amount)) }
		t := closeTotal{Currency: all.Currency, Payable: of(payable), Held: of(held), Bonuses: of(bonuses),
			Others: p.Words.Digits(minusOf(amountOf(payable, all.Currency, all.Amount), amountOf(bonuses, all.Currency, all.Amount)))}
		people, paid := map[string]bool{}, map[string]bool{}
		for _, l := range payout.Lines {
			if l.Currency == all.Currency {
				people[l.RepID] = true
				if l.State == "payable" && !isZero(l.Amount) {
					paid[l.RepID] = true
				}
			}
		}
		t.People, t.Paid = len(people), len(paid)
		if before != nil {
			was := amountOf(sums(before.Lines, payableOnly), all.Currency, all.Amount)
			t.Before, t.Change = p.Words.Digits(was), p.signedMoney(minusOf(amountOf(payable, all.Currency, all.Amount), was))
		}
		totals = append(totals, t)
	}
	return totals
}

func (p *press) signedMoney(amount string) string {
	if decimal(amount).Sign() > 0 {
		return "+" + p.Words.Digits(amount)
	}
	return p.Words.Digits(amount)
}

func (p *press) closeTeams(payout, before *Payout) []closeTeam {
	type key struct{ team, currency string }
	lines, was := map[key][]PayoutLine{}, map[key][]PayoutLine{}
	gather := func(from *Payout, into map[key][]PayoutLine) {
		if from == nil {
			return
		}
		for _, l := range from.Lines {
			k := key{cmp.Or(l.Team, noTeam), l.Currency}
			into[k] = append(into[k], l)
		}
	}
	gather(payout, lines)
	gather(before, was)
	for k := range was {
		if lines[k] == nil {
			lines[k] = []PayoutLine{}
		}
	}
	var keys []key
	for k := range lines {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.team, b.team), cmp.Compare(a.currency, b.currency)) })
	most := 0.0
	var teams []closeTeam
	for _, k := range keys {
		like := slices.Concat(lines[k], was[k])[0].Amount
		now, then := amountOf(sums(lines[k], payableOnly), k.currency, like), amountOf(sums(was[k], payableOnly), k.currency, like)
		t := closeTeam{Team: k.team, Currency: k.currency, Amount: p.Words.Digits(now), Before: p.Words.Digits(then),
			Change: p.signedMoney(minusOf(now, then)), amount: float(now), before: float(then)}
		people, paid := map[string]bool{}, map[string]bool{}
		for _, l := range lines[k] {
			people[l.RepID] = true
			if l.State == "payable" && !isZero(l.Amount) {
				paid[l.RepID] = true
			}
		}
		t.People, t.Paid = len(people), len(paid)
		most = max(most, t.amount, t.before)
		teams = append(teams, t)
	}
	for i := range teams {
		teams[i].Bar = chart.Share(teams[i].amount, teams[i].before, most, teams[i].Amount+", "+teams[i].Before+" before")
	}
	return teams
}

// closeTiers say how many reached each tier, and what it pays them.
func (p *press) closeTiers(payout *Payout) []closeTier {
	type tierSum struct {
		lines  []PayoutLine
		people map[string]bool
		mult   float64
	}
	all := map[string]*tierSum{}
	for _, l := range payout.Lines {
		if l.Kind != "bonus" {
			continue
		}
		name := cmp.Or(l.Tier, "no tier")
		if all[name] == nil {
			all[name] = &tierSum{people: map[string]bool{}, mult: float(l.Multiplier)}
		}
		all[name].lines = append(all[name].lines, l)
		all[name].people[l.RepID] = true
	}
	names := sortedKeys(all)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(all[b].mult, all[a].mult) })
	most := 1.0
	for _, name := range names {
		most = max(most, float64(len(all[name].people)))
	}
	var tiers []closeTier
	for _, name := range names {
		var paid []string
		for _, m := range sums(all[name].lines, payableOnly) {
			paid = append(paid, p.Words.Digits(m.Amount)+thin+m.Currency)
		}
		n := len(all[name].people)
		tiers = append(tiers, closeTier{Sentence(name), cmp.Or(strings.Join(paid, ", "), "nothing"), n,
			chart.Share(float64(n), 0, most, p.Words.count(n, "person", "people"))})
	}
	return tiers
}

// look picks the lines that an approver should see first, by rules that the page
// says: a large change, a score close to a tier's edge, nothing at all, money that
// goes back, and what is held.
func (p *press) look(page *closePage, payout, before *Payout) {
	was := map[string]PayoutLine{}
	if before != nil {
		for _, l := range before.Lines {
			if l.Kind == "bonus" {
				was[l.RepID+" "+l.Role] = l
			}
		}
	}
	there := map[string]bool{}
	for _, l := range payout.Lines {
		there[l.RepID] = true
		line := lookLine{Name: l.Name, Team: l.Team, Score: p.Words.Digits(l.Score), Tier: cmp.Or(l.Tier, "none"), Now: p.Words.Digits(l.Amount) + thin + l.Currency}
		if p.makes("people") {
			line.Href = "../people/" + slug(l.RepID) + "/" + statementName(payout.Period)
		}
		if l.State == "held" {
			line.Why = Sentence(l.Reason)
			page.Held = append(page.Held, line)
		}
		if l.Kind != "bonus" {
			line.Why = fmt.Sprintf("%s for %s: %s", Sentence(l.Kind), l.For, l.Reason)
			page.Corrections = append(page.Corrections, line)
			continue
		}
		old, had := was[l.RepID+" "+l.Role]
		if had {
			line.Was = p.Words.Digits(old.Amount) + thin + old.Currency
		}
		if line.Why = p.whyLook(l, old, had, payout.Period); line.Why != "" {
			page.Look = append(page.Look, line)
		}
	}
	if before != nil {
		for _, l := range before.Lines {
			if !there[l.RepID] {
				there[l.RepID] = true
				page.Gone = append(page.Gone, l.Name)
			}
		}
	}
}

func (p *press) whyLook(l, old PayoutLine, had bool, period string) string {
	var why []string
	score := float(l.Score)
	for _, t := range p.facts.tiers[period+" "+l.Role] {
		switch d := score - t.from; {
		case l.Score == "":
		case d >= 0 && d <= .5:
			why = append(why, fmt.Sprintf("%s above the edge of %s", p.Words.Number(d, 2), t.name))
		case d < 0 && d >= -.75:
			why = append(why, fmt.Sprintf("%s below %s", p.Words.Number(-d, 2), t.name))
		}
	}
	if l.Score == "" {
		why = append(why, "no score")
	} else if score == 0 {
		why = append(why, "a score of 0")
	}
	target := float(l.BonusTarget)
	switch {
	case !had || old.Currency != l.Currency:
	case float(old.Amount) == 0 && float(l.Amount) > 0:
		why = append(why, "nothing the quarter before")
	case float(old.Amount)-float(l.Amount) >= target/2 && target > 0:
		why = append(why, "half a bonus target less than the quarter before")
	}
	if had && old.BonusTarget != "" && float(old.BonusTarget) > 0 && target >= 1.5*float(old.BonusTarget) {
		why = append(why, fmt.Sprintf("the bonus target was %s", p.Words.Digits(old.BonusTarget)))
	}
	return Sentence(strings.Join(why, "; "))
}

func (p *press) controlLines(payout *Payout) ([]controlLine, int) {
	type sum struct{ totals, records, wrong int }
	all := map[string]*sum{}
	var names []string
	wrong := 0
	for _, c := range payout.Controls {
		if all[c.Name] == nil {
			all[c.Name] = &sum{}
			names = append(names, c.Name)
		}
		s := all[c.Name]
		s.totals++
		s.records += int(float(c.Count))
		if c.Difference != "" && !isZero(c.Difference) {
			s.wrong++
			wrong++
		}
	}
	var lines []controlLine
	for _, name := range names {
		s := all[name]
		lines = append(lines, controlLine{Sentence(name), p.whole(s.totals), p.whole(s.records), s.wrong})
	}
	return lines, wrong
}
