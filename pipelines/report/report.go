// Package report makes the pages that people look at: static HTML with charts as
// SVG, no script, nothing from elsewhere, in a folder for each audience.
//
//	people/REP/      the own quarters, what to do today, payout statements
//	teams/TEAM/      a manager's view of the team's quarters
//	finance/         the close of each drafted or locked quarter
//	steward/         what to mend at the CRM, and what was left out
//	programme/       whether it is used, works and is fair; objectives
//	plan/            the rules in sentences, and the catalogue of metrics
//	public/          a board without people's numbers; it links to nothing inside
//	access.csv       who may read which of these, for whatever guards the folder
//
// What somebody is paid stands under people/ and finance/ only. Pages are made from
// published tables and payout files: the same ones give the same bytes, and only
// files whose bytes change are written.
package report

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/sourcegraph/conc/pool"

	"merit/connectors/fault"
	"merit/pipelines/plan"
)

// Audiences in the order in which people think of them; each is a folder.
var Audiences = []string{"people", "teams", "finance", "steward", "programme", "plan", "public"}

// A Report is what pages are made from, beside the tables.
type Report struct {
	Company   string
	Words     Words
	Reader    Reader
	Plan      *plan.Plan
	PlanOf    func(period string) (plan.Version, bool)
	Metrics   []Metric
	Payouts   []Payout // by period
	Streams   []Stream
	Readers   Access
	Audiences []string // which folders to make; none: all
}

// A Metric is what a model's header says of it.
type Metric struct {
	Name, Title, Kind, Unit, Better, Signal, Gaming, Owner string
	Parameters                                             string
}

// A Stream is how far something that is read at a CRM has come.
type Stream struct {
	Name                string // SOURCE.STREAM
	Rows                int64
	ReadUntil, NewestAt time.Time // zero is unknown
	IsBehind            bool      // other streams of its source are read further
}

// Access says who reads what: e-mail addresses by audience, and by team.
type Access struct {
	ByAudience map[string][]string
	ByTeam     map[string][]string
}

// Written is what became of the folder.
type Written struct {
	Pages, Changed, Removed int
	Unguarded               []string // audiences that nobody is named for
}

// Write makes the pages in folder.
func (r Report) Write(ctx context.Context, folder string) (Written, error) {
	for _, a := range r.Audiences {
		if !slices.Contains(Audiences, a) {
			return Written{}, fault.Errorf(fault.You, "no audience is called %q%s", a, fault.Instead(a, Audiences))
		}
	}
	out, err := openFolder(folder)
	if err != nil {
		return Written{}, err
	}
	f, err := read(ctx, r.Reader)
	if err != nil {
		return Written{}, err
	}
	p, err := r.press(f, out)
	if err != nil {
		return Written{}, err
	}
	if err := p.all(ctx); err != nil {
		return Written{}, err
	}
	unguarded, err := p.access()
	if err != nil {
		return Written{}, err
	}
	written, err := out.finish(r.audiences())
	written.Unguarded = unguarded
	return written, err
}

func (r Report) audiences() []string {
	if len(r.Audiences) == 0 {
		return Audiences
	}
	return r.Audiences
}

func (r Report) makes(audience string) bool { return slices.Contains(r.audiences(), audience) }

// all makes each audience's pages, side by side.
func (p *press) all(ctx context.Context) error {
	work := pool.New().WithErrors().WithFirstError().WithMaxGoroutines(runtime.GOMAXPROCS(0))
	for audience, pages := range map[string]func() error{
		"teams": p.teams, "finance": p.finance, "steward": p.steward, "programme": p.programme, "plan": p.plan, "public": p.public,
	} {
		if p.makes(audience) {
			work.Go(pages)
		}
	}
	var err error
	if p.makes("people") {
		err = p.everybody(ctx, work)
	}
	if waited := work.Wait(); err == nil {
		err = waited
	}
	return err
}

// everybody reads the evidence person by person and hands each one's pages to the
// next free core.
func (p *press) everybody(ctx context.Context, work *pool.ErrorPool) error {
	if err := p.out.put("people/merit.css", Sheet()); err != nil {
		return err
	}
	people := p.facts.people()
	at := 0
	var own []evidence
	flush := func() {
		one, records := people[at], own
		work.Go(func() error { return p.person(one, records) })
		at, own = at+1, nil
	}
	for row, err := range ask(ctx, p.Reader, "evidence") {
		if err != nil {
			return err
		}
		rep := row.Text("rep_id")
		for at < len(people) && people[at].id < rep {
			flush()
		}
		if at < len(people) && people[at].id == rep {
			own = append(own, evidenceOf(row))
		}
	}
	for at < len(people) {
		flush()
	}
	return nil
}
