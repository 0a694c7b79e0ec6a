package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"merit/pipelines/report/chart"
)

// An objectivesPage is the programme's: what serves which objective, quarter by quarter.
type objectivesPage struct {
	frame
	Period     string
	Lead       string
	Objectives []objectiveView
}

type objectiveView struct {
	Name, KPI string
	Metrics   []objectiveMetric
}

type objectiveMetric struct {
	Name, Company, Mean, AtTarget string
	Way                           string // to the target, where the plan says one
	IsBehind                      bool
	Course                        template.HTML
}

func (p *press) objectivesPage(about period) objectivesPage {
	page := objectivesPage{frame: p.programmeFrame("Objectives, "+about.Name, "objectives.html"), Period: about.Name}
	at, of := int64(0), int64(0)
	for _, g := range p.facts.goals {
		if g.period != about.Name {
			continue
		}
		if n := len(page.Objectives); n == 0 || page.Objectives[n-1].Name != g.okr {
			page.Objectives = append(page.Objectives, objectiveView{Name: g.okr, KPI: g.kpi})
		}
		m := objectiveMetric{Name: Label(g.metric), Company: p.Words.Value(g.unit, g.value), AtTarget: fmt.Sprintf("%d of %d", g.atTarget, g.scored), Course: p.goalCourse(g)}
		if g.verdict != "no target" {
			m.Way, m.IsBehind = g.text, g.verdict == "behind" || g.verdict == "missed"
		}
		if g.attainment.Known {
			m.Mean = p.Words.Number(g.attainment.Of, 0)
		}
		at, of = at+g.atTarget, of+g.scored
		o := &page.Objectives[len(page.Objectives)-1]
		o.Metrics = append(o.Metrics, m)
	}
	page.Lead = "The plan names no objective yet: okrs in plan.yml does."
	if of > 0 {
		page.Lead = fmt.Sprintf("Of %s scores that serve an objective, %s reached their target.", p.Words.Digits(fmt.Sprint(of)), p.Words.Digits(fmt.Sprint(at)))
	}
	return page
}

// goalCourse is the mean attainment, quarter by quarter.
func (p *press) goalCourse(g objective) template.HTML {
	var points []chart.Point
	for _, o := range p.facts.goals {
		if o.okr == g.okr && o.metric == g.metric {
			points = append(points, chart.Point{Period: o.period, Value: o.attainment.Of, Known: o.attainment.Known})
		}
	}
	slices.SortFunc(points, func(a, b chart.Point) int { return cmp.Compare(a.Period, b.Period) })
	knownPoints := 0
	for _, point := range points {
		if point.Known {
			knownPoints++
		}
	}
	if knownPoints < 2 {
		return ""
	}
	return chart.Spark(points, "Mean attainment by quarter")
}
