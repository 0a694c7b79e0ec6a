package report

import (
	"html"
	"html/template"
	"net/url"
	"strings"
	"time"

	"merit/transform/warehouse"
)

// evidence is one CRM record that counted, or would have.
type evidence struct {
	period, role, metric   string
	at                     time.Time
	kind, id, name         string
	counts, of             float64
	detail, excluded, link string
	isTruncated            bool
}

func evidenceOf(row warehouse.Row) evidence {
	return evidence{
		period: row.Text("period"), role: row.Text("role"), metric: row.Text("metric"), at: row.Time("occurred_at"),
		kind: row.Text("record_type"), id: row.Text("record_id"), name: row.Text("record_name"), counts: row.Float("numerator"), of: row.Float("denominator"),
		detail: row.Text("detail"), excluded: row.Text("exclusion_reason"), link: safeLink(row.Text("url")), isTruncated: row.Bool("is_truncated"),
	}
}

// byMetric are a person's records by what they count for.
type byMetric map[evidenceKey][]evidence

type evidenceKey struct{ period, role, metric string }

func grouped(all []evidence) byMetric {
	records := byMetric{}
	for _, e := range all {
		key := evidenceKey{e.period, e.role, e.metric}
		records[key] = append(records[key], e)
	}
	return records
}

// safeLink keeps a link that a browser opens as a page, and nothing else.
func safeLink(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}

// records writes the rows of a metric. There are hundreds of thousands of them in a
// large company, so they are put together here and not by a template.
func (p *press) records(rows []evidence) template.HTML {
	var b strings.Builder
	b.WriteString(`<ul class="records">`)
	for _, e := range rows {
		b.WriteString("<li")
		if e.excluded != "" {
			b.WriteString(` class="off"`)
		}
		b.WriteString("><i>")
		b.WriteString(p.Words.ShortDay(e.at.In(p.Words.Zone)))
		b.WriteString("</i><span>")
		name := e.name
		if name == "" {
			name = e.kind + " " + e.id
		}
		if e.link != "" {
			b.WriteString(`<a href="` + html.EscapeString(e.link) + `">` + html.EscapeString(name) + "</a>")
		} else {
			b.WriteString(html.EscapeString(name))
		}
		b.WriteString(" <small>")
		b.WriteString(html.EscapeString(strings.ReplaceAll(e.detail, " -> ", " → ")))
		if e.excluded != "" {
			b.WriteString(", left out: " + html.EscapeString(e.excluded))
		}
		if e.isTruncated {
			b.WriteString(", history incomplete")
		}
		b.WriteString("</small></span><b>")
		b.WriteString(p.Words.Plain(e.counts))
		if e.of != e.counts || e.of != 1 {
			b.WriteString(" of " + p.Words.Plain(e.of))
		}
		b.WriteString("</b></li>")
	}
	b.WriteString("</ul>")
	return template.HTML(b.String())
}
