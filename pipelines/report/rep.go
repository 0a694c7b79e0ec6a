package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"merit/pipelines/report/chart"
)

// A repPage is a person's quarter.
type repPage struct {
	frame
	Name, Period, State string
	Were                string // are missing, or were
	Roles               []roleView
	Pay                 []payView
	Trend               template.HTML
	TrendNote           string
	Stages              []stageLine
	Slow, Fast          string
	WaterfallSaid       string
	Statement           string // its page; "" where nothing is drafted
	PlanHref            string
}

// A roleView is the score in one role.
type roleView struct {
	Title, Team, Score, Tier, Missing string
	Reach                             Reach
	Heading                           string // over what brings the next tier
	BuildUp                           template.HTML
	Parts                             []chart.Part
	Lines                             []lineView
	Redistributed                     string
}

// A lineView is one metric.
type lineView struct {
	ID, Name, Title, Value, Attained, Weight, Points, Reason, Metric string
	Chart, Spark                                                     template.HTML
	Records                                                          template.HTML
	RecordsSaid                                                      string
}

// A payView is a line of a payout.
type payView struct{ What, Amount, Currency, State string }

// person makes all pages of one person.
func (p *press) person(one person, all []evidence) error {
	records := grouped(all)
	folder := "people/" + slug(one.id) + "/"
	for _, name := range one.periodNames() {
		if err := p.page(folder+name+".html", "rep", p.repPage(one, name, records)); err != nil {
			return err
		}
		if payout, lines := p.payoutOf(one.id, name); payout != nil {
			if err := p.page(folder+statementName(name), "statement", p.statementPage(one, payout, lines, records)); err != nil {
				return err
			}
		}
	}
	return p.page(folder+"index.html", "today", p.todayPage(one, records))
}

func statementName(period string) string { return period + "-statement.html" }

// personNav leads through a person's own pages.
func (p *press) personNav(one person, here string) []navLink {
	nav := []navLink{{Name: "Today", Href: "index.html", IsHere: here == "index.html"}}
	for _, name := range one.periodNames() {
		nav = append(nav, navLink{Name: name, Href: name + ".html", IsHere: here == name})
	}
	return nav
}

func (p *press) repPage(one person, name string, records byMetric) repPage {
	about := p.facts.period(name)
	page := repPage{frame: p.below(one.name + ", " + name), Name: one.name, Period: name, State: "the quarter is over", Were: "were", PlanHref: p.planHref("../../")}
	page.Nav, page.NavName = p.personNav(one, name), "Your quarters"
	if !about.isOver {
		page.State, page.Were = "the quarter is not over: everything here is as of now", "are"
	}
	for _, c := range one.in(name) {
		page.Roles = append(page.Roles, p.roleView(one, c, about, records))
	}
	page.Trend, page.TrendNote = p.trend(one, one.in(name)[0])
	page.Stages, page.Slow, page.Fast = p.stageDays(one.in(name)[0])
	_, page.WaterfallSaid = p.waterfall([]flow{p.facts.flow[personPeriod{one.id, name}]}, "Your")
	if payout, lines := p.payoutOf(one.id, name); payout != nil {
		page.Statement = statementName(name)
		for _, l := range lines {
			page.Pay = append(page.Pay, payView{Sentence(l.Kind), p.Words.Digits(l.Amount), l.Currency, payState(payout, l)})
		}
	}
	return page
}

// planHref is the plan's page where it is made beside these.
func (p *press) planHref(up string) string {
	if p.makes("plan") {
		return up + "plan/index.html"
	}
	return ""
}

func (p *press) roleTitle(c *card) string { return p.titleOf(c.period, c.role) }

// titleOf is a role as the plan of a period calls it for people.
func (p *press) titleOf(period, role string) string {
	if v, known := p.PlanOf(period); known && v.Roles[role].Title != "" {
		return v.Roles[role].Title
	}
	return Label(role)
}

