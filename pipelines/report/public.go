package report

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"html/template"

	"merit/pipelines/report/chart"
)

// A boardPage is for everybody, also outside of the programme: how far each
// objective is. It names nobody, says no amount and leads nowhere else.
type boardPage struct {
	frame
	Period, State string
	Lead          string
	Objectives    []boardObjective
}

type boardObjective struct {
	Name    string
	Metrics []boardMetric
}

type boardMetric struct {
	Name, Title, Share, People string
	Bar                        template.HTML
	share                      float64
}

// fewestOnBoard: with fewer people a share tells who it was.
const fewestOnBoard = 5

func (p *press) public() error {
	if err := p.out.put("public/merit.css", Sheet()); err != nil {
		return err
	}
	page := p.boardPage(p.facts.lastOver())
	if err := p.page("public/board.html", "board", page); err != nil {
		return err
	}
	return p.out.put("public/board.svg", p.boardSVG(page))
}

func (p *press) boardPage(about period) boardPage {
	page := boardPage{frame: p.frame("Board, " + about.Name), Period: about.Name, State: "the quarter is over"}
	if !about.isOver {
		page.State = "the quarter is not over"
	}
	page.Here = "The board"
	few, best := 0, boardMetric{}
	for _, g := range p.facts.goals {
		if g.period != about.Name {
			continue
		}
		if g.scored < fewestOnBoard {
			few++
			continue
		}
		if n := len(page.Objectives); n == 0 || page.Objectives[n-1].Name != g.okr {
			page.Objectives = append(page.Objectives, boardObjective{Name: g.okr})
		}
		share := float64(g.atTarget) / float64(g.scored)
		m := boardMetric{Name: Label(g.metric), Title: Sentence(g.title), Share: p.Words.Percent(share, 0), share: share,
			People: fmt.Sprintf("%d of %d people", g.atTarget, g.scored), Bar: chart.Share(share, 0, 1, fmt.Sprintf("%d of %d people at their target", g.atTarget, g.scored))}
		o := &page.Objectives[len(page.Objectives)-1]
		o.Metrics = append(o.Metrics, m)
		if best.Name == "" || m.share > best.share {
			best = m
		}
	}
	switch {
	case best.Name != "":
		page.Lead = fmt.Sprintf("%s reached their own target in %s.", best.People, lowerFirst(best.Name))
	case few > 0:
		page.Lead = "Too few people are measured to say anything that would not name them."
	default:
		page.Lead = "The plan names no objective yet."
	}
	return page
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		return string(bytes.ToLower([]byte(s[:1]))) + s[1:]
	}
	return s
}

// boardSVG is the board to embed. It carries its colours itself.
func (p *press) boardSVG(page boardPage) []byte {
	const width, left, right = 640.0, 220.0, 90.0
	var b bytes.Buffer
	y := 34.0
	text := func(x, y float64, class, anchor, s string) {
		fmt.Fprintf(&b, `<text x="%g" y="%g" class="%s" text-anchor="%s">%s</text>`, x, y, class, anchor, html.EscapeString(s))
	}
	text(24, y, "h", "start", cmp.Or(p.Company, "Merit")+", "+page.Period)
	text(24, y+22, "", "start", page.Lead)
	y += 54
	for _, o := range page.Objectives {
		text(24, y, "ink", "start", o.Name)
		y += 14
		for _, m := range o.Metrics {
			text(24, y+14, "", "start", m.Name)
			full := width - left - right
			fmt.Fprintf(&b, `<rect x="%g" y="%g" width="%g" height="12" fill="var(--band)"/><rect x="%g" y="%g" width="%.1f" height="12" fill="var(--mark)"/>`,
				left, y+4, full, left, y+4, full*m.share)
			text(width-24, y+14, "ink", "end", m.Share)
			y += 26
		}
		y += 16
	}
	text(24, y+8, "s", "start", "As of "+page.AsOf+". Share of people at their own target.")
	height := y + 28
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" role="img" aria-label="%s">%s<rect width="100%%" height="100%%" rx="10" fill="var(--paper)"/>%s</svg>`,
		width, height, html.EscapeString(page.Lead), boardColours, b.String())
	return out.Bytes()
}

const boardColours = `<style>svg{--paper:#fff;--ink:#1c2024;--soft:#5b6470;--band:#f1eee7;--mark:#2456a6}@media(prefers-color-scheme:dark){svg{--paper:#14171a;--ink:#e9ebee;--soft:#a9b1bc;--band:#20252b;--mark:#7fabee}}text{font:13px Inter,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--soft)}.ink{fill:var(--ink);font-weight:550}.h{font-size:18px;font-weight:650;fill:var(--ink)}.s{font-size:11.5px}</style>`
