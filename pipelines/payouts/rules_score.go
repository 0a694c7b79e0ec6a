package payouts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// A Measure is what one metric came to for one rep in one role.
type Measure struct {
	Metric                 string
	Kind                   string // sum, ratio, mean, median: how the evidence makes the value
	Value                  string // "" with nothing to compute it from
	Numerator, Denominator string
	Samples                int64
	Missing                string // why there is no value; "" when there is one
}

// nothing is the reason that a value is missing since there was nothing to count;
// every other one says that something is not known.
const nothing = "no activity"

func (m Measure) isUnknown() bool { return m.Missing != "" && m.Missing != nothing }

// A MetricRule says what it takes to earn the points of a metric.
type MetricRule struct {
	Name                       string
	Kind                       string // sum, ratio, mean, median
	Weight, Floor, Target, Cap apd.Decimal
	MinSamples                 int64
	WhenMissing                string // redistribute, zero, hold
	ByPotential                bool   // value ÷ territory potential × the role's mean potential
}

// Rescore gives the standings again with score, tier and hold computed from their
// measures by these rules, in exact decimals. The models compute the same in SQL;
// the two must agree.
func (r Rules) Rescore(standings []Standing) ([]Standing, error) {
	scored := slices.Clone(standings)
	potentials, err := potentialsOf(standings)
	if err != nil {
		return nil, err
	}
	for i := range scored {
		s := &scored[i]
		s.Score, s.Tier, s.Multiplier, s.WeightUsed, s.IsHeld = "", "", "0", "0", false
		role, there := r.Roles[s.Role]
		if !there {
			continue
		}
		share, err := potentials[s.Role].share(s.Potential)
		if err == nil {
			err = role.score(s, share)
		}
		if err != nil {
			return nil, fmt.Errorf("score %s as %s: %w", s.RepID, s.Role, err)
		}
	}
	return scored, nil
}

// SameScores holds the standings' scores against those computed again from their
// measures; an error names the first that differs.
func (r Rules) SameScores(standings []Standing) error {
	again, err := r.Rescore(standings)
	if err != nil {
		return err
	}
	for i, s := range standings {
		if e := again[i]; s.Score != e.Score || s.Tier != e.Tier || s.IsHeld != e.IsHeld || s.WeightUsed != e.WeightUsed {
			return fmt.Errorf("%s %s as %s: the build has score %q of %s weight, tier %q, held %t; computed again in exact decimals it is %q of %s, %q, %t",
				s.Period, s.RepID, s.Role, s.Score, s.WeightUsed, s.Tier, s.IsHeld, e.Score, e.WeightUsed, e.Tier, e.IsHeld)
		}
	}
	return nil
}

// score is Σ weight × attainment ÷ Σ weight over the metrics that have a value,
// rounded to two decimals before it meets a tier. Thirds are rounded to six
// first, so that what is exactly on an edge stays on it.
func (r RoleRules) score(s *Standing, share *apd.Decimal) error {
	var points, weights apd.Decimal
	c := exact()
	for _, m := range r.Metrics {
		attained, err := m.attained(*s, share)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
		if attained == nil {
			s.IsHeld = s.IsHeld || m.WhenMissing == "hold" || m.isUnknown(*s, share) && m.Weight.Sign() > 0
			continue
		}
		if _, err := c.Mul(attained, attained, &m.Weight); err != nil {
			return err
		}
		if _, err := c.Add(&points, &points, attained); err != nil {
			return err
		}
		if _, err := c.Add(&weights, &weights, &m.Weight); err != nil {
			return err
		}
	}
	s.WeightUsed = plain(weights)
	s.IsHeld = s.IsHeld || r.HoldBelow && r.tooLittle(*s)
	if weights.IsZero() {
		return nil
	}
	var score apd.Decimal
	if _, err := c.Quo(&score, &points, &weights); err != nil {
		return err
	}
	for _, decimals := range []int32{6, 2} {
		if _, err := c.Quantize(&score, &score, -decimals); err != nil {
			return err
		}
	}
	s.Score = score.Text('f')
	if r.tooLittle(*s) {
		return nil
	}
	for _, tier := range slices.Backward(r.Tiers) {
		if score.Cmp(&tier.From) >= 0 {
			s.Tier, s.Multiplier = tier.Name, plain(tier.Multiplier)
			break
		}
	}
	return nil
}

