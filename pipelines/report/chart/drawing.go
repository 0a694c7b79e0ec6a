// Package chart draws the charts of pages as SVG: nothing to load, sharp in print,
// in the page's own colours, and each with a sentence for whoever can't see it.
//
// A form with letters is drawn twice, for a screen and for a phone (Fit), so that
// letters keep their size; a form for a table cell has none and fits every width.
package chart

import (
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Widths that a form with letters is drawn for.
const (
	Screen = 980.0
	Phone  = 358.0
)

// hues are the style sheet's colours for the parts of a whole, in their order.
var hues = [...]string{"--a", "--b", "--c", "--d", "--g", "--f", "--e"}

// Hue is the colour of the i-th part.
func Hue(i int) string { return hues[i%len(hues)] }

// Fit draws for a screen and for a phone; the style sheet shows one of the two.
func Fit(draw func(width float64) template.HTML) template.HTML {
	return `<div class="on-screen">` + draw(Screen) + `</div><div class="on-phone">` + draw(Phone) + `</div>`
}

// A drawing gathers SVG.
type drawing struct{ strings.Builder }

// num writes a coordinate with at most one digit after the point: nobody sees more.
func num(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// put writes strings as they are and numbers as coordinates.
func (d *drawing) put(parts ...any) {
	for _, part := range parts {
		switch p := part.(type) {
		case string:
			d.WriteString(p)
		case float64:
			d.WriteString(num(p))
		}
	}
}

// text writes escaped letters. anchor is start, middle or end.
func (d *drawing) text(x, y float64, class, anchor, s string) {
	d.put(`<text x="`, x, `" y="`, y, `"`)
	if class != "" {
		d.put(` class="`, class, `"`)
	}
	if anchor != "start" {
		d.put(` text-anchor="`, anchor, `"`)
	}
	d.put(`>`, html.EscapeString(s), `</text>`)
}

func (d *drawing) rect(x, y, w, h float64, hue string) {
	d.put(`<rect x="`, x, `" y="`, y, `" width="`, math.Max(0, w), `" height="`, math.Max(0, h), `" fill="var(`, hue, `)"/>`)
}

func (d *drawing) line(x1, y1, x2, y2 float64, hue, more string) {
	d.put(`<path d="M`, x1, ` `, y1, `L`, x2, ` `, y2, `" stroke="var(`, hue, `)"`, more, `/>`)
}

func (d *drawing) dot(x, y, r float64, fill, stroke string) {
	d.put(`<circle cx="`, x, `" cy="`, y, `" r="`, r, `" fill="var(`, fill, `)"`)
	if stroke != "" {
		d.put(` stroke="var(`, stroke, `)" stroke-width="2"`)
	}
	d.put(`/>`)
}

// done closes a form with letters; says is its sentence.
func (d *drawing) done(w, h float64, says string) template.HTML {
	return template.HTML(`<svg viewBox="0 0 ` + num(w) + ` ` + num(h) + `" role="img" aria-label="` + html.EscapeString(says) + `">` + d.String() + `</svg>`)
}

// cell closes a form that is as wide as its table cell.
func (d *drawing) cell(h float64, says string) template.HTML {
	return template.HTML(`<svg class="cell" viewBox="0 0 100 ` + num(h) + `" preserveAspectRatio="none" style="height:` + num(h) + `px" role="img" aria-label="` + html.EscapeString(says) + `">` + d.String() + `</svg>`)
}

// upright is a stroke that keeps its width however wide its cell is drawn.
func (d *drawing) upright(x, y1, y2 float64, hue string, width float64) {
	d.line(x, y1, x, y2, hue, ` stroke-width="`+num(width)+`"`)
}

func within(v, lo, hi float64) float64 { return math.Max(lo, math.Min(hi, v)) }
