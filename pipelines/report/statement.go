package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"merit/pipelines/report/chart"
)

// A statementPage is what a person gets for a quarter, and why.
type statementPage struct {
	frame
	Name, Period, From, To, State string
	Lines                         []statementLine
	Payable, Held                 []Money
	Roles                         []roleView
	Tiers                         []tierLine
	Needed                        string
	Years                         []yearLine
	Deals                         []dealShare
	DealsSaid                     string
	Signatures                    []Signature
	Manifest                      string
	PlanHref                      string
}

type statementLine struct {
	What, Role, Reason, Amount, Currency, State string
	Steps                                       []ledgerStep
	IsNegative                                  bool
}

// A ledgerStep leads from what was left to what is left.
type ledgerStep struct {
	What, Why, Amount string
	Bar               template.HTML
	IsTotal           bool
}

type tierLine struct {
	Name, From, Pays, Amount string
	IsHere                   bool
}

type yearLine struct {
	Period, Paid, State string
	IsHere              bool
}

// A dealShare is a deal and what it did for the score.
type dealShare struct {
	Name, Link, Points string
	Records            int
	Bar                template.HTML
	points             float64
}

func (p *press) statementPage(one person, payout *Payout, lines []PayoutLine, records byMetric) statementPage {
	about := p.facts.period(payout.Period)
	page := statementPage{frame: p.below("Payout statement, " + one.name + ", " + payout.Period), Name: one.name, Period: payout.Period,
		From: p.Words.Day(about.Starts), To: p.Words.Day(about.Ends), State: stateOf(payout),
		Payable: p.shownMoney(sums(lines, payableOnly)), Held: p.shownMoney(sums(lines, heldOnly)),
		Signatures: payout.Signatures, Manifest: payout.Manifest, PlanHref: p.planHref("../../")}
	page.Nav, page.NavName = p.personNav(one, ""), "Your quarters"
	for _, l := range lines {
		page.Lines = append(page.Lines, p.statementLine(l))
	}
	for _, c := range one.in(payout.Period) {
		page.Roles = append(page.Roles, p.roleView(one, c, about, nil))
		p.tierTable(&page, c, lines)
	}
	p.years(&page, one)
	p.deals(&page, one, records)
	return page
}

// stateOf says how far a payout has come.
func stateOf(payout *Payout) string {
	if payout.IsLocked {
		return "locked"
	}
	signed := 0
	for _, s := range payout.Signatures {
		if !s.IsAwaited && s.As == AsApprover {
			signed++
		}
	}
	return fmt.Sprintf("a draft, signed by %d of %d approvers", signed, payout.Needed)
}

// What somebody signs as.
const (
	AsPreparer = "prepared the draft"
	AsApprover = "approved it"
)

func (p *press) shownMoney(all []Money) []Money {
	shown := make([]Money, len(all))
	for i, m := range all {
		shown[i] = Money{p.Words.Digits(m.Amount), m.Currency}
	}
	return shown
}

func (p *press) statementLine(l PayoutLine) statementLine {
	line := statementLine{What: Sentence(l.Kind), Role: p.titleOf(l.For, l.Role), Reason: Sentence(l.Reason), Amount: p.Words.Digits(l.Amount), Currency: l.Currency,
		State: strings.ReplaceAll(l.State, "_", " "), IsNegative: isNegative(l.Amount)}
	if l.Pool != "" {
		line.What += ", " + l.Pool
	}
	if l.Before != "" {
		line.What += " of " + l.For
		line.Reason = fmt.Sprintf("%s by today's records, %s by what was locked. %s", p.Words.Digits(l.Now), p.Words.Digits(l.Before), line.Reason)
	}
	if l.Kind == "bonus" && l.BonusTarget != "" {
		line.Steps = p.ledger(l)
	}
	return line
}