func (p *press) roleView(one person, c *card, about period, records byMetric) roleView {
	w := p.Words
	view := roleView{Title: p.roleTitle(c), Team: c.team, Tier: cmp.Or(c.tier, "below the lowest tier"), Reach: p.reach(c, about.isOver)}
	if c.score.Known {
		view.Score = w.Number(c.score.Of, 2)
	}
	switch {
	case view.Reach.Tier == "":
		view.Heading = "Where you stand"
	case about.isOver:
		view.Heading = "What would have brought " + view.Reach.Tier
	default:
		view.Heading = "What brings " + view.Reach.Tier
	}
	if c.isHeld {
		view.Missing = "The plan holds this score until a metric that it can't do without has a value."
	}
	for _, v := range c.values {
		line := p.lineView(one, c, v, records)
		if v.counts() {
			view.Parts = append(view.Parts, chart.Part{Name: line.Name, Label: w.Number(v.points, 1), Points: v.points})
		}
		view.Lines = append(view.Lines, line)
	}
	if rest := c.weightPlanned - c.weightUsed; rest > 0 && c.score.Known {
		view.Redistributed = fmt.Sprintf("%s %% of the weight belongs to metrics without a value, and went to the others, as the plan says.", w.Plain(rest))
	}
	if c.score.Known {
		view.BuildUp = p.buildUp(c, view.Parts)
	}
	return view
}

func (p *press) buildUp(c *card, parts []chart.Part) template.HTML {
	var built []string
	for _, part := range parts {
		built = append(built, part.Name+" "+part.Label)
	}
	says := fmt.Sprintf("The score %s is made of %s.", p.Words.Number(c.score.Of, 2), list(built))
	return chart.Fit(func(width float64) template.HTML {
		return chart.BuildUp(width, parts, c.score.Of, p.Words.Number(c.score.Of, 2), p.marks(c), says)
	})
}

func (p *press) marks(c *card) []chart.Mark {
	var marks []chart.Mark
	for _, t := range p.facts.tiers[c.period+" "+c.role] {
		marks = append(marks, chart.Mark{Name: t.name, Label: p.Words.Plain(t.from), At: t.from})
	}
	return marks
}

func (p *press) lineView(one person, c *card, v value, records byMetric) lineView {
	w := p.Words
	line := lineView{ID: c.role + "-" + v.metric, Name: Label(v.metric), Title: v.title, Value: w.Value(v.unit, v.value), Reason: v.reason,
		Weight: w.Plain(v.weight) + thin + "%", Metric: v.metric}
	if v.normalised.Known {
		line.Reason = strings.TrimPrefix(line.Reason+"; scored as "+w.Value(v.unit, v.normalised)+", as if all territories were alike", "; ")
	}
	switch {
	case v.weight == 0:
		line.Weight = "shown only"
	case v.counts():
		line.Attained, line.Points = w.Number(v.attainment.Of, 0), w.Number(v.points, 2)
	}
	if shown := v.shown(); shown.Known {
		var others []float64
		for _, peer := range p.peers[peersKey{c.period, c.role, v.metric}] {
			if peer.rep != c.rep {
				others = append(others, peer.of)
			}
		}
		says := fmt.Sprintf("%s, target %s", w.Value(v.unit, shown), w.Value(v.unit, known(v.target)))
		if len(others) < fewestPeers {
			others = nil // two dots without a name are two names
		} else {
			says += fmt.Sprintf("; the middle of %d others is %s", len(others), w.Value(v.unit, known(median(others))))
		}
		line.Chart = chart.Bullet(shown.Of, v.floor, v.target, v.cap, others, says)
	}
	line.Spark = p.spark(one, c, v)
	own := records[evidenceKey{c.period, c.role, v.metric}]
	line.RecordsSaid = w.count(len(own), "record", "records")
	if len(own) > 0 {
		line.Records = p.records(own)
	}
	return line
}

// fewestPeers: fewer are not shown, since whose value is whose would be plain.
const fewestPeers = 3

func (p *press) spark(one person, c *card, v value) template.HTML {
	var points []chart.Point
	var said []string
	for _, other := range one.cards {
		if other.role != c.role {
			continue
		}
		at := slices.IndexFunc(other.values, func(o value) bool { return o.metric == v.metric })
		point := chart.Point{Period: other.period}
		if at >= 0 && other.values[at].value.Known {
			point.Value, point.Known = other.values[at].value.Of, true
			said = append(said, other.period+" "+p.Words.Value(v.unit, other.values[at].value))
		}
		points = append(points, point)
	}
	if len(said) < 2 {
		return ""
	}
	return chart.Spark(points, said[0]+" to "+said[len(said)-1])
}

