package reference

import (
	"math/big"
	"slices"
	"strings"
	"time"
)

// A Rate says what a currency was worth from a day to a day.
type Rate struct{ Source, Currency, From, To, Units, Worth string }

// A Forecast is one look at what somebody forecast.
type Forecast struct {
	Ref
	User, From, To, Category string
	Amount, Currency         *string
	IsAdjusted               bool
	TakenAt                  time.Time
}

// A Renewal is a contract that falls due.
type Renewal struct {
	Ref
	Account, DueOn, Outcome                  string
	RenewalDeal, Owner, Due, Renewed, Starts *string
	Currency                                 *string
	DecidedAt                                *time.Time
	IsDeleted                                bool
}

// A Document is a proposal, quote or contract.
type Document struct {
	Ref
	Kind      string
	Owner     *string
	SentAt    *time.Time
	IsDeleted bool
}

// A Login is one time that somebody signed in.
type Login struct {
	Ref
	User         string
	At           time.Time
	Through      *string
	IsSuccessful bool
}

// An Event stands in somebody's own calendar.
type Event struct {
	Ref
	User                     string
	StartsAt                 time.Time
	EndsAt                   *time.Time
	Activity                 *string
	HasCustomer, IsCancelled bool
}

// Learning is a module that somebody was given.
type Learning struct {
	Ref
	User        string
	DueOn       *string
	CompletedAt *time.Time
	IsRequired  bool
}

// A Session is one of coaching.
type Session struct {
	Ref
	User   string
	HeldAt *time.Time
}

// An Action was agreed in a session.
type Action struct {
	Ref
	User   string
	DueOn  *string
	DoneAt *time.Time
}

// A Contribution is what somebody gave beside the CRM.
type Contribution struct {
	Ref
	Kind, User string
	At         time.Time
	Quantity   *int
}

// besides is the evidence of what files bring and of papers.
func (f *Facts) besides() []Evidence {
	return slices.Concat(f.learning(), f.coaching(), f.contributions(), f.papers("contracts_sent", "contract"), f.papers("proposals_sent", "proposal", "quote"))
}

// counted is one row for a rep who was on the roster then; nobody gives none.
func (f *Facts) counted(metric, rep, source string, at time.Time, kind, id string, numerator *big.Rat) []Evidence {
	if rep = f.onRoster(rep, at); rep == "" || at.After(f.AsOf) {
		return nil
	}
	return []Evidence{{Metric: metric, Source: source, Rep: rep, At: at, RecordType: kind, RecordID: id, Numerator: numerator, Denominator: one()}}
}

func one() *big.Rat { return big.NewRat(1, 1) }

func truth(holds bool) *big.Rat {
	if holds {
		return one()
	}
	return new(big.Rat)
}

// lastInstant is the last that a CRM can name of a day.
func (f *Facts) lastInstant(day string) time.Time { return f.midnight(day, 1).Add(-time.Millisecond) }

// learning: required modules whose day is over, 1 when learned by then.
func (f *Facts) learning() []Evidence {
	var rows []Evidence
	for _, l := range f.Learning {
		if l.IsRequired && l.DueOn != nil && *l.DueOn < f.today() {
			inTime := l.CompletedAt != nil && f.day(*l.CompletedAt) <= *l.DueOn
			rows = append(rows, f.counted("learning_completion", f.personOf(l.Source, l.User), l.Source, f.lastInstant(*l.DueOn), "learning", l.ID, truth(inTime))...)
		}
	}
	return rows
}

// coaching: sessions held, and what was agreed in them done by its day.
func (f *Facts) coaching() []Evidence {
	var rows []Evidence
	for _, s := range f.Sessions {
		if s.HeldAt != nil {
			rows = append(rows, f.counted("coaching_sessions", f.personOf(s.Source, s.User), s.Source, *s.HeldAt, "coaching", s.ID, one())...)
		}
	}
	for _, a := range f.Actions {
		if a.DueOn != nil && *a.DueOn < f.today() {
			inTime := a.DoneAt != nil && f.day(*a.DoneAt) <= *a.DueOn
			rows = append(rows, f.counted("coaching_actions_done", f.personOf(a.Source, a.User), a.Source, f.lastInstant(*a.DueOn), "coaching action", a.ID, truth(inTime))...)
		}
	}
	return rows
}

// contributions count as many as they stand for.
func (f *Facts) contributions() []Evidence {
	metrics := map[string]string{"social_post": "social_posts", "content_lead": "content_leads", "presentation": "presentations_given"}
	var rows []Evidence
	for _, c := range f.Contributions {
		quantity := 1
		if c.Quantity != nil {
			quantity = *c.Quantity
		}
		if quantity > 0 {
			rows = append(rows, f.counted(metrics[c.Kind], f.personOf(c.Source, c.User), c.Source, c.At, "contribution", c.ID, big.NewRat(int64(quantity), 1))...)
		}
	}
	return rows
}

// papers: what was sent, and where the plan names a stage, a deal that first came
// to it.
func (f *Facts) papers(metric string, kinds ...string) []Evidence {
	var rows []Evidence
	for _, d := range f.Documents {
		if !d.IsDeleted && d.SentAt != nil && slices.Contains(kinds, d.Kind) && d.Owner != nil {
			rows = append(rows, f.counted(metric, f.Users[Ref{d.Source, *d.Owner}], d.Source, *d.SentAt, "document", d.ID, one())...)
		}
	}
	named := f.allOf(metric, "stage")
	for _, d := range f.counting() {
		been := map[string]bool{}
		for _, v := range f.Visits(d) {
			if v.Number > 1 && !been[v.Label] && isNamed(named, v.Label, v.Stage) && f.periodAt(v.EnteredAt) != "" {
				rows = append(rows, f.ofDeal(metric, d, v.EnteredAt, one(), v.IsTruncated)...)
				break
			}
			been[v.Label] = been[v.Label] || v.Number > 1
		}
	}
	return rows
}

// counting are the deals that count: neither deleted nor copies.
func (f *Facts) counting() []Deal {
	if f.counts == nil {
		f.counts = slices.DeleteFunc(slices.Clone(f.Deals), func(d Deal) bool { return d.IsDeleted || f.isCopy(d) })
	}
	return f.counts
}

// word is a name as it is compared: case, blanks, hyphens and underscores do not
// matter.
func word(text *string) string {
	return strings.NewReplacer(" ", "", "-", "", "_", "").Replace(lower(text))
}

func lower(text *string) string {
	if text == nil {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(*text))
}