// ledger is the way from the target to the amount. Its steps add up: what neither
// tier nor days explain is one step, and the line's reason says why.
func (p *press) ledger(l PayoutLine) []ledgerStep {
	most := float(l.BonusTarget)
	var steps []ledgerStep
	total := func(what, amount, hue string) {
		steps = append(steps, ledgerStep{What: what, Amount: p.Words.Digits(amount), IsTotal: true, Bar: chart.Step(0, float(amount), most, hue, p.Words.Digits(amount))})
	}
	step := func(what, why, from, to string) {
		change := minusOf(to, from)
		if isZero(change) {
			return
		}
		steps = append(steps, ledgerStep{What: what, Why: why, Amount: p.Words.Digits(change),
			Bar: chart.Step(float(from), float(to), most, "--c", "down to "+p.Words.Digits(to))})
	}
	total("Bonus target", l.BonusTarget, "--g")
	atTier := divided(times(l.BonusTarget, cmp.Or(l.Multiplier, "0")), "1", l.Amount)
	atDays := divided(times(atTier, l.PaidDays), l.PeriodDays, l.Amount)
	why := "no tier pays nothing"
	if l.Tier != "" {
		why = fmt.Sprintf("%s pays %s of it", l.Tier, p.Words.Percent(float(l.Multiplier), 0))
	}
	step("Score "+p.Words.Digits(l.Score), why, l.BonusTarget, atTier)
	step("Days", fmt.Sprintf("%s of %s days are paid", l.PaidDays, l.PeriodDays), atTier, atDays)
	step("Limits, budget and rounding", l.Reason, atDays, l.Amount)
	total("Bonus", l.Amount, "--mark")
	return steps
}

// tierTable says what each tier pays, and how far the next one was.
func (p *press) tierTable(page *statementPage, c *card, lines []PayoutLine) {
	at := slices.IndexFunc(lines, func(l PayoutLine) bool { return l.Kind == "bonus" && l.Role == c.role })
	tiers := p.facts.tiers[c.period+" "+c.role]
	if len(tiers) == 0 {
		return
	}
	for _, t := range tiers {
		line := tierLine{Name: t.name, From: p.Words.Plain(t.from), Pays: p.Words.Percent(t.multiplier, 0), IsHere: t.name == c.tier}
		if at >= 0 {
			l := lines[at]
			full := divided(times(times(l.BonusTarget, fmt.Sprint(t.multiplier)), l.PaidDays), l.PeriodDays, l.Amount)
			line.Amount = p.Words.Digits(full) + thin + l.Currency
		}
		page.Tiers = append(page.Tiers, line)
	}
	if next := p.nextTier(c); next != nil && c.score.Known {
		page.Needed = fmt.Sprintf("%s points more would have been %s.", p.Words.Number(next.from-c.score.Of, 2), next.name)
	}
}

// years lists what the person's quarters paid, the newest last.
func (p *press) years(page *statementPage, one person) {
	for i := range p.Payouts {
		other, lines := p.payoutOf(one.id, p.Payouts[i].Period)
		if other == nil {
			continue
		}
		state := "draft"
		if other.IsLocked {
			state = "locked"
		}
		var paid []string
		for _, m := range sums(lines, payableOnly) {
			paid = append(paid, p.Words.Digits(m.Amount)+thin+m.Currency)
		}
		page.Years = append(page.Years, yearLine{other.Period, strings.Join(paid, ", "), state, other.Period == page.Period})
	}
}

// deals shares the points of metrics whose records are deals among those deals. A
// metric of other records has no deal to go to, which the page says.
func (p *press) deals(page *statementPage, one person, records byMetric) {
	byDeal := map[string]*dealShare{}
	shared, total := 0.0, 0.0
	for _, c := range one.in(page.Period) {
		for _, v := range c.values {
			if !v.counts() || v.points <= 0 {
				continue
			}
			total += v.points
			var own []evidence
			sum, allDeals := 0.0, true
			for _, e := range records[evidenceKey{c.period, c.role, v.metric}] {
				if e.excluded == "" {
					own = append(own, e)
					sum += e.counts
					allDeals = allDeals && e.kind == "deal"
				}
			}
			if !allDeals || sum <= 0 {
				continue
			}
			shared += v.points
			for _, e := range own {
				share := byDeal[e.id]
				if share == nil {
					share = &dealShare{Name: cmp.Or(e.name, e.id), Link: e.link}
					byDeal[e.id] = share
				}
				share.points += v.points * e.counts / sum
				share.Records++
			}
		}
	}
	if len(byDeal) == 0 {
		return
	}
	most := 0.0
	for _, id := range sortedKeys(byDeal) {
		most = max(most, byDeal[id].points)
		page.Deals = append(page.Deals, *byDeal[id])
	}
	slices.SortStableFunc(page.Deals, func(a, b dealShare) int { return cmp.Compare(b.points, a.points) })
	for i := range page.Deals {
		d := &page.Deals[i]
		d.Points = p.Words.Number(d.points, 2)
		d.Bar = chart.Share(d.points, 0, most, d.Points+" points")
	}
	page.DealsSaid = fmt.Sprintf("%s of %s points came from records that are deals, shared by what each one counted. It is a way to read the score, not a rate: the tier is paid for the whole.",
		p.Words.Number(shared, 2), p.Words.Number(total, 2))
}
