package report

import (
	"fmt"
	"slices"
	"strings"
)

// A Reach is what brings the next tier, and whether anything can.
type Reach struct {
	Tier    string // the next one; "" at the top
	Short   string
	Verdict string // in a sentence, with what speaks against it
	Ways    []Way
	Deals   []Todo
	DealSum string
}

// A Way is one metric's part in it.
type Way struct {
	Name, Now, Step, Most, Alone string
	gain                         float64
}

// A Todo is a deal that misses something, and what mending it adds.
type Todo struct{ Do, Why, Gain, Link string }

// hygieneMetric is the metric whose records are the deals of deal_hygiene.
const hygieneMetric = "hygiene_score"

// reach works out what is missing to the next tier from the card's own numbers: the
// points of a metric are weight × attainment ÷ weight used, its attainment ends at
// the cap.
func (p *press) reach(c *card, isOver bool) Reach {
	var r Reach
	next := p.nextTier(c)
	if next == nil || !c.score.Known {
		return r
	}
	short := next.from - c.score.Of
	r.Tier, r.Short = next.name, p.Words.Number(short, 2)
	total := 0.0
	for _, v := range c.values {
		if w, counts := p.way(c, v, short, next.name); counts {
			total += w.gain
			r.Ways = append(r.Ways, w)
		}
	}
	slices.SortStableFunc(r.Ways, func(a, b Way) int {
		switch {
		case a.gain > b.gain:
			return -1
		case a.gain < b.gain:
			return 1
		}
		return 0
	})
	r.Verdict = p.verdict(r, total, short, isOver)
	r.Deals, r.DealSum = p.todos(c, short, isOver)
	return r
}

func (p *press) nextTier(c *card) *tier {
	for _, t := range p.facts.tiers[c.period+" "+c.role] {
		if !c.score.Known || t.from > c.score.Of {
			return &t
		}
	}
	return nil
}

// way is what a metric that counts could still add.
func (p *press) way(c *card, v value, short float64, next string) (Way, bool) {
	if !v.counts() || !v.attainment.Known || c.weightUsed == 0 {
		return Way{}, false
	}
	perPoint := v.weight / c.weightUsed // score points for a point of attainment
	room := p.room(v)
	w := Way{Name: Label(v.metric), Now: p.Words.Value(v.unit, v.shown()), gain: room * perPoint}
	most := v.floor + (v.target-v.floor)*(v.attainment.Of+room)/100
	w.Most = fmt.Sprintf("+%s at %s", p.Words.Number(w.gain, 2), p.Words.Value(v.unit, known(most)))
	if w.gain < .005 {
		w.Most, w.Alone = "nothing more", "as high as it counts"
		return w, true
	}
	if p.metric[v.metric].Kind == "sum" && v.unit != "money" && v.target > v.floor {
		w.Step = fmt.Sprintf("each one more adds %s", p.Words.Number(100/(v.target-v.floor)*perPoint, 2))
	}
	if room*perPoint < short {
		w.Alone = fmt.Sprintf("not enough for %s alone", next)
		return w, true
	}
	needed := v.floor + (v.target-v.floor)*(v.attainment.Of+short/perPoint)/100
	w.Alone = fmt.Sprintf("alone enough at %s", p.Words.Value(v.unit, known(needed)))
	return w, true
}

// room is how much attainment a metric could still gain: up to the cap, and where
// it is a part of a whole up to the whole.
func (p *press) room(v value) float64 {
	most := v.cap
	if p.isPart[v.metric] && v.target > v.floor {
		most = min(most, 100*(1-v.floor)/(v.target-v.floor))
	}
	return max(0, most-v.attainment.Of)
}

// verdict says honestly whether the next tier is, or was, there to be reached.
func (p *press) verdict(r Reach, total, short float64, isOver bool) string {
	is, can := "is", "can't"
	if isOver {
		is, can = "was", "couldn't"
	}
	w := p.Words
	if total < short {
		return fmt.Sprintf("%s %s be reached: with every metric as high as it counts it would be %s points more, and %s %s missing.",
			Sentence(r.Tier), can, w.Number(total, 2), w.Number(short, 2), is)
	}
	var alone []string
	for _, way := range r.Ways {
		if strings.HasPrefix(way.Alone, "alone") {
			alone = append(alone, strings.ToLower(way.Name[:1])+way.Name[1:])
		}
	}
	switch {
	case len(alone) == 0:
		return fmt.Sprintf("No metric alone %s enough for %s; together they had room for %s points.", is, r.Tier, w.Number(total, 2))
	case len(alone) == 1:
		return fmt.Sprintf("One metric alone %s enough for %s: %s.", is, r.Tier, alone[0])
	}
	return fmt.Sprintf("Each of %s alone %s enough for %s.", list(alone), is, r.Tier)
}

// todos are the open deals that miss something. What one adds is the mean of
// hygiene over the same number of deals, so the gains add up.
func (p *press) todos(c *card, short float64, isOver bool) ([]Todo, string) {
	at := slices.IndexFunc(c.values, func(v value) bool { return v.metric == hygieneMetric && v.counts() })
	if at < 0 || c.values[at].denominator == 0 || c.weightUsed == 0 {
		return nil, ""
	}
	v := c.values[at]
	room := p.room(v) * v.weight / c.weightUsed
	perDeal := func(d hygieneDeal) float64 {
		return (1 - d.score) / v.denominator * 100 / (v.target - v.floor) * v.weight / c.weightUsed
	}
	var todos []Todo
	total, open := 0.0, 0
	for _, d := range p.facts.hygiene[personPeriod{c.rep, c.period}] {
		if d.isClosed || d.missing == "" { // what is over can't be mended
			continue
		}
		open++
		total += perDeal(d)
		if len(todos) < mostTodos {
			todos = append(todos, Todo{Do: d.name, Gain: "+" + p.Words.Number(perDeal(d), 2), Link: safeLink(d.url),
				Why: p.dealLine(d) + ": " + strings.ReplaceAll(d.missing, "_", " ")})
		}
	}
	if open == 0 {
		return nil, ""
	}
	total = min(total, room)
	were := "are"
	if isOver {
		were = "were"
	}
	enough := fmt.Sprintf("not enough for the %s that %s missing", p.Words.Number(short, 2), were)
	if total >= short {
		enough = fmt.Sprintf("enough for the %s that %s missing", p.Words.Number(short, 2), were)
	}
	if open == 1 {
		return todos, fmt.Sprintf("One open deal misses something. Mending it %s worth %s points, %s.", map[bool]string{true: "was", false: "is"}[isOver], p.Words.Number(total, 2), enough)
	}
	return todos, fmt.Sprintf("%d open deals miss something. Mending all of them %s worth %s points together, %s.", open, map[bool]string{true: "was", false: "is"}[isOver], p.Words.Number(total, 2), enough)
}

const mostTodos = 6

func (p *press) dealLine(d hygieneDeal) string {
	if !d.amount.Known {
		return d.stage + ", no amount"
	}
	return d.stage + ", " + p.Words.Size(d.amount.Of) + thin + d.currency
}