// tooLittle tells that too little of the plan was measured for a tier.
func (r RoleRules) tooLittle(s Standing) bool {
	used, _, err := apd.NewFromString(s.WeightUsed)
	return err == nil && used.Cmp(&r.MinimumWeight) < 0
}

// isUnknown tells that there is no value for another reason than that nothing
// happened: then it must not count as nothing either.
func (m MetricRule) isUnknown(s Standing, share *apd.Decimal) bool {
	return s.measure(m.Name).isUnknown() || m.ByPotential && share == nil
}

// attained is the metric's attainment, nil where it has no value or too few
// samples and its weight goes to the others. A sum has a value as soon as its
// records were read: without any it is 0, so that more work never scores less.
func (m MetricRule) attained(s Standing, share *apd.Decimal) (*apd.Decimal, error) {
	measure := s.measure(m.Name)
	if m.isUnknown(s, share) {
		return nil, nil
	}
	if m.Kind == "sum" {
		if measure.Value == "" {
			measure.Value = "0"
		}
	} else if measure.Value == "" || measure.Samples < m.MinSamples {
		if m.WhenMissing == "zero" {
			return new(apd.Decimal), nil
		}
		return nil, nil
	}
	value, _, err := apd.NewFromString(measure.Value)
	if err != nil {
		return nil, fmt.Errorf("value %q: %w", measure.Value, err)
	}
	if m.ByPotential {
		if _, err := exact().Mul(value, value, share); err != nil {
			return nil, err
		}
	}
	return attainment(value, m.Floor, m.Target, m.Cap)
}

func (s Standing) measure(metric string) Measure {
	for _, m := range s.Measures {
		if m.Metric == metric {
			return m
		}
	}
	return Measure{Metric: metric}
}

// attainment is 100 × (value − floor) ÷ (target − floor), from 0 to the cap, to
// nine decimals. Where less is better the target lies below the floor: both
// differences turn, the formula stays.
func attainment(value *apd.Decimal, floor, target, most apd.Decimal) (*apd.Decimal, error) {
	c := exact()
	var reached, distance, result apd.Decimal
	if _, err := c.Sub(&reached, value, &floor); err != nil {
		return nil, err
	}
	if _, err := c.Mul(&reached, &reached, apd.New(100, 0)); err != nil {
		return nil, err
	}
	if _, err := c.Sub(&distance, &target, &floor); err != nil {
		return nil, err
	}
	if _, err := c.Quo(&result, &reached, &distance); err != nil {
		return nil, fmt.Errorf("target %s and floor %s: %w", plain(target), plain(floor), err)
	}
	switch {
	case result.Sign() < 0:
		result = apd.Decimal{}
	case result.Cmp(&most) > 0:
		result.Set(&most)
	}
	_, err := c.Quantize(&result, &result, -9)
	return &result, err
}

// potentials are what the territories of one role could give together.
type potentials struct {
	sum   apd.Decimal
	count int64
}

// potentialsOf sums them up by role; a potential that is empty or 0 is not known.
func potentialsOf(standings []Standing) (map[string]*potentials, error) {
	byRole := map[string]*potentials{}
	for _, s := range standings {
		if byRole[s.Role] == nil {
			byRole[s.Role] = &potentials{}
		}
		if strings.Trim(s.Potential, "0.") == "" {
			continue
		}
		one, _, err := apd.NewFromString(s.Potential)
		if err != nil {
			return nil, fmt.Errorf("potential %q of %s: %w", s.Potential, s.RepID, err)
		}
		p := byRole[s.Role]
		p.count++
		if _, err := exact().Add(&p.sum, &p.sum, one); err != nil {
			return nil, err
		}
	}
	return byRole, nil
}

// share is the mean potential of the role ÷ the rep's own, nil where the rep's is
// not known.
func (p *potentials) share(own string) (*apd.Decimal, error) {
	if strings.Trim(own, "0.") == "" {
		return nil, nil
	}
	c := exact()
	divisor, _, err := apd.NewFromString(own)
	if err != nil {
		return nil, err
	}
	if _, err := c.Mul(divisor, divisor, apd.New(p.count, 0)); err != nil {
		return nil, err
	}
	var share apd.Decimal
	_, err = c.Quo(&share, &p.sum, divisor)
	return &share, err
}
