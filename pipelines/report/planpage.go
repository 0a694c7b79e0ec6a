package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"merit/pipelines/plan"
	"merit/pipelines/report/chart"
)

// A planPage is the rules in sentences, for everybody who is measured by them.
type planPage struct {
	frame
	Period, Version, Hash string
	Roles                 []planRole
	Money                 []string
}

// A planRole is one role's mix, with an example that anybody can compute again.
type planRole struct {
	ID, Title string
	Rules     []planRule
	Tiers     []tierLine
	Below     string
	Example   planExample
}

type planRule struct {
	Metric, Name, Title, Weight, Floor, Target, Fewest, Missing, Cap string
	Signal, Gaming                                                   string
	Bar                                                              template.HTML
	IsShown                                                          bool // weight 0
}

// A planExample is an invented person whose every number stands on the page.
type planExample struct {
	Lines []exampleLine
	Score string
	Tier  string
	Pays  string
}

type exampleLine struct{ Name, Value, How, Attained, Weight, Points string }

func (p *press) plan() error {
	if err := p.out.put("plan/merit.css", Sheet()); err != nil {
		return err
	}
	about := p.facts.newestBegun()
	v, inForce := p.PlanOf(about.Name)
	if !inForce {
		return nil
	}
	page := planPage{frame: p.frame("The published plan"), Period: about.Name, Version: v.Name, Hash: v.Hash()}
	page.Nav, page.NavName = planNav("plan"), "Plan"
	for _, role := range v.RoleNames() {
		page.Roles = append(page.Roles, p.planRole(v, role))
	}
	page.Money = p.moneyRules(v)
	if err := p.page("plan/index.html", "plan", page); err != nil {
		return err
	}
	return p.page("plan/metrics.html", "metrics", p.metricsPage(v))
}

func planNav(here string) []navLink {
	return []navLink{{"The plan", "index.html", here == "plan"}, {"All metrics", "metrics.html", here == "metrics"}}
}

func (p *press) planRole(v plan.Version, name string) planRole {
	role := v.Roles[name]
	r := planRole{ID: slug(name), Title: cmp.Or(role.Title, Label(name))}
	metrics := role.MetricNames()
	slices.SortStableFunc(metrics, func(a, b string) int {
		return cmp.Compare(number64(role.Metrics[b].Weight), number64(role.Metrics[a].Weight))
	})
	for _, metric := range metrics {
		r.Rules = append(r.Rules, p.planRule(metric, role.Metrics[metric]))
	}
	tiers := v.TiersOf(name)
	for _, t := range tiers {
		r.Tiers = append(r.Tiers, tierLine{Name: t.Name, From: p.Words.Digits(t.From.Plain()), Pays: p.Words.Percent(number64(t.Multiplier), 0)})
	}
	if len(tiers) > 0 {
		r.Below = p.Words.Digits(tiers[0].From.Plain())
	}
	r.Example = p.example(role, metrics, tiers)
	return r
}

func number64(d plan.Decimal) float64 { return float(d.Plain()) }

func (p *press) planRule(name string, m plan.Metric) planRule {
	about := p.metric[name]
	rule := planRule{Metric: name, Name: Label(name), Title: Sentence(about.Title), Signal: Sentence(about.Signal), Gaming: Sentence(about.Gaming),
		Weight: p.Words.Digits(m.Weight.Plain()) + thin + "%", Floor: p.Words.Value(about.Unit, known(number64(m.Floor))),
		Target: p.Words.Value(about.Unit, known(number64(m.Target))), Cap: "120", Fewest: "3", IsShown: m.Weight.IsZero(),
		Bar: chart.Share(number64(m.Weight), 0, 100, m.Weight.Plain()+" of 100")}
	if m.Cap != nil {
		rule.Cap = p.Words.Digits(m.Cap.Plain())
	}
	if m.MinSamples != nil {
		rule.Fewest = fmt.Sprint(int64(*m.MinSamples))
	}
	switch m.WhenMissing {
	case "zero":
		rule.Missing = "counts as 0"
	case "hold":
		rule.Missing = "holds the payout"
	default:
		rule.Missing = "its weight goes to the others"
	}
	if m.Normalise == plan.ByPotential {
		rule.Title += ", held against what the own territory could give"
	}
	return rule
}