// trend holds a person against the own past.
func (p *press) trend(one person, c *card) (template.HTML, string) {
	var points []chart.Point
	var own []float64
	var said []string
	for _, o := range one.cards {
		if o.role != c.role {
			continue
		}
		points = append(points, chart.Point{Period: o.period, Value: o.score.Of, Known: o.score.Known, IsOpen: o.isRunning})
		if o.score.Known {
			said = append(said, o.period+" "+p.Words.Number(o.score.Of, 1))
			if o.period < c.period {
				own = append(own, o.score.Of)
			}
		}
	}
	if len(said) < 2 {
		return "", ""
	}
	note := fmt.Sprintf("From %s to %s. A hollow point is a quarter that is not over.", said[0], said[len(said)-1])
	if len(own) > 1 {
		note += fmt.Sprintf(" The dotted line is your own median of the quarters before %s, %s.", c.period, p.Words.Number(median(own), 1))
	}
	shown := func(v float64) string { return p.Words.Number(v, 1) }
	says := "Score by quarter: " + strings.Join(said, ", ")
	return `<div class="on-screen">` + chart.Trend(chart.Screen, points, p.marks(c), median(own), shown, says) + `</div><div class="on-phone">` +
		chart.Spark(points, says) + `</div>`, note
}

// stageDays hold a person's mean days in each stage against the role's.
func (p *press) stageDays(c *card) (lines []stageLine, slow, fast string) {
	stages := slices.Clone(p.facts.stages[personPeriod{c.rep, c.period}])
	slices.SortStableFunc(stages, func(a, b stageDays) int { return cmp.Compare(a.position.Of, b.position.Of) })
	longest, most, least := 0.0, 0.0, 0.0
	for _, s := range stages {
		usual := p.usual[peersKey{c.period, c.role, s.stage}]
		longest = max(longest, s.days/s.visits, usual.days/usual.visits)
	}
	for _, s := range stages {
		if !s.position.Known || s.visits == 0 {
			continue
		}
		mean, usual := s.days/s.visits, p.usual[peersKey{c.period, c.role, s.stage}]
		line := stageLine{Stage: s.stage, Visits: p.Words.Plain(s.visits), Days: p.Words.Number(mean, 1)}
		beside := 0.0
		if usual.visits > s.visits { // somebody else's deals were there, too
			beside = usual.days / usual.visits
			line.Usual = p.Words.Number(beside, 1)
			if d := mean - beside; d > most {
				most, slow = d, s.stage
			} else if d < least {
				least, fast = d, s.stage
			}
		}
		line.Bar = chart.Share(mean, beside, longest, line.Days+" days")
		lines = append(lines, line)
	}
	return lines, slow, fast
}

// waterfall adds up what became of the pipeline of some people.
func (p *press) waterfall(flows []flow, whose string) (template.HTML, string) {
	var f flow
	for _, o := range flows {
		f = f.plus(o)
	}
	if f == (flow{}) {
		return "", ""
	}
	w := p.Words
	bars := []chart.Bar{
		{Name: "At the start", Value: f.start, IsTotal: true}, {Name: "Created", Value: f.created}, {Name: "Moved in", Value: f.pulledIn},
		{Name: "Amounts", Value: f.edits, IsLoss: f.edits < 0}, {Name: "Won", Value: -f.won}, {Name: "Lost", Value: -f.lost, IsLoss: true},
		{Name: "Moved out", Value: -f.slipped, IsLoss: true}, {Name: "Still open", Value: f.end, IsTotal: true},
	}
	for i := range bars {
		bars[i].Label = w.Size(bars[i].Value)
	}
	said := fmt.Sprintf("%s pipeline due in the quarter began at %s %s. %s were added, %s moved in; %s were won, %s lost, %s moved out, and %s stay open.",
		whose, w.Size(f.start), w.Currency, w.Size(f.created), w.Size(f.pulledIn), w.Size(f.won), w.Size(f.lost), w.Size(f.slipped), w.Size(f.end))
	if f.withoutRate > 0 {
		said += fmt.Sprintf(" %s in another currency without a rate in no sum.", w.count(int(f.withoutRate), "deal stands", "deals stand"))
	}
	return chart.Fit(func(width float64) template.HTML { return chart.Waterfall(width, bars, said) }), said
}
