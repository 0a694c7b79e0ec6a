package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"merit/pipelines/report/chart"
)

// A stewardPage says what the numbers stand on, and what to mend at the CRM.
type stewardPage struct {
	frame
	Period     string
	Lead       template.HTML
	First      []Todo
	Fields     []fieldLine
	Scored     []scoredLine
	Unmatched  []unmatchedUser
	MoreUsers  int
	Exclusions []exclusion
	Sources    []sourceLine
	Odd        []Stream // behind the others of their source, or without any row
	Controls   string
}

type fieldLine struct {
	Name, Missing, Share string
	Bar                  template.HTML
}

// A scoredLine says of how many people a metric could be computed.
type scoredLine struct {
	Name                       string
	Planned, Scored, Few, None int64
	Bar                        template.HTML
}

// A hygienePage lists every open deal that misses something.
type hygienePage struct {
	frame
	Period, Lead string
	People       []hygienePerson
}

type hygienePerson struct {
	Name, Team string
	Deals      []Todo
}

func (p *press) steward() error {
	if err := p.out.put("steward/merit.css", Sheet()); err != nil {
		return err
	}
	about := p.facts.newestBegun()
	page := p.stewardPage(about)
	if err := p.page("steward/index.html", "steward", page); err != nil {
		return err
	}
	if err := p.page("steward/flags.html", "flags", p.flagsPage()); err != nil {
		return err
	}
	return p.page("steward/hygiene.html", "hygiene", p.hygienePage(about))
}

// newestBegun is the running period, or the last one.
func (f *facts) newestBegun() period {
	if about, runs := f.running(); runs {
		return about
	}
	return f.lastOver()
}

func (p *press) stewardNav(here string) []navLink {
	return []navLink{{"What the numbers stand on", "index.html", here == "index"}, {"Flags", "flags.html", here == "flags"}, {"Hygiene by deal", "hygiene.html", here == "hygiene"}}
}

func (p *press) stewardPage(about period) stewardPage {
	page := stewardPage{frame: p.frame("Data quality"), Period: about.Name, Exclusions: p.facts.exclusions}
	page.Nav, page.NavName = p.stewardNav("index"), "Steward"
	open, missing := p.openDeals(about.Name)
	page.First, page.Fields = p.gaps(open, missing)
	page.Scored = p.scored(p.facts.lastOver().Name)
	page.Unmatched = p.facts.unmatched
	if len(page.Unmatched) > mostUsers {
		page.MoreUsers = len(page.Unmatched) - mostUsers
		page.Unmatched = page.Unmatched[:mostUsers]
	}
	page.Sources, page.Odd = p.fresh()
	c := p.facts.controls
	page.Controls = fmt.Sprintf("All %s control totals agree.", p.Words.Digits(fmt.Sprint(c.totals)))
	if c.wrong > 0 {
		page.Controls = fmt.Sprintf("%d of %d control totals do not agree.", c.wrong, c.totals)
	}
	weak := ""
	if len(page.Fields) > 0 {
		weak = fmt.Sprintf(" The weak spot is <strong>%s</strong>: %s.", template.HTMLEscapeString(page.Fields[0].Name), page.Fields[0].Missing)
	}
	page.Lead = template.HTML(fmt.Sprintf("<strong>%s</strong> deals were read. %s%s", p.Words.Digits(fmt.Sprint(c.deals)), page.Controls, weak))
	return page
}

const mostUsers = 50

// openDeals are all open deals of people on the roster, and those that miss something.
func (p *press) openDeals(period string) (open int, missing []hygieneDeal) {
	for _, rep := range p.facts.people() {
		for _, d := range p.facts.hygiene[personPeriod{rep.id, period}] {
			if d.isClosed {
				continue
			}
			open++
			if d.missing != "" {
				missing = append(missing, d)
			}
		}
	}
	return open, missing
}

