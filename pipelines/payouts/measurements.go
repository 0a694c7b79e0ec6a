package payouts

import (
	"fmt"
	"slices"

	"github.com/cockroachdb/apd/v3"
)

// SameMeasurements holds what statements show of each metric, its value, attainment and
// the weight that was used, against what the standings' measures give by these rules.
func (r Rules) SameMeasurements(standings []Standing, shown []Measurement) error {
	potentials, err := potentialsOf(standings)
	if err != nil {
		return err
	}
	for _, s := range standings {
		share, err := potentials[s.Role].share(s.Potential)
		if err != nil {
			return err
		}
		for _, rule := range r.Roles[s.Role].Metrics {
			at := slices.IndexFunc(shown, func(m Measurement) bool {
				return m.Period == s.Period && m.RepID == s.RepID && m.Role == s.Role && m.Metric == rule.Name
			})
			if at < 0 {
				return fmt.Errorf("%s %s as %s: the statement does not show %s", s.Period, s.RepID, s.Role, rule.Name)
			}
			if err := rule.isShown(shown[at], s, share); err != nil {
				return fmt.Errorf("%s %s as %s, %s: %w", s.Period, s.RepID, s.Role, rule.Name, err)
			}
		}
	}
	return nil
}

func (m MetricRule) isShown(shown Measurement, s Standing, share *apd.Decimal) error {
	attained, err := m.attained(s, share)
	if err != nil {
		return err
	}
	used := new(apd.Decimal)
	if attained != nil {
		used = &m.Weight
	}
	if !isNear(shown.WeightUsed, used) {
		return fmt.Errorf("the build used the weight %s, by the plan it is %s", shown.WeightUsed, plain(*used))
	}
	if value := s.measure(m.Name).Value; value != "" && shown.Value != "" {
		exact, err := decimalOf(value)
		if err != nil {
			return err
		}
		if !isNear(shown.Value, exact) {
			return fmt.Errorf("the build shows the value %s and has scored %s", shown.Value, value)
		}
	}
	if shown.Attainment == "" && used.IsZero() {
		return nil
	}
	if attained == nil || !isNear(shown.Attainment, attained) {
		return fmt.Errorf("the build shows the attainment %q, computed again it is %s", shown.Attainment, textOf(attained))
	}
	return nil
}
