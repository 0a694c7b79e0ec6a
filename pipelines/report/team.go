package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"merit/pipelines/report/chart"
)

// A teamPage is a manager's view of a quarter. Nobody is ranked on it: people stand
// in the order of their names.
type teamPage struct {
	frame
	Team, Period, State string
	Lead                template.HTML
	Metrics             []string
	People              []memberView
	Forecasts           []forecastLine
	Waterfall           template.HTML
	WaterfallSaid       string
	Stages              []stageLine
	Deals               []teamDeal
	DealsSaid           string
	Recognition         teamRecognition
	Help                []helpLine
}

// A helpLine says who may need what, in the tables' own sentences.
type helpLine struct {
	Name, Href, What, Why string
	IsQuiet               bool
}

type memberView struct {
	Name, Href, Role, Score, Tier, Change, Why, Won string
	IsUp                                            bool
	Spark                                           template.HTML
	Cells                                           []cellView
}

// A cellView is an attainment; Class is how far it is from the target.
type cellView struct{ Text, Says, Class string }

type forecastLine struct {
	Period, Said, Won, Bias, Wape, Without string
	Bar                                    template.HTML
	IsHere                                 bool
}

type stageLine struct {
	Stage, Visits, Days, Usual string
	Bar                        template.HTML
}

type teamDeal struct{ Name, Link, Person, Stage, Amount, Missing string }

