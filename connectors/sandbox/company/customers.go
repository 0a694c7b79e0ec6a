package company

// A Contract is what a deal that sells something again and again leads to. It is
// written at the instant at which the deal comes to be negotiated; one that nobody signed never begins. Its days
// are the deal's (Deal.TermAt).
type Contract struct {
	Deal        int
	Owner       int
	CreatedAt   Instant
	SentAt      Instant // 0: never sent
	SignedAt    Instant // by the customer; 0: never
	ActivatedAt Instant // it begins to count
	RenewedBy   int     // the deal by which it is renewed, or was to be; None: none
}

// A Document is a proposal or a quote.
type Document struct {
	Kind      DocumentKind
	Deal      int
	Owner     int
	Amount    string // plain decimal; "": the deal had none
	CreatedAt Instant
	SentAt    Instant // 0: never sent
	SignedAt  Instant // accepted by the customer; 0: not
	DeletedAt Instant
}

// A DocumentKind is what sort of document it is.
type DocumentKind uint8

const (
	Quote DocumentKind = iota
	Proposal
)

// A Merge says that a record was found to be another one's double.
type Merge struct {
	Of   MergeOf
	From int // the record that is gone: deleted at At
	Into int // the one that stays
	At   Instant
}

// MergeOf is what sort of record was merged.
type MergeOf uint8

const (
	OfAccounts MergeOf = iota
	OfContacts
	OfDeals
)

// MergedInto gives the record that one lives on in by then; None: it was not merged.
func (c *Company) MergedInto(of MergeOf, index int, now Instant) int {
	for _, m := range c.Merges {
		if m.Of == of && m.From == index && m.At <= now {
			return m.Into
		}
	}
	return None
}

// A Lead is somebody who may become a customer. What it became are None until it is
// converted, and for ever where it is not.
type Lead struct {
	FirstName   string
	LastName    string
	Company     string
	Source      string
	Owner       int
	CreatedAt   Instant
	ConvertedAt Instant
	Account     int
	Contact     int
	Deal        int
}

// A journey is what of a deal's way others follow from; 0: it never came so far.
type journey struct {
	proposed   Instant // first in Proposal or beyond, while open
	negotiated Instant
	closed     Instant // the last time
	isWon      bool
}

func (c *Company) journeyOf(d *Deal) journey {
	var j journey
	for i := range d.Changes {
		change := &d.Changes[i]
		if change.Field != StageName {
			continue
		}
		stage, _ := c.Stage(change.Value)
		j.closed, j.isWon = 0, stage.IsWon
		if stage.IsClosed {
			j.closed = change.At
			continue
		}
		if j.proposed == 0 && stage.SortOrder > proposal {
			j.proposed = change.At
		}
		if j.negotiated == 0 && stage.SortOrder > negotiation {
			j.negotiated = change.At
		}
	}
	return j
}

// paper makes the papers of a deal's way: a quote with the proposal, a contract with
// the negotiation.
func (g *generator) paper(index int, j journey) {
	c, d := g.company, &g.company.Deals[index]
	const hour = dayLong / 24
	if j.proposed != 0 && g.chance(800) {
		q := Document{Deal: index, CreatedAt: j.proposed + hour}
		q.Owner, q.Amount = d.At(q.CreatedAt).Owner, d.At(q.CreatedAt).Amount
		if g.chance(150) {
			q.Kind = Proposal
		}
		if sent := q.CreatedAt + Instant(g.between(1, 40))*hour; g.isBefore(sent, j.closed) && g.chance(930) {
			q.SentAt = sent
			if j.isWon && g.chance(700) {
				q.SignedAt = j.closed
			}
		}
		if !d.isGoneBy(q.CreatedAt) {
			c.Documents = append(c.Documents, q)
		}
	}
	written := j.negotiated
	if written == 0 && j.isWon {
		written = j.closed
	}
	startsOn, _ := d.TermAt(g.end)
	if written == 0 || startsOn == "" || d.isGoneBy(written) {
		return
	}
	k := Contract{Deal: index, Owner: d.At(written).Owner, CreatedAt: written, RenewedBy: None}
	if g.market != nil {
		k.Owner = d.At(g.end).Owner // whoever keeps the customer
	}
	if sent := written + Instant(g.between(1, 30))*hour; g.isBefore(sent, j.closed) {
		k.SentAt = sent
	}
	if j.isWon {
		k.SentAt = max(k.SentAt, k.CreatedAt)
		k.SignedAt = max(j.closed, k.SentAt)
		k.ActivatedAt = k.SignedAt
	}
	c.Contracts = append(c.Contracts, k)
}

// isBefore tells whether an instant lies before another one, where that ever comes,
// and before the story's end.
func (g *generator) isBefore(at, end Instant) bool { return at < g.end && (end == 0 || at < end) }

func (d *Deal) isGoneBy(at Instant) bool { return DeletedBy(d.DeletedAt, at) }
