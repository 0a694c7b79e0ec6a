package plan

import (
	"slices"

	"github.com/cockroachdb/apd/v3"
)

// A Recovery says how what somebody owes is taken back: corrections of periods that were
// locked are booked to a balance, from which each period recovers a part.
type Recovery struct {
	From        string   `yaml:"from" schema:"enum=bonuses|all" doc:"What it is taken from: bonuses (unless said), or all that the period pays."`
	MostPercent *Decimal `yaml:"most_percent" schema:"min=0,max=100,decimals=4" doc:"At most this much of it; what is left is carried forward. 100 unless said."`
}

// TakesAll tells that more than bonuses is taken.
func (r Recovery) TakesAll() bool { return r.From == "all" }

// Most is the part that is taken at most, in percent.
func (r Recovery) Most() apd.Decimal {
	if r.MostPercent == nil {
		return *apd.New(100, 0)
	}
	return r.MostPercent.Decimal
}

// HoldsDisputed tells that a line waits while a dispute about it is open.
func (v Version) HoldsDisputed() bool { return v.OpenDisputes == "hold" }

// PaysUnsound tells that a line is paid although a value of its records was not believed.
func (v Version) PaysUnsound() bool { return v.Unsound == "pay" }

// checkAfterLock is check for what happens to a line after it was computed.
func (p *Plan) checkAfterLock(place string, v *Version) error {
	if !slices.Contains([]string{"", "pay", "hold"}, v.OpenDisputes) {
		return p.file.Errorf(place+".open_disputes", "open_disputes is one of pay, hold, not %q", v.OpenDisputes)
	}
	if !slices.Contains([]string{"", "hold", "pay"}, v.Unsound) {
		return p.file.Errorf(place+".unsound_records", "unsound_records is one of hold, pay, not %q", v.Unsound)
	}
	if v.Recovery == nil {
		return nil
	}
	if !slices.Contains([]string{"", "bonuses", "all"}, v.Recovery.From) {
		return p.file.Errorf(place+".recovery.from", "from is one of bonuses, all, not %q", v.Recovery.From)
	}
	most := v.Recovery.Most()
	if most.Sign() < 0 || most.Cmp(apd.New(100, 0)) > 0 {
		return p.file.Errorf(place+".recovery.most_percent", "most_percent %s is not between 0 and 100", Decimal{most}.Plain())
	}
	return nil
}
