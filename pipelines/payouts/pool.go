package payouts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"merit/connectors/fault"
)

// A Pool is an amount that a team earns together and shares.
type Pool struct {
	Name               string
	Teams, Roles       []string // none: all
	Amount             apd.Decimal
	Currency           string
	Metric             string // of the members' evidence taken together
	Floor, Target, Cap apd.Decimal
	MinSamples         int64
	SharedBy           SharedBy
	Weights            map[string]apd.Decimal // by role, 1 where none is given
}

// SharedBy says what a member's share is by, before the role's weight.
type SharedBy string

const (
	Equally  SharedBy = "equal"
	ByDays   SharedBy = "days"   // in the role, leave taken off
	ByScore  SharedBy = "score"  // the rep's own
	ByTarget SharedBy = "target" // bonus target × days
)

// poolLines shares out every pool among its members; the lines of a pool sum to
// the pool's amount × team attainment, to the last unit.
func (r Rules) poolLines(standings []Standing, allDays map[string]int64) ([]Line, error) {
	var lines []Line
	for _, p := range r.Pools {
		members := p.members(standings)
		if len(members) == 0 {
			continue
		}
		earned, words, err := p.earned(members)
		if err != nil {
			return nil, fmt.Errorf("pool %s: %w", p.Name, err)
		}
		shares, err := r.shareOut(p, earned, words, members, allDays)
		if err != nil {
			return nil, fmt.Errorf("pool %s: %w", p.Name, err)
		}
		if slices.ContainsFunc(members, func(s Standing) bool { return s.measure(p.Metric).isUnknown() }) {
			holdShares(shares, words)
		}
		lines = append(lines, shares...)
	}
	return lines, nil
}

// holdShares holds what the team's outcome may still change: everybody's share,
// also of a pool that is not earned by what is known.
func holdShares(shares []Line, words string) {
	for i := range shares {
		if l := &shares[i]; l.State == Payable || l.State == NotEligible && l.Reason == words {
			l.State = Held
			l.Reason += "; held: not all that the team's outcome needs is known"
		}
	}
}

// members are in the order in which ties of a cent are settled: rep, then role.
func (p Pool) members(standings []Standing) []Standing {
	var members []Standing
	for _, s := range standings {
		if (len(p.Teams) == 0 || slices.Contains(p.Teams, s.Team)) && (len(p.Roles) == 0 || slices.Contains(p.Roles, s.Role)) {
			members = append(members, s)
		}
	}
	slices.SortFunc(members, func(a, b Standing) int { return strings.Compare(a.RepID+"\x00"+a.Role, b.RepID+"\x00"+b.Role) })
	return members
}

// earned is amount × team attainment, and how it came about. The attainment is
// that of all members' evidence taken together, who is not eligible included: it
// is the team's outcome. It is rounded to two decimals, as scores are.
func (p Pool) earned(members []Standing) (Money, string, error) {
	none := Money{Currency: p.Currency}
	value, samples, err := p.value(members)
	if err != nil {
		return none, "", err
	}
	if value == nil || samples < p.MinSamples {
		return none, fmt.Sprintf("the team has %d of at least %d records of %s: the pool is not earned", samples, p.MinSamples, p.Metric), nil
	}
	reached, err := attainment(value, p.Floor, p.Target, p.Cap)
	if err != nil {
		return none, "", err
	}
	if _, err := exact().Quantize(reached, reached, -2); err != nil {
		return none, "", err
	}
	var product apd.Decimal
	if _, err := exact().Mul(&product, &p.Amount, reached); err != nil {
		return none, "", err
	}
	product.Exponent -= 2
	full, err := rounded(&p.Amount, p.Currency)
	if err != nil {
		return none, "", err
	}
	earned, err := rounded(&product, p.Currency)
	if _, roundErr := exact().Quantize(value, value, -6); err == nil {
		err = roundErr
	}
	return earned, fmt.Sprintf("%s of the pool of %s (team attainment %s %%: %s %s, target %s)", earned.Text(), full.Text(), reached.Text('f'), p.Metric, plain(*value), plain(p.Target)), err
}