// teams makes each team's pages, and an index that is the newest period's.
func (p *press) teams() error {
	if err := p.out.put("teams/merit.css", Sheet()); err != nil {
		return err
	}
	for _, team := range p.facts.teams() {
		folder := "teams/" + slug(team) + "/"
		var periods []string
		for _, about := range p.facts.periods {
			if len(p.facts.members(team, about.Name)) > 0 {
				periods = append(periods, about.Name)
			}
		}
		for i, name := range periods {
			page := p.teamPage(team, name, periods)
			if err := p.page(folder+name+".html", "team", page); err != nil {
				return err
			}
			if i == len(periods)-1 {
				if err := p.page(folder+"index.html", "team", page); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (p *press) teamPage(team, name string, periods []string) teamPage {
	about, members := p.facts.period(name), p.facts.members(team, name)
	page := teamPage{frame: p.below(team + ", " + name), Team: team, Period: name, State: "the quarter is over"}
	if !about.isOver {
		page.State = "the quarter is not over"
	}
	page.NavName = "Quarters"
	for _, other := range periods {
		page.Nav = append(page.Nav, navLink{other, other + ".html", other == name})
	}
	page.Metrics = metricsOf(members)
	ups, downs := 0, 0
	for _, c := range members {
		m, change := p.member(c, page.Metrics)
		page.People = append(page.People, m)
		switch {
		case change > .005:
			ups++
		case change < -.005:
			downs++
		}
	}
	page.Forecasts = p.forecasts(team, name)
	var flows []flow
	seen := map[string]bool{}
	for _, c := range members {
		if !seen[c.rep] {
			seen[c.rep] = true
			flows = append(flows, p.facts.flow[personPeriod{c.rep, name}])
		}
	}
	page.Waterfall, page.WaterfallSaid = p.waterfall(flows, "The team's")
	page.Stages = p.teamStages(members)
	page.Deals, page.DealsSaid = p.teamDeals(members)
	if !about.isOver {
		page.Recognition = p.teamRecognition(team, members)
	}
	page.Help = p.help(members, about)
	page.Lead = p.teamLead(&page, len(members), ups, downs)
	return page
}

// help is who withdrew within the quarter or before it and goes on, and whose rates lag for
// want of skill or of attempts.
func (p *press) help(members []*card, about period) (lines []helpLine) {
	seen := map[string]bool{}
	for _, c := range members {
		if seen[c.rep] {
			continue
		}
		seen[c.rep] = true
		line := helpLine{Name: c.name}
		if p.makes("people") {
			line.Href = "../../people/" + slug(c.rep) + "/" + c.period + ".html"
		}
		for _, w := range p.facts.led.warnings {
			if w.rep != c.rep || w.isOfRole || w.last.Before(about.Starts) || w.week.After(about.Ends) {
				continue
			}
			line.What, line.Why, line.IsQuiet = "went quiet", w.text, true
			if w.kind == "uncoached" {
				line.What = "nobody talked to them"
			}
			if w.isTop {
				line.What += ", one of the best"
			}
			lines = append(lines, line)
		}
		line.IsQuiet = false
		for _, s := range p.facts.led.skills[personPeriod{c.rep, c.period}] {
			line.What, line.Why = map[string]string{"activity": "too little to do it with", "skill": "little comes of it", "both": "too little, and little comes of it"}[s.verdict], Sentence(Label(s.about))+": "+s.text
			lines = append(lines, line)
		}
	}
	return lines
}

// metricsOf are the metrics that count for somebody, the heaviest first.
func metricsOf(members []*card) []string {
	weight := map[string]float64{}
	for _, c := range members {
		for _, v := range c.values {
			if v.weight > 0 {
				weight[v.metric] += v.weight
			}
		}
	}
	names := sortedKeys(weight)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(weight[b], weight[a]) })
	return names[:min(len(names), mostColumns)]
}

// mostColumns fit on a page of A4 beside the names.
const mostColumns = 6

func (p *press) teamLead(page *teamPage, people, ups, downs int) template.HTML {
	w := p.Words
	var b strings.Builder
	for _, f := range page.Forecasts {
		if f.IsHere && f.Said != "" {
			fmt.Fprintf(&b, "The team said <strong>%s</strong> early in the quarter and won <strong>%s</strong>", f.Said+thin+w.Currency, f.Won)
			if f.Bias != "" {
				fmt.Fprintf(&b, ": %s", f.Bias)
			}
			b.WriteString(". ")
		}
	}
	fmt.Fprintf(&b, "<strong>%s</strong> of %s rose since the quarter before, %s fell.", w.count(ups, "score", "scores"), w.Digits(fmt.Sprint(people)), w.Digits(fmt.Sprint(downs)))
	return template.HTML(b.String())
}

// member is a person's row, and how the score changed.
func (p *press) member(c *card, columns []string) (memberView, float64) {
	w := p.Words
	m := memberView{Name: c.name, Role: p.roleTitle(c), Tier: cmp.Or(c.tier, "none")}
	if p.makes("people") {
		m.Href = "../../people/" + slug(c.rep) + "/" + c.period + ".html"
	}
	if c.score.Known {
		m.Score = w.Number(c.score.Of, 1)
	}
	var points []chart.Point
	var before *card
	for _, about := range p.facts.periods {
		if o := p.facts.cardOf(c.rep, about.Name, c.role); o != nil && about.Name <= c.period {
			points = append(points, chart.Point{Period: o.period, Value: o.score.Of, Known: o.score.Known})
			if o.period < c.period {
				before = o
			}
		}
	}
	if len(points) > 1 {
		m.Spark = chart.Spark(points, fmt.Sprintf("%d quarters up to %s", len(points), c.period))
	}
	change := 0.0
	if before != nil && before.score.Known && c.score.Known {
		change = c.score.Of - before.score.Of
		m.Change, m.IsUp, m.Why = w.Signed(change, 1), change >= 0, p.why(before, c)
	}
	if o, known := p.facts.outcomes[personPeriod{c.rep, c.period}]; known {
		m.Won = fmt.Sprintf("%s won, %s%s%s", w.count(int(o.won), "deal", "deals"), w.Size(o.wonAmount), thin, w.Currency)
	}
	for _, column := range columns {
		m.Cells = append(m.Cells, p.cell(c, column))
	}
	return m, change
}

// why are the largest changes of points; those of all metrics sum to the score's.
func (p *press) why(before, now *card) string {
	changes := map[string]float64{}
	for _, v := range now.values {
		changes[v.metric] += v.points
	}
	for _, v := range before.values {
		changes[v.metric] -= v.points
	}
	names := sortedKeys(changes)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(math.Abs(changes[b]), math.Abs(changes[a])) })
	var said []string
	for _, name := range names[:min(3, len(names))] {
		if math.Abs(changes[name]) >= .05 {
			said = append(said, Label(name)+" "+p.Words.Signed(changes[name], 1))
		}
	}
	return strings.Join(said, ", ")
}

func (p *press) cell(c *card, metric string) cellView {
	at := slices.IndexFunc(c.values, func(v value) bool { return v.metric == metric })
	if at < 0 {
		return cellView{"", "not part of this role", "none"}
	}
	v := c.values[at]
	if !v.counts() {
		return cellView{"–", cmp.Or(v.reason, "shown only"), "none"}
	}
	says := fmt.Sprintf("%s, target %s", p.Words.Value(v.unit, v.shown()), p.Words.Value(v.unit, known(v.target)))
	class := "far"
	switch a := v.attainment.Of; {
	case a >= 100:
		class = "met"
	case a >= 85:
		class = "near"
	case a >= 60:
		class = "below"
	}
	return cellView{p.Words.Number(v.attainment.Of, 0), says, class}
}