// gaps counts what is missing, in the words of the deals' own rows; what a push
// counts differs deal by deal, and is one kind.
func (p *press) gaps(open int, missing []hygieneDeal) ([]Todo, []fieldLine) {
	counts, amounts := map[string]int{}, map[string]float64{}
	for _, d := range missing {
		for _, item := range strings.Split(d.missing, "; ") {
			kind := gapKind(item)
			counts[kind]++
			amounts[kind] += d.amount.Of
		}
	}
	kinds := sortedKeys(counts)
	slices.SortStableFunc(kinds, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	var first []Todo
	var fields []fieldLine
	for _, kind := range kinds {
		n := counts[kind]
		first = append(first, Todo{Do: Sentence(kind), Gain: p.Words.count(n, "deal", "deals"),
			Why: fmt.Sprintf("%s of open deals, each in its own currency", p.Words.Size(amounts[kind])), Link: "hygiene.html"})
		fields = append(fields, fieldLine{Name: kind, Missing: fmt.Sprintf("%s of %s open deals", p.whole(n), p.whole(open)),
			Share: p.Words.Percent(float64(open-n)/float64(max(1, open)), 0), Bar: chart.Share(float64(open-n), 0, float64(open), p.whole(open-n)+" of "+p.whole(open)+" are in order")})
	}
	return first[:min(len(first), 5)], fields
}

func gapKind(item string) string {
	item = strings.ReplaceAll(item, "_", " ")
	switch {
	case strings.HasPrefix(item, "pushed"):
		return "close date pushed too often"
	case strings.HasPrefix(item, "closed "):
		return "closed long after the close date"
	}
	return item
}

func (p *press) scored(period string) []scoredLine {
	all := map[string]*scoredLine{}
	for _, c := range p.facts.cards {
		if c.period != period {
			continue
		}
		for _, v := range c.values {
			if all[v.metric] == nil {
				all[v.metric] = &scoredLine{Name: Label(v.metric)}
			}
			line := all[v.metric]
			line.Planned++
			switch {
			case v.isScored:
				line.Scored++
			case v.value.Known:
				line.Few++
			default:
				line.None++
			}
		}
	}
	var lines []scoredLine
	for _, name := range sortedKeys(all) {
		line := *all[name]
		line.Bar = chart.Share(float64(line.Scored), 0, float64(line.Planned), fmt.Sprintf("%d of %d", line.Scored, line.Planned))
		lines = append(lines, line)
	}
	return lines
}

func (p *press) hygienePage(about period) hygienePage {
	page := hygienePage{frame: p.frame("Hygiene by deal"), Period: about.Name}
	page.Nav, page.NavName = p.stewardNav("hygiene"), "Steward"
	total := 0
	for _, rep := range p.facts.people() {
		var deals []Todo
		for _, d := range p.facts.hygiene[personPeriod{rep.id, about.Name}] {
			if !d.isClosed && d.missing != "" {
				deals = append(deals, Todo{Do: d.name, Link: safeLink(d.url), Why: p.dealLine(d), Gain: Sentence(strings.ReplaceAll(d.missing, "_", " "))})
			}
		}
		if len(deals) > 0 {
			total += len(deals)
			page.People = append(page.People, hygienePerson{rep.name, rep.cards[len(rep.cards)-1].team, deals})
		}
	}
	slices.SortStableFunc(page.People, func(a, b hygienePerson) int { return cmp.Compare(a.Name, b.Name) })
	page.Lead = fmt.Sprintf("%s of %s miss something, the worst kept of each person first.", p.Words.count(total, "open deal", "open deals"), p.Words.count(len(page.People), "person", "people"))
	return page
}

// A sourceLine is how far a source is read.
type sourceLine struct {
	Name          string
	Streams       int
	Rows          int64
	Until, Newest string
	until, newest time.Time
}

// fresh sums the streams up by source, and picks those that somebody should look at.
func (p *press) fresh() ([]sourceLine, []Stream) {
	var lines []sourceLine
	var odd []Stream
	for _, s := range p.Streams {
		source, _, _ := strings.Cut(s.Name, ".")
		if n := len(lines); n == 0 || lines[n-1].Name != source {
			lines = append(lines, sourceLine{Name: source})
		}
		line := &lines[len(lines)-1]
		line.Streams++
		line.Rows += s.Rows
		if s.ReadUntil.After(line.until) {
			line.until, line.Until = s.ReadUntil, p.Words.Instant(s.ReadUntil)
		}
		if s.NewestAt.After(line.newest) {
			line.newest, line.Newest = s.NewestAt, p.Words.Instant(s.NewestAt)
		}
		if s.IsBehind || s.Rows == 0 {
			odd = append(odd, s)
		}
	}
	return lines, odd
}
