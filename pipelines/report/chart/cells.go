package chart

import (
	"html/template"
	"math"
)

// Share is a value out of the most, and where mark is above 0 a stroke at it: what
// it was before, or what is aimed at.
func Share(value, mark, most float64, says string) template.HTML {
	d := &drawing{}
	if most <= 0 {
		most = 1
	}
	d.rect(0, 4, 100, 8, "--band")
	d.rect(0, 4, 100*within(value/most, 0, 1), 8, "--mark")
	if mark > 0 {
		d.upright(100*within(mark/most, 0, 1), 0, 16, "--ink", 2)
	}
	return d.cell(16, says)
}

// Toward is a value on its way to a goal, which stands in the middle; at twice the
// goal the bar ends.
func Toward(value, goal float64, says string) template.HTML {
	d := &drawing{}
	d.rect(0, 4, 100, 8, "--band")
	hue := "--mark"
	if value >= goal {
		hue = "--b"
	}
	if goal > 0 {
		d.rect(0, 4, within(50*value/goal, 0, 100), 8, hue)
	}
	d.upright(50, 0, 16, "--ink", 2)
	return d.cell(16, says)
}

// Step is one step of a ledger: from where to where, out of the most. The table
// that it stands in is its legend.
func Step(from, to, most float64, hue, says string) template.HTML {
	d := &drawing{}
	if most <= 0 {
		most = 1
	}
	lo, hi := math.Min(from, to), math.Max(from, to)
	d.rect(100*within(lo/most, 0, 1), 3, math.Max(.6, 100*within((hi-lo)/most, 0, 1)), 12, hue)
	d.upright(100*within(to/most, 0, 1), 0, 18, "--rule", 1)
	return d.cell(18, says)
}

// Columns are counts side by side, and a dotted line at the goal where there is one.
func Columns(values []float64, goal float64, says string) template.HTML {
	const h = 56.0
	most := math.Max(goal, 1)
	for _, v := range values {
		most = math.Max(most, v)
	}
	d := &drawing{}
	step := 100 / float64(max(1, len(values)))
	for i, v := range values {
		tall := (h - 3) * v / most
		d.rect(float64(i)*step+step*.14, h-1-tall, step*.72, tall, "--mark")
	}
	d.line(0, h-.5, 100, h-.5, "--rule", ``)
	if goal > 0 {
		at := h - 1 - (h-3)*goal/most
		d.line(0, at, 100, at, "--ink", ` stroke-dasharray="1 4"`)
	}
	return d.cell(h, says)
}

// Bullet holds a value between floor and cap against the target, with the others
// of the role as thin strokes that name nobody. floor above target: less is better.
func Bullet(value, floor, target, cap float64, others []float64, says string) template.HTML {
	full := floor + (target-floor)*cap/100
	x := func(v float64) float64 {
		if full == floor {
			return 0
		}
		return 100 * within((v-floor)/(full-floor), 0, 1)
	}
	d := &drawing{}
	d.rect(0, 8, 100, 8, "--band")
	d.rect(0, 8, x(value), 8, "--mark")
	path := ""
	drawn := map[string]bool{}
	for _, o := range others {
		at := num(2 * math.Round(x(o)/2)) // closer ones run into each other on any screen
		if !drawn[at] {
			drawn[at] = true
			path += "M" + at + " 19v6"
		}
	}
	if path != "" {
		d.put(`<path d="`, path, `" stroke="var(--faint)"/>`)
	}
	d.upright(x(target), 3, 21, "--ink", 2)
	return d.cell(26, says)
}

// A Point is a value of one period; without Known there is none.
type Point struct {
	Period string
	Value  float64
	Known  bool
	IsOpen bool // the period is not over
}

// Spark is a line as small as a word.
func Spark(points []Point, says string) template.HTML {
	const h = 30.0
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		if p.Known {
			lo, hi = math.Min(lo, p.Value), math.Max(hi, p.Value)
		}
	}
	d := &drawing{}
	if hi >= lo {
		if hi == lo {
			lo, hi = lo-1, hi+1
		}
		path, last := course(points,
			func(i int) float64 { return 2 + 96*float64(i)/float64(max(1, len(points)-1)) },
			func(v float64) float64 { return h - 5 - (h-10)*(v-lo)/(hi-lo) })
		d.put(`<path d="`, path, `" fill="none" stroke="var(--soft)" stroke-width="1.5" stroke-linejoin="round"/>`)
		d.put(`<path d="`, last, `" stroke="var(--mark)" stroke-width="6" stroke-linecap="round"/>`)
	}
	return d.cell(h, says)
}

// course is the path through the known points, broken where one is missing, and a
// path of no length at the last one.
func course(points []Point, x func(int) float64, y func(float64) float64) (path, last string) {
	pen := "M"
	for i, p := range points {
		if !p.Known {
			pen = "M"
			continue
		}
		at := num(x(i)) + " " + num(y(p.Value))
		path += pen + at
		last = "M" + at + "h0"
		pen = "L"
	}
	return path, last
}

// Interval is a value and the interval that it lies in, on a scale from lo to hi, with a
// stroke at mark: what it is held against.
func Interval(low, value, high, mark, lo, hi float64, says string) template.HTML {
	if hi <= lo {
		lo, hi = lo-1, lo+1
	}
	x := func(v float64) float64 { return 100 * within((v-lo)/(hi-lo), 0, 1) }
	d := &drawing{}
	d.line(0, 8, 100, 8, "--line", ``)
	d.rect(x(low), 5, math.Max(.8, x(high)-x(low)), 6, "--mark-soft")
	d.upright(x(mark), 0, 16, "--ink", 1)
	d.put(`<path d="M`, num(x(value)), ` 8h0" stroke="var(--mark)" stroke-width="9" stroke-linecap="round"/>`)
	return d.cell(16, says)
}
