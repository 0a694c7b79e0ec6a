package plan

import (
	"slices"

	"github.com/cockroachdb/apd/v3"
)

// driftRecords is what reviews.csv calls a drift that a steward accepts.
const driftRecords = "drift"

// A Drift says from where on a period is unlike the four before it, and what follows.
type Drift struct {
	Then   string   `yaml:"then" schema:"enum=tell|stop" doc:"tell (unless said), or stop: nothing is published until reviews.csv accepts it with a reason."`
	Values *Decimal `yaml:"values" schema:"min=0.01,max=10" doc:"The population stability index of a metric's values from which on they have drifted. 0.25 unless said."`
	Gaps   *Decimal `yaml:"gaps" schema:"min=0.01,max=1" doc:"How much larger the share of people without a value may be. 0.2 unless said."`
	Volume *Decimal `yaml:"volume" schema:"min=1.1,max=100" doc:"How many times as many records as usual, or as few, are too many. 2 unless said."`
}

// driftSettings are what this version says of drift, with what holds where it says nothing.
func (v Version) driftSettings() map[string]Settings {
	settings := Settings{"then": {"tell"}, "values": {"0.25"}, "gaps": {"0.2"}, "volume": {"2"}}
	if v.Drift != nil {
		if v.Drift.Then != "" {
			settings["then"] = []string{v.Drift.Then}
		}
		for name, said := range map[string]*Decimal{"values": v.Drift.Values, "gaps": v.Drift.Gaps, "volume": v.Drift.Volume} {
			if said != nil {
				settings[name] = []string{said.Plain()}
			}
		}
	}
	return map[string]Settings{"drift": settings}
}

// checkDrift is check for the limits of drift.
func (p *Plan) checkDrift(place string, d *Drift) error {
	if d == nil {
		return nil
	}
	if !slices.Contains([]string{"", "tell", "stop"}, d.Then) {
		return p.file.Errorf(place+".then", "then is one of tell, stop, not %q", d.Then)
	}
	for _, limit := range []struct {
		name        string
		said        *Decimal
		least, most *apd.Decimal
	}{
		{"values", d.Values, apd.New(1, -2), apd.New(10, 0)},
		{"gaps", d.Gaps, apd.New(1, -2), apd.New(1, 0)},
		{"volume", d.Volume, apd.New(11, -1), apd.New(100, 0)},
	} {
		if limit.said != nil && (limit.said.Cmp(limit.least) < 0 || limit.said.Cmp(limit.most) > 0) {
			return p.file.Errorf(place+"."+limit.name, "%s %s is not between %s and %s", limit.name, limit.said.Plain(), Decimal{*limit.least}.Plain(), Decimal{*limit.most}.Plain())
		}
	}
	return nil
}