// value aggregates the members' evidence as the metric itself is aggregated; nil
// when there is nothing to compute it from.
func (p Pool) value(members []Standing) (*apd.Decimal, int64, error) {
	var numerator, denominator apd.Decimal
	samples, kind := int64(0), ""
	c := exact()
	for _, s := range members {
		m := s.measure(p.Metric)
		if m.Samples == 0 {
			continue
		}
		kind = m.Kind
		samples += m.Samples
		for sum, part := range map[*apd.Decimal]string{&numerator: m.Numerator, &denominator: m.Denominator} {
			d, _, err := apd.NewFromString(part)
			if err == nil {
				_, err = c.Add(sum, sum, d)
			}
			if err != nil {
				return nil, 0, fmt.Errorf("%s of %s: %q: %w", p.Metric, s.RepID, part, err)
			}
		}
	}
	switch {
	case kind == "sum":
		return &numerator, samples, nil
	case kind == "" || denominator.IsZero():
		return nil, samples, nil
	case kind == "ratio" || kind == "mean":
		var value apd.Decimal
		_, err := c.Quo(&value, &numerator, &denominator)
		return &value, samples, err
	}
	return nil, 0, fault.Errorf(fault.You, "the %s of %s can't be taken of a team; a pool needs a metric that sums or divides", kind, p.Metric)
}

func (r Rules) shareOut(p Pool, earned Money, words string, members []Standing, allDays map[string]int64) ([]Line, error) {
	lines := make([]Line, len(members))
	weights := make([]apd.Decimal, len(members))
	var sum apd.Decimal
	for i, s := range members {
		if s.Currency != p.Currency {
			return nil, fault.Errorf(fault.You, "it is in %s, but %s is paid in %s; give each currency a pool of its own", p.Currency, s.RepID, s.Currency)
		}
		lines[i] = poolLine(p, s)
		if why := r.ineligible(s, allDays[s.RepID]); why != "" {
			lines[i].Reason = why
			continue
		}
		weight, err := p.weight(s)
		if err != nil {
			return nil, err
		}
		weights[i] = weight
		if _, err := exact().Add(&sum, &sum, &weight); err != nil {
			return nil, err
		}
	}
	if sum.IsZero() {
		for i := range lines {
			if lines[i].Reason == "" {
				lines[i].Reason = "nobody in the pool has a weight"
			}
		}
		return lines, nil
	}
	shares, err := earned.Split(weights)
	if err != nil {
		return nil, err
	}
	for i := range lines {
		if lines[i].Reason == "" {
			if earned.IsZero() {
				lines[i].Reason = words
				continue
			}
			lines[i].pay(shares[i], fmt.Sprintf("share %s of %s (%s) of %s", plain(weights[i]), plain(sum), p.SharedBy, words))
		}
	}
	return lines, nil
}

// poolLine has the person and the days; score and tier speak of the own bonus
// and stay out.
func poolLine(p Pool, s Standing) Line {
	l := Line{Standing: s, Kind: TeamPool, Pool: p.Name, PaidDays: s.Days - s.LeaveDays, State: NotEligible, Amount: Money{Currency: p.Currency}}
	l.Score, l.Tier, l.Multiplier, l.BonusTarget = "", "", "", ""
	return l
}

func (l *Line) pay(amount Money, reason string) {
	l.Amount, l.Reason, l.State = amount, reason, Payable
	if l.IsHeld {
		l.hold()
	}
}

func (p Pool) weight(s Standing) (apd.Decimal, error) {
	var weight apd.Decimal
	var err error
	switch p.SharedBy {
	case Equally:
		weight.SetInt64(1)
	case ByScore:
		if s.Score != "" {
			_, _, err = weight.SetString(s.Score)
		}
	case ByTarget:
		weight, _, err = s.prorated()
	default:
		weight.SetInt64(s.Days - s.LeaveDays)
	}
	if of, there := p.Weights[s.Role]; err == nil && there {
		_, err = exact().Mul(&weight, &weight, &of)
	}
	return weight, err
}