// example takes an invented person: nine tenths of the way to the target in the
// first metric, just the target in the next one, and so on in turn.
func (p *press) example(role plan.Role, metrics []string, tiers []plan.Tier) planExample {
	ways := []float64{.9, 1, 1.1, .75}
	var e planExample
	total := 0.0
	for i, name := range metrics {
		m := role.Metrics[name]
		if m.Weight.IsZero() {
			continue
		}
		unit := p.metric[name].Unit
		floor, target, weight := number64(m.Floor), number64(m.Target), number64(m.Weight)
		way := ways[i%len(ways)]
		if p.isPart[name] && floor+(target-floor)*way > 1 {
			way = .9 // nobody keeps 105 of 100 deals well
		}
		value, attained := floor+(target-floor)*way, 100*way
		points := weight * attained / 100
		total += points
		how := fmt.Sprintf("(%s − %s) ÷ (%s − %s)", p.Words.Value(unit, known(value)), p.Words.Value(unit, known(floor)), p.Words.Value(unit, known(target)), p.Words.Value(unit, known(floor)))
		if floor == 0 {
			how = fmt.Sprintf("%s ÷ %s", p.Words.Value(unit, known(value)), p.Words.Value(unit, known(target)))
		}
		e.Lines = append(e.Lines, exampleLine{Label(name), p.Words.Value(unit, known(value)), how, p.Words.Number(attained, 0), p.Words.Digits(m.Weight.Plain()), p.Words.Number(points, 2)})
	}
	e.Score = p.Words.Number(total, 2)
	for _, t := range tiers {
		if total+1e-9 >= number64(t.From) {
			e.Tier, e.Pays = t.Name, p.Words.Percent(number64(t.Multiplier), 0)
		}
	}
	return e
}

// moneyRules are what stands between a tier and an amount, in sentences without
// amounts: those are nobody's but finance's.
func (p *press) moneyRules(v plan.Version) []string {
	said := []string{"A bonus is the bonus target × what the tier pays × paid days ÷ days of the quarter. Days on leave or outside the role are not paid."}
	if days := int64(v.Eligibility.MinimumDays); days > 0 {
		in := "in the role"
		if v.Eligibility.Counted == "programme" {
			in = "in all roles together"
		}
		said = append(said, fmt.Sprintf("Fewer than %d paid days %s in the quarter: no bonus.", days, in))
	}
	if v.Eligibility.OnLastDay {
		said = append(said, "Whoever has left before the quarter's last day is not paid.")
	}
	if v.Limits.CapPercent != nil {
		said = append(said, fmt.Sprintf("A bonus is at most %s %% of the bonus target.", p.Words.Digits(v.Limits.CapPercent.Plain())))
	}
	if v.Limits.FloorPercent != nil {
		said = append(said, fmt.Sprintf("Everybody who is eligible gets at least %s %% of the bonus target.", p.Words.Digits(v.Limits.FloorPercent.Plain())))
	}
	for _, b := range v.Budgets {
		how := map[string]string{"proportional": "every bonus is cut by the same share", "by_tier": "the highest tier is paid first", "refuse": "nothing is paid until somebody decides"}[b.WhenExceeded]
		said = append(said, fmt.Sprintf("All bonuses in %s have a budget for the quarter. Where they exceed it, %s.", b.Currency, how))
	}
	for _, pool := range v.Pools {
		who := "Everybody"
		if len(pool.Teams) > 0 {
			who = list(pool.Teams)
		}
		by := map[string]string{"": "paid days", "days": "paid days", "equal": "equal parts", "score": "their own scores", "target": "bonus target and days"}[pool.SharedBy]
		said = append(said, fmt.Sprintf("%s: %s earn a pool together by %s, shared by %s.", pool.Name, who, strings.ToLower(Label(pool.Metric)), by))
	}
	return said
}

// A metricsPage is the catalogue of everything that can be measured.
type metricsPage struct {
	frame
	Used, Others []metricView
}

type metricView struct {
	Metric
	Label, Roles string
}

func (p *press) metricsPage(v plan.Version) metricsPage {
	page := metricsPage{frame: p.frame("All metrics")}
	page.Nav, page.NavName = planNav("metrics"), "Plan"
	for _, m := range p.Metrics {
		var roles []string
		for _, role := range v.RoleNames() {
			if _, used := v.Roles[role].Metrics[m.Name]; used {
				roles = append(roles, cmp.Or(v.Roles[role].Title, Label(role)))
			}
		}
		view := metricView{Metric: m, Label: Label(m.Name), Roles: list(roles)}
		view.Title, view.Signal, view.Gaming = Sentence(m.Title), Sentence(m.Signal), Sentence(m.Gaming)
		if len(roles) > 0 {
			page.Used = append(page.Used, view)
		} else {
			page.Others = append(page.Others, view)
		}
	}
	return page
}