func (p *press) forecasts(team, here string) []forecastLine {
	w := p.Words
	var lines []forecastLine
	most := 0.0
	for _, f := range p.facts.forecast[team] {
		most = max(most, f.said, f.won)
	}
	for _, f := range p.facts.forecast[team] {
		line := forecastLine{Period: f.period, Won: w.Size(f.won), IsHere: f.period == here}
		if f.reps > 0 {
			line.Said = w.Size(f.said)
			line.Bar = chart.Share(f.won, f.said, most, fmt.Sprintf("won %s, said %s", w.Size(f.won), w.Size(f.said)))
		}
		if f.bias.Known {
			line.Bias = w.Percent(math.Abs(f.bias.Of), 0) + map[bool]string{true: " below", false: " above"}[f.bias.Of < 0]
		}
		if f.wape.Known {
			line.Wape = w.Percent(f.wape.Of, 0)
		}
		if f.without > 0 {
			line.Without = w.count(int(f.without), "person without a forecast", "people without a forecast")
		}
		lines = append(lines, line)
	}
	return lines
}

// teamStages are the mean days of the team's deals in each stage, beside everybody's
// of the same roles.
func (p *press) teamStages(members []*card) []stageLine {
	own, usual := map[string]stageDays{}, map[string]stageDays{}
	roles := map[string]bool{}
	for _, c := range members {
		for _, s := range p.facts.stages[personPeriod{c.rep, c.period}] {
			sum := own[s.stage]
			own[s.stage] = stageDays{s.stage, s.position, sum.visits + s.visits, sum.days + s.days}
		}
		if roles[c.role] {
			continue
		}
		roles[c.role] = true
		for key, s := range p.usual {
			if key.period == c.period && key.role == c.role {
				sum := usual[s.stage]
				usual[s.stage] = stageDays{s.stage, s.position, sum.visits + s.visits, sum.days + s.days}
			}
		}
	}
	names := slices.DeleteFunc(sortedKeys(own), func(name string) bool { return !own[name].position.Known || own[name].visits == 0 })
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(own[a].position.Of, own[b].position.Of) })
	most := 0.0
	for _, name := range names {
		most = max(most, own[name].days/own[name].visits, usual[name].days/usual[name].visits)
	}
	var lines []stageLine
	for _, name := range names {
		mean, all := own[name].days/own[name].visits, usual[name].days/usual[name].visits
		lines = append(lines, stageLine{name, p.Words.Plain(own[name].visits), p.Words.Number(mean, 1), p.Words.Number(all, 1),
			chart.Share(mean, all, most, fmt.Sprintf("%s days, usual %s", p.Words.Number(mean, 1), p.Words.Number(all, 1)))})
	}
	return lines
}

// teamDeals are the open deals that miss something, the largest first.
func (p *press) teamDeals(members []*card) ([]teamDeal, string) {
	type one struct {
		hygieneDeal
		person string
	}
	var open []one
	all := 0
	seen := map[string]bool{}
	for _, c := range members {
		if seen[c.rep] {
			continue
		}
		seen[c.rep] = true
		for _, d := range p.facts.hygiene[personPeriod{c.rep, c.period}] {
			if d.isClosed {
				continue
			}
			all++
			if d.missing != "" {
				open = append(open, one{d, c.name})
			}
		}
	}
	slices.SortStableFunc(open, func(a, b one) int { return cmp.Compare(b.amount.Of, a.amount.Of) })
	var deals []teamDeal
	for _, d := range open[:min(len(open), mostTeamDeals)] {
		amount := "none"
		if d.amount.Known {
			amount = p.Words.Size(d.amount.Of) + thin + d.currency
		}
		deals = append(deals, teamDeal{d.name, safeLink(d.url), d.person, d.stage, amount, Sentence(strings.ReplaceAll(d.missing, "_", " "))})
	}
	said := fmt.Sprintf("%s of %s miss something.", p.whole(len(open)), p.Words.count(all, "open deal", "open deals"))
	if len(open) > len(deals) {
		said += fmt.Sprintf(" These are the %d largest.", len(deals))
	}
	return deals, said
}

func (p *press) whole(n int) string { return p.Words.Digits(fmt.Sprint(n)) }

const mostTeamDeals = 15
