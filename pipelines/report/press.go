package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"regexp"
	"strings"

	"merit/pipelines/report/chart"
)

//go:embed views/*.html
var views embed.FS

//go:embed merit.css
var sheet []byte

// Sheet is the one style sheet of every page, without what only its authors read.
func Sheet() []byte { return tight }

var tight = tightened(sheet)

var (
	cssComment = regexp.MustCompile(`/\*[\s\S]*?\*/`)
	cssSpace   = regexp.MustCompile(`\s+`)
	cssAround  = regexp.MustCompile(`\s*([{};,])\s*`)
)

func tightened(css []byte) []byte {
	css = cssComment.ReplaceAll(css, nil)
	css = cssSpace.ReplaceAll(css, []byte(" "))
	return bytes.TrimSpace(cssAround.ReplaceAll(css, []byte("$1")))
}

// A press turns facts into files.
type press struct {
	Report
	facts  *facts
	out    *folder
	pages  *template.Template
	metric map[string]Metric
	peers  map[peersKey][]peerValue
	usual  map[peersKey]stageDays
	isPart map[string]bool // metrics that can't come to more than the whole
}

func (r Report) press(f *facts, out *folder) (*press, error) {
	p := &press{Report: r, facts: f, out: out, metric: map[string]Metric{}, peers: f.peers(), usual: f.usualDays(), isPart: f.parts()}
	for _, m := range r.Metrics {
		p.metric[m.Name] = m
	}
	var err error
	if p.pages, err = template.New("").Funcs(p.functions()).ParseFS(views, "views/*.html"); err != nil {
		return nil, err
	}
	return p, nil
}

// functions are what templates may say; what takes thought is in Go.
func (p *press) functions() template.FuncMap {
	return template.FuncMap{
		"hue":   func(i int) template.CSS { return template.CSS("background:var(" + chart.Hue(i) + ")") },
		"label": Label, "sentence": Sentence, "lower": strings.ToLower,
		"digits": p.Words.Digits, "day": p.Words.Day, "instant": p.Words.Instant, "size": p.Words.Size, "plain": p.Words.Plain,
		"n":       func(v int64) string { return p.Words.Digits(fmt.Sprint(v)) },
		"percent": func(v float64) string { return p.Words.Percent(v, 0) },
		"grouped": inEights,
		"link":    func(name string, target string) navLink { return navLink{Name: name, Href: target} },
	}
}

// inEights breaks a fingerprint as people compare it.
func inEights(s string) string {
	var parts []string
	for len(s) > 8 {
		parts, s = append(parts, s[:8]), s[8:]
	}
	return strings.Join(append(parts, s), " ")
}

// A frame is what every page has around its content.
type frame struct {
	Title, Company string
	Nav            []navLink
	NavName        string // what the links are, for who can't see them
	Here           string // what the page is, where there are no links
	AsOf           string
	Sheet          string // the style sheet, once for each audience
}

type navLink struct {
	Name, Href string
	IsHere     bool
}

func (p *press) frame(title string) frame {
	return frame{Title: title, Company: p.Company, AsOf: p.Words.Instant(p.facts.asOf), Sheet: "merit.css"}
}

// below is the frame of a page one folder deeper, such as a person's.
func (p *press) below(title string) frame {
	f := p.frame(title)
	f.Sheet = "../merit.css"
	return f
}

// page renders a template into a file.
func (p *press) page(name, view string, data any) error {
	var b bytes.Buffer
	if err := p.pages.ExecuteTemplate(&b, view+".html", data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	return p.out.put(name, squeezed(b.Bytes()))
}

// squeezed takes out the indentation and empty lines that only a template's author
// reads.
func squeezed(page []byte) []byte {
	kept := page[:0]
	for line := range bytes.SplitSeq(page, []byte("\n")) {
		if line = bytes.TrimLeft(line, " \t"); len(line) > 0 {
			kept = append(append(kept, line...), '\n')
		}
	}
	return kept
}

var plainName = regexp.MustCompile(`^[a-z0-9_][a-z0-9_.@-]{0,80}$`)
var notPlain = regexp.MustCompile(`[^a-z0-9_]+`)

// slug is a name as a folder is called anywhere: the name itself where it can be,
// otherwise what is left of it and a hash, so that no two are one.
func slug(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	kept := strings.Trim(notPlain.ReplaceAllString(strings.ToLower(name), "-"), "-")
	sum := sha256.Sum256([]byte(name))
	return kept[:min(len(kept), 40)] + "~" + hex.EncodeToString(sum[:4])
}
