package chart

import (
	"html/template"
	"math"
)

// A Part is one metric's share of a score, with its points as people read them.
type Part struct {
	Name, Label string
	Points      float64
}

// A Mark is a line across a scale, such as the score at which a tier begins.
type Mark struct {
	Name, Label string
	At          float64
}

// BuildUp stacks the parts up to the score and shows where the tiers begin.
func BuildUp(w float64, parts []Part, score float64, label string, tiers []Mark, says string) template.HTML {
	const h, y, bar = 118.0, 34.0, 40.0
	top := math.Max(125, score*1.05)
	for _, t := range tiers {
		top = math.Max(top, t.At*1.1)
	}
	x := func(v float64) float64 { return w * v / top }
	d := &drawing{}
	d.rect(0, y, w, bar, "--band")
	at := 0.0
	for i, p := range parts {
		d.rect(x(at), y, x(p.Points)-1.5, bar, Hue(i))
		if x(p.Points) > 44 {
			d.text(x(at)+9, y+25, "on", "start", p.Label)
		}
		at += p.Points
	}
	end := math.Inf(-1)
	for _, t := range tiers {
		d.line(x(t.At), y-8, x(t.At), y+bar+8, "--ink", "")
		name := t.Name + " " + t.Label
		if w < 500 {
			name = t.Label
		}
		half := 3.4 * float64(len([]rune(name)))
		if x(t.At)-half > end {
			d.text(x(t.At), y-14, "", "middle", name)
			end = x(t.At) + half + 4
		}
	}
	d.put(`<path d="M`, x(score), ` `, y+bar+4, `l-6 9h12z" fill="var(--ink)"/>`)
	d.text(within(x(score), 20, w-20), y+bar+29, "strong", "middle", label)
	return d.done(w, h, says)
}

// Trend draws a score over the periods, before the tiers; own above 0 is a dotted
// line of the person's own median. shown writes a value.
func Trend(w float64, points []Point, tiers []Mark, own float64, shown func(float64) string, says string) template.HTML {
	const h, right, top, bottom = 216.0, 84.0, 12.0, 30.0
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		if p.Known {
			lo, hi = math.Min(lo, p.Value), math.Max(hi, p.Value)
		}
	}
	for _, t := range tiers {
		lo, hi = math.Min(lo, t.At), math.Max(hi, t.At)
	}
	if hi < lo {
		lo, hi = 0, 100
	}
	lo, hi = math.Max(0, lo-8), hi+10
	x := func(i int) float64 { return 24 + (w-right-48)*float64(i)/float64(max(1, len(points)-1)) }
	y := func(v float64) float64 { return h - bottom - (h-top-bottom)*(v-lo)/(hi-lo) }
	d := &drawing{}
	for i, t := range tiers {
		end := hi
		if i+1 < len(tiers) {
			end = tiers[i+1].At
		}
		if i%2 == 0 {
			d.rect(0, y(end), w-right, y(t.At)-y(end), "--band")
		}
		d.line(0, y(t.At), w-right, y(t.At), "--rule", "")
		d.text(w-right+10, y(t.At)+4, "", "start", t.Name+" "+t.Label)
	}
	if own > 0 {
		d.line(0, y(own), w-right, y(own), "--ink", ` stroke-dasharray="1 4" stroke-linecap="round"`)
	}
	path, _ := course(points, x, y)
	d.put(`<path d="`, path, `" fill="none" stroke="var(--mark)" stroke-width="2" stroke-linejoin="round"/>`)
	d.pointsOfTrend(w, h, points, x, y, shown)
	return d.done(w, h, says)
}

// pointsOfTrend marks each known value; a narrow drawing names the periods in steps and
// writes only the lowest, the highest and the last value.
func (d *drawing) pointsOfTrend(w, h float64, points []Point, x func(int) float64, y func(float64) float64, shown func(float64) string) {
	lowest, highest := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		if p.Known {
			lowest, highest = math.Min(lowest, p.Value), math.Max(highest, p.Value)
		}
	}
	every := 1
	if w < 500 {
		every = (len(points) + 3) / 4
	}
	for i, p := range points {
		if (len(points)-1-i)%max(1, every) == 0 {
			d.text(x(i), h-8, "", "middle", p.Period)
		}
		if !p.Known {
			continue
		}
		fill := "--mark"
		if p.IsOpen {
			fill = "--paper"
		}
		d.dot(x(i), y(p.Value), 4.5, fill, "--mark")
		if w >= 500 || p.Value == highest || p.Value == lowest || i == len(points)-1 {
			d.text(x(i), y(p.Value)-12, "ink", "middle", shown(p.Value))
		}
	}
}

// A Bar is one bar of a waterfall; a total stands on the ground.
type Bar struct {
	Name, Label string
	Value       float64
	IsTotal     bool
	IsLoss      bool
}

// Waterfall shows what became of an amount, step by step.
func Waterfall(w float64, bars []Bar, says string) template.HTML {
	const h, top, bottom = 260.0, 26.0, 26.0
	hi, lo, at := 0.0, 0.0, 0.0
	for _, b := range bars {
		if b.IsTotal {
			at = b.Value
		} else {
			at += b.Value
		}
		hi, lo = math.Max(hi, at), math.Min(lo, at)
	}
	if hi == lo {
		hi = lo + 1
	}
	y := func(v float64) float64 { return h - bottom - (h-top-bottom)*(v-lo)/(hi-lo) }
	d := &drawing{}
	d.line(0, y(0), w, y(0), "--rule", "")
	wide := w / float64(max(1, len(bars)))
	gap := math.Min(14, wide/10)
	at = 0
	for i, b := range bars {
		from, to, hue := at, at+b.Value, "--b"
		if b.IsTotal {
			from, to, hue = 0, b.Value, "--g"
		} else if b.IsLoss {
			hue = "--c"
		}
		upper, lower := y(math.Max(from, to)), y(math.Min(from, to))
		d.rect(float64(i)*wide+gap, upper, wide-2*gap, math.Max(1, lower-upper), hue)
		if i+1 < len(bars) {
			d.line(float64(i)*wide+wide-gap, y(to), float64(i+1)*wide+gap, y(to), "--rule", ` stroke-dasharray="2 3"`)
		}
		drop := 0.0 // on a narrow page every second name stands lower
		if w < 500 && i%2 == 1 {
			drop = 15
		}
		d.text(float64(i)*wide+wide/2, upper-8, "ink", "middle", b.Label)
		d.text(float64(i)*wide+wide/2, h-9+drop, "", "middle", b.Name)
		at = to
	}
	return d.done(w, h+12, says)
}
