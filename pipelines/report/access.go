package report

import (
	"bytes"
	"encoding/csv"
	"maps"
	"slices"
)

// A grant lets somebody read everything below a prefix.
type grant struct{ prefix, email string }

// access writes access.csv, one grant a line, of all audiences whichever are made
// this time, and tells those that nobody is named for.
func (p *press) access() ([]string, error) {
	var grants []grant
	var unguarded []string
	give := func(prefix string, emails ...string) {
		for _, e := range emails {
			grants = append(grants, grant{prefix, e})
		}
	}
	all, teams := p.Readers.ByAudience, p.Readers.ByTeam
	give("people/", all["people"]...)
	for _, one := range p.facts.people() {
		give("people/"+slug(one.id)+"/", one.emails...)
		for _, c := range one.in(one.cards[len(one.cards)-1].period) {
			give("people/"+slug(one.id)+"/", teams[c.team]...)
		}
		give("plan/", one.emails...)
	}
	give("teams/", all["teams"]...)
	for _, team := range p.facts.teams() {
		give("teams/"+slug(team)+"/", teams[team]...)
		if len(teams[team])+len(all["teams"]) == 0 {
			unguarded = append(unguarded, "the team "+team)
		}
	}
	for _, audience := range []string{"finance", "steward", "programme"} {
		give(audience+"/", all[audience]...)
		if len(all[audience]) == 0 {
			unguarded = append(unguarded, audience+"/")
		}
	}
	// The plan is for whoever is measured by it, and for whoever reads anything else.
	for _, emails := range slices.Concat(slices.Collect(maps.Values(all)), slices.Collect(maps.Values(teams))) {
		give("plan/", emails...)
	}
	give("public/", everyone)
	give("people/merit.css", everyone) // how pages look, and nothing else
	give("teams/merit.css", everyone)
	return unguarded, p.out.put("access.csv", asCSV(grants))
}

// everyone stands for an address where nobody is kept out.
const everyone = "*"

func asCSV(grants []grant) []byte {
	slices.SortFunc(grants, func(a, b grant) int {
		return bytes.Compare([]byte(a.prefix+"\x00"+a.email), []byte(b.prefix+"\x00"+b.email))
	})
	rows := [][]string{{"path_prefix", "email"}}
	for _, g := range slices.Compact(grants) {
		rows = append(rows, []string{g.prefix, g.email})
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		panic(err) // a buffer in memory takes everything
	}
	return b.Bytes()
}
