package report

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"merit/pipelines/report/chart"
)

// A todayPage is what a person opens first: how the running quarter stands, what
// brings the next tier, and which deals wait for something.
type todayPage struct {
	frame
	Name, Period, Left string
	IsRunning          bool
	Roles              []roleView
	Weeks              template.HTML
	WeeksName          string
	WeeksSaid          string
	Ends               [2]string
	Quarters           []quarterLine
	Recognition        recognitionView
	PlanHref           string
}

type quarterLine struct{ Period, Score, Tier, Href, Statement, Paid string }

func (p *press) todayPage(one person, records byMetric) todayPage {
	last := one.cards[len(one.cards)-1].period
	about := p.facts.period(last)
	page := todayPage{frame: p.below(one.name + ", today"), Name: one.name, Period: last, IsRunning: !about.isOver, PlanHref: p.planHref("../../")}
	page.Nav, page.NavName = p.personNav(one, "index.html"), "Your quarters"
	if page.IsRunning {
		page.Left = p.left(about)
	}
	for _, c := range one.in(last) {
		page.Roles = append(page.Roles, p.roleView(one, c, about, nil))
	}
	if page.IsRunning {
		page.Recognition = p.recognition(one)
	}
	p.weeks(&page, one.in(last)[0], about, records)
	for _, name := range slices.Backward(one.periodNames()) {
		for _, c := range one.in(name) {
			page.Quarters = append(page.Quarters, p.quarterLine(one, c))
		}
	}
	return page
}

func (p *press) quarterLine(one person, c *card) quarterLine {
	line := quarterLine{Period: c.period, Tier: c.tier, Href: c.period + ".html"}
	if c.score.Known {
		line.Score = p.Words.Number(c.score.Of, 2)
	}
	payout, lines := p.payoutOf(one.id, c.period)
	if payout == nil {
		return line
	}
	line.Statement = statementName(c.period)
	var paid []string
	for _, m := range sums(lines, payableOnly) {
		paid = append(paid, p.Words.Digits(m.Amount)+thin+m.Currency)
	}
	line.Paid = strings.Join(paid, ", ")
	return line
}

func (p *press) left(about period) string {
	days := int(about.Ends.Sub(dayOf(p.facts.asOf, p.Words.Zone)).Hours() / 24)
	switch {
	case days <= 0:
		return "this is the last day of the quarter"
	case days == 1:
		return "one day is left"
	}
	return fmt.Sprintf("%d days are left", days)
}

// dayOf is an instant's date, as midnight UTC, which dates are kept as.
func dayOf(at time.Time, zone *time.Location) time.Time {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// weeks counts the records of the heaviest metric that adds records up.
func (p *press) weeks(page *todayPage, c *card, about period, records byMetric) {
	at := slices.IndexFunc(c.values, func(v value) bool { return p.metric[v.metric].Kind == "sum" && v.unit != "money" && v.samples > 0 })
	if at < 0 {
		return
	}
	until := min(int(dayOf(p.facts.asOf, p.Words.Zone).Sub(about.Starts).Hours()/24), int(about.Ends.Sub(about.Starts).Hours()/24))
	counts := make([]float64, max(0, until)/7+1)
	total := 0.0
	for _, e := range records[evidenceKey{c.period, c.role, c.values[at].metric}] {
		if e.excluded != "" {
			continue
		}
		week := int(dayOf(e.at, p.Words.Zone).Sub(about.Starts).Hours() / 24 / 7)
		if week >= 0 && week < len(counts) {
			counts[week] += e.counts
			total += e.counts
		}
	}
	page.WeeksName = Label(c.values[at].metric)
	page.WeeksSaid = fmt.Sprintf("%s so far, %s in the last of %s.", p.Words.Plain(total), p.Words.Plain(counts[len(counts)-1]), p.Words.count(len(counts), "week", "weeks"))
	page.Ends = [2]string{p.Words.ShortDay(about.Starts), p.Words.ShortDay(about.Starts.AddDate(0, 0, max(0, until)))}
	page.Weeks = chart.Columns(counts, 0, page.WeeksName+" by week: "+page.WeeksSaid)
}
