package report

// A Payout is what one quarter pays: the lines of its newest draft, or of the lock.
type Payout struct {
	Period     string
	IsLocked   bool
	Lines      []PayoutLine
	Controls   []Control
	Signatures []Signature
	Needed     int    // approvals that a lock takes
	Manifest   string // SHA-256 of what is signed
	AsOf       string
	Budgets    []Money
}

// A PayoutLine is one line of the payout file, amounts as their text.
type PayoutLine struct {
	For, RepID, Name, Role, Team, Kind, Pool string
	Score, Tier, Multiplier, BonusTarget     string
	Days, LeaveDays, PaidDays, PeriodDays    string
	Currency, Before, Now, Amount, State     string
	Reason                                   string
}

// A Control is one control total of a payout.
type Control struct{ Name, Source, Item, Count, Amount, Currency, Difference string }

// A Signature is one of the preparer's or of an approver; without At it is awaited.
type Signature struct {
	Name, As, At, Fingerprint string
	IsAwaited                 bool
}

// Money is an amount of a currency, as its text.
type Money struct{ Amount, Currency string }

// payoutOf is the quarter's payout with the person's lines; nil without any.
func (p *press) payoutOf(rep, period string) (*Payout, []PayoutLine) {
	for i := range p.Payouts {
		if p.Payouts[i].Period != period {
			continue
		}
		var lines []PayoutLine
		for _, l := range p.Payouts[i].Lines {
			if l.RepID == rep {
				lines = append(lines, l)
			}
		}
		if len(lines) > 0 {
			return &p.Payouts[i], lines
		}
	}
	return nil, nil
}

// payState says what a line's money is in.
func payState(payout *Payout, l PayoutLine) string {
	switch {
	case l.State == "held":
		return "held until it is decided"
	case l.State == "not_eligible":
		return "not eligible"
	case !payout.IsLocked:
		return "in the draft"
	}
	return "locked"
}
