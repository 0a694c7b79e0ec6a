package payouts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// closeTo is how far a value that an engine computed in doubles may be from the
// exact one, as a part of it: their sixteen digits, less what sums lose.
var closeTo = apd.New(1, -9)

// SameMeasures adds the evidence up again, in exact decimals, and holds it against the
// measures of which the standings' scores are made: numerator, denominator, samples
// and value of every metric that the role is scored by.
func (r Rules) SameMeasures(standings []Standing, evidence []Evidence) error {
	type key struct{ rep, role, metric string }
	counted := map[key][]Evidence{}
	for _, e := range evidence {
		if e.Excluded == "" {
			k := key{e.RepID, e.Role, e.Metric}
			counted[k] = append(counted[k], e)
		}
	}
	for _, s := range standings {
		for _, rule := range r.Roles[s.Role].Metrics {
			rows := counted[key{s.RepID, s.Role, rule.Name}]
			if err := s.measure(rule.Name).isOf(rows); err != nil {
				return fmt.Errorf("%s %s as %s, %s: %w", s.Period, s.RepID, s.Role, rule.Name, err)
			}
		}
	}
	return nil
}

// isOf tells whether the measure is what these rows add up to.
func (m Measure) isOf(rows []Evidence) error {
	if m.Samples != int64(len(rows)) {
		return fmt.Errorf("the build counted %d samples, the evidence has %d rows", m.Samples, len(rows))
	}
	if len(rows) == 0 {
		if m.Value != "" && !(m.Kind == "sum" && isNear(m.Value, new(apd.Decimal))) { // nothing happened, so the sum is 0
			return fmt.Errorf("the build has the value %s, and no evidence counts", m.Value)
		}
		return nil
	}
	numerator, denominator, err := sumsOf(rows)
	if err != nil {
		return err
	}
	for _, side := range []struct {
		name, built string
		exact       apd.Decimal
	}{{"numerator", m.Numerator, numerator}, {"denominator", m.Denominator, denominator}} {
		if !isNear(side.built, &side.exact) {
			return fmt.Errorf("the build has the %s %s, the evidence adds up to %s", side.name, side.built, plain(side.exact))
		}
	}
	exact, err := m.exact(rows, numerator, denominator)
	switch {
	case err != nil:
		return err
	case m.Value == "" && (exact == nil || m.isUnknown()): // there are rows, and more that nobody could read
		return nil
	case exact == nil || !isNear(m.Value, exact):
		return fmt.Errorf("the build has the value %q, the evidence makes it %s", m.Value, textOf(exact))
	}
	return nil
}

// exact is the value that the rows make; nil with nothing to divide by.
func (m Measure) exact(rows []Evidence, numerator, denominator apd.Decimal) (*apd.Decimal, error) {
	switch {
	case m.Kind == "sum":
		return &numerator, nil
	case m.Kind == "median":
		return median(rows)
	case denominator.IsZero():
		return nil, nil
	}
	var value apd.Decimal
	_, err := exact().Quo(&value, &numerator, &denominator)
	return &value, err
}

// median is the row in the middle, or the mean of the two.
func median(rows []Evidence) (*apd.Decimal, error) {
	var values []*apd.Decimal
	for _, e := range rows {
		value, err := decimalOf(e.Numerator)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	slices.SortFunc(values, func(a, b *apd.Decimal) int { return a.Cmp(b) })
	var middle apd.Decimal
	if _, err := exact().Add(&middle, values[(len(values)-1)/2], values[len(values)/2]); err != nil {
		return nil, err
	}
	_, err := exact().Quo(&middle, &middle, apd.New(2, 0))
	return &middle, err
}

func sumsOf(rows []Evidence) (numerator, denominator apd.Decimal, err error) {
	for _, e := range rows {
		for _, side := range []struct {
			text string
			sum  *apd.Decimal
		}{{e.Numerator, &numerator}, {e.Denominator, &denominator}} {
			value, err := decimalOf(side.text)
			if err != nil {
				return numerator, denominator, err
			}
			if _, err := exact().Add(side.sum, side.sum, value); err != nil {
				return numerator, denominator, err
			}
		}
	}
	return numerator, denominator, nil
}

// decimalOf reads a number; an empty text is 0, as sums take it.
func decimalOf(text string) (*apd.Decimal, error) {
	value, _, err := apd.NewFromString(cmp.Or(text, "0"))
	if err != nil {
		return nil, fmt.Errorf("%q is not a number: %w", text, err)
	}
	return value, nil
}

func isNear(built string, exactly *apd.Decimal) bool {
	value, _, err := apd.NewFromString(strings.TrimSpace(built))
	if err != nil {
		return false
	}
	var apart, size, most apd.Decimal
	if _, err := exact().Sub(&apart, value, exactly); err != nil {
		return false
	}
	apart.Abs(&apart)
	size.Abs(exactly)
	if size.Cmp(apd.New(1, 0)) < 0 {
		size.SetInt64(1)
	}
	_, err = exact().Mul(&most, &size, closeTo)
	return err == nil && apart.Cmp(&most) <= 0
}

func textOf(value *apd.Decimal) string {
	if value == nil {
		return "nothing"
	}
	return plain(*value)
}
