package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"

	"merit/connectors/fault"
	"merit/pipelines/yamlfile"
)

var (
	whenMissing  = []string{"redistribute", "zero", "hold"}
	belowMinimum = []string{"unpaid", "hold"}
)

// check fills in defaults and refuses, with its line, whatever can't be computed
// or would pay by accident.
func (p *Plan) check(known Known) error {
	if len(p.Versions) == 0 {
		return p.file.Errorf("$", "no version of the plan is under versions:")
	}
	for i := range p.Versions {
		v, place := &p.Versions[i], fmt.Sprintf("$.versions[%d]", i)
		if err := p.checkDates(i, place); err != nil {
			return err
		}
		if len(v.Roles) == 0 {
			return p.file.Errorf(place, "version %s has no roles", v.Name)
		}
		for _, role := range v.RoleNames() {
			if err := p.checkRole(place+".roles."+role, role, v.Roles[role], known); err != nil {
				return err
			}
		}
		if err := p.checkParameters(place+".parameters", v, known); err != nil {
			return err
		}
		if err := p.checkCoverage(place, v); err != nil {
			return err
		}
		if err := p.checkTiers(place+".tiers", v.Tiers); err != nil {
			return err
		}
		if err := p.checkAfterLock(place, v); err != nil {
			return err
		}
		if err := p.checkDrift(place+".drift", v.Drift); err != nil {
			return err
		}
		if err := p.checkSignOff(place+".sign_off", v.SignOff); err != nil {
			return err
		}
		if err := p.checkDataQuality(place, v); err != nil {
			return err
		}
		if err := p.checkPay(place, v, known); err != nil {
			return err
		}
		if err := p.checkRecognition(place+".recognition", v, known); err != nil {
			return err
		}
		if err := p.checkProgramme(place+".programme", v, known); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) checkDates(i int, place string) error {
	v := &p.Versions[i]
	if v.Name == "" {
		return p.file.Errorf(place, "a version needs a name: version: \"2026.1\"")
	}
	from, err := time.Parse(time.DateOnly, v.EffectiveFrom)
	if err != nil {
		return p.file.Errorf(place+".effective_from", "effective_from %q is not a date; write it as 2026-01-01", v.EffectiveFrom)
	}
	v.from = from
	for _, earlier := range p.Versions[:i] {
		if !earlier.from.Before(from) {
			return p.file.Errorf(place+".effective_from", "version %s takes effect on %s, not after version %s (%s): versions stand in the order in which they take effect", v.Name, v.EffectiveFrom, earlier.Name, earlier.EffectiveFrom)
		}
		if earlier.Name == v.Name {
			return p.file.Errorf(place+".version", "two versions are called %s", v.Name)
		}
	}
	return nil
}

func (p *Plan) checkRole(place, name string, role Role, known Known) error {
	var sum apd.Decimal
	if err := p.checkTiers(place+".tiers", role.Tiers); err != nil {
		return err
	}
	for _, metric := range role.MetricNames() {
		at := place + ".metrics." + metric
		m := role.Metrics[metric]
		if _, there := known[metric]; !there {
			return p.file.Errorf(at, "role %s: %s", name, known.unknown(metric))
		}
		if err := p.checkMetric(at, metric, known[metric].Kind, &m); err != nil {
			return err
		}
		role.Metrics[metric] = m
		if _, err := apd.BaseContext.WithPrecision(30).Add(&sum, &sum, &m.Weight.Decimal); err != nil {
			return p.file.Errorf(at+".weight", "weight %s: %v", m.Weight.Plain(), err)
		}
	}
	if sum.Cmp(apd.New(100, 0)) != 0 {
		return p.file.Errorf(place+".metrics", "the weights of role %s sum to %s, not to 100", name, Decimal{sum}.Plain())
	}
	return nil
}

func (p *Plan) checkMetric(place, name, kind string, m *Metric) error {
	if m.Weight.Sign() < 0 || m.Weight.Cmp(apd.New(100, 0)) > 0 {
		return p.file.Errorf(place+".weight", "%s: weight %s is not between 0 and 100", name, m.Weight.Plain())
	}
	if m.Weight.Exponent < -4 {
		return p.file.Errorf(place+".weight", "%s: weight %s has more than four decimals", name, m.Weight.Plain())
	}
	if m.Target.Cmp(&m.Floor.Decimal) == 0 {
		return p.file.Errorf(place+".target", "%s: target and floor are both %s; give a target, above the floor where more is better, below it where less is", name, m.Target.Plain())
	}
	if m.Cap == nil {
		m.Cap = &Decimal{*apd.New(120, 0)}
	}
	if m.Cap.Sign() < 0 || m.Cap.Cmp(apd.New(10000, 0)) > 0 || m.Cap.Exponent < -4 {
		return p.file.Errorf(place+".cap", "%s: cap %s is not between 0 and 10000 with at most four decimals", name, m.Cap.Plain())
	}
	if m.Normalise != "" && m.Normalise != ByPotential {
		return p.file.Errorf(place+".normalise", "%s: normalise is %s or left out, not %q", name, ByPotential, m.Normalise)
	}
	if m.Normalise != "" && kind != "sum" {
		return p.file.Errorf(place+".normalise", "%s is a %s; only what is summed up can be held against a territory's potential", name, kind)
	}
	m.kind = kind
	if m.MinSamples == nil {
		m.MinSamples = new(yamlfile.Whole)
		*m.MinSamples = leastSamples(kind)
	}
	if kind == "sum" && *m.MinSamples > 1 {
		return p.file.Errorf(place+".min_samples", "%s is a sum and counts from the first record on: with min_samples %d, doing a little would score less than doing nothing; leave it out", name, *m.MinSamples)
	}
	if *m.MinSamples < 0 {
		return p.file.Errorf(place+".min_samples", "%s: min_samples %d is below 0", name, *m.MinSamples)
	}
	if m.WhenMissing == "" {
		m.WhenMissing = whenMissing[0]
	}
	if !slices.Contains(whenMissing, m.WhenMissing) {
		return p.file.Errorf(place+".when_missing", "%s: when_missing is one of %s, not %q", name, list(whenMissing), m.WhenMissing)
	}
	return nil
}

// leastSamples is how many records a value is scored from, unless the plan says so:
// few of them move a rate easily, and a sum is right from the first one on.
func leastSamples(kind string) yamlfile.Whole {
	if kind == "sum" {
		return 1
	}
	return 3
}

// checkParameters refuses unknown ones and puts the models' defaults where the
// plan is silent, so that every version says all that it was computed with.
func (p *Plan) checkParameters(place string, v *Version, known Known) error {
	for _, metric := range slices.Sorted(maps.Keys(v.Parameters)) {
		definition, there := known[metric]
		defaults := definition.Parameters
		if !there {
			return p.file.Errorf(place+"."+metric, "%s", known.unknown(metric))
		}
		for _, name := range slices.Sorted(maps.Keys(v.Parameters[metric])) {
			if _, there := defaults[name]; !there {
				return p.file.Errorf(place+"."+metric+"."+name, "%s", definition.unknownParameter(metric, name))
			}
			for _, value := range v.Parameters[metric][name] {
				if choices := definition.Choices[name]; len(choices) > 0 && !slices.Contains(choices, value) {
					return p.file.Errorf(place+"."+metric+"."+name, "%s of %s is one of %s, not %q", name, metric, list(choices), value)
				}
			}
		}
	}
	complete := map[string]Settings{}
	for metric, definition := range known {
		complete[metric] = maps.Clone(definition.Parameters)
		if complete[metric] == nil {
			complete[metric] = Settings{}
		}
		maps.Copy(complete[metric], v.Parameters[metric])
	}
	v.Parameters = complete
	return p.checkNeeds(strings.TrimSuffix(place, ".parameters"), v, known)
}

// checkNeeds refuses a metric that a role is measured by and that nothing counts for
// as long as the plan does not say what does.
func (p *Plan) checkNeeds(place string, v *Version, known Known) error {
	for _, role := range v.RoleNames() {
		for _, metric := range v.Roles[role].MetricNames() {
			needs := known[metric].NeedsOneOf
			isSet := slices.ContainsFunc(needs, func(name string) bool { return len(v.Parameters[metric][name]) > 0 })
			if len(needs) > 0 && !isSet {
				return p.file.Errorf(place+".roles."+role+".metrics."+metric, "%s counts nothing unless the plan says what counts: set one of %s under parameters: %s:", metric, list(needs), metric)
			}
		}
	}
	return nil
}

// checkCoverage fills in how much of a plan has to be measured for a tier.
func (p *Plan) checkCoverage(place string, v *Version) error {
	if v.MinimumWeight == nil {
		v.MinimumWeight = &Decimal{*apd.New(60, 0)}
	}
	if v.MinimumWeight.Sign() < 0 || v.MinimumWeight.Cmp(apd.New(100, 0)) > 0 || v.MinimumWeight.Exponent < -4 {
		return p.file.Errorf(place+".minimum_weight", "minimum_weight %s is not between 0 and 100 with at most four decimals", v.MinimumWeight.Plain())
	}
	if v.BelowMinimum == "" {
		v.BelowMinimum = belowMinimum[0]
	}
	if !slices.Contains(belowMinimum, v.BelowMinimum) {
		return p.file.Errorf(place+".below_minimum_weight", "below_minimum_weight is one of %s, not %q", list(belowMinimum), v.BelowMinimum)
	}
	return nil
}

func (p *Plan) checkTiers(place string, tiers []Tier) error {
	for i, tier := range tiers {
		at := fmt.Sprintf("%s[%d]", place, i)
		if tier.Name == "" {
			return p.file.Errorf(at, "a tier needs a name: tier: bronze")
		}
		if slices.ContainsFunc(tiers[:i], func(t Tier) bool { return t.Name == tier.Name }) {
			return p.file.Errorf(at+".tier", "two tiers are called %s", tier.Name)
		}
		if tier.Multiplier.Sign() < 0 || tier.Multiplier.Cmp(apd.New(10000, 0)) > 0 || tier.Multiplier.Exponent < -4 {
			return p.file.Errorf(at+".multiplier", "tier %s: multiplier %s is not between 0 and 10000 with at most four decimals", tier.Name, tier.Multiplier.Plain())
		}
		if tier.From.Sign() < 0 || tier.From.Cmp(apd.New(10000, 0)) > 0 || tier.From.Exponent < -2 {
			return p.file.Errorf(at+".from", "tier %s begins at %s; scores are between 0 and 10000 and have two decimals", tier.Name, tier.From.Plain())
		}
		if i > 0 && tier.From.Cmp(&tiers[i-1].From.Decimal) <= 0 {
			return p.file.Errorf(at+".from", "tier %s begins at %s, not above tier %s (%s): tiers stand from low to high", tier.Name, tier.From.Plain(), tiers[i-1].Name, tiers[i-1].From.Plain())
		}
	}
	return nil
}

// unknown says which metrics there are, the one that was meant first.
func (k Known) unknown(metric string) string {
	names := slices.Sorted(maps.Keys(k))
	if now := Renamed(metric); slices.Contains(names, now) {
		return fmt.Sprintf("the metric %s is called %s now; write that", metric, now)
	}
	return fmt.Sprintf("there is no metric %q%s; there are %s", metric, meant(metric, names), list(names))
}

func (d Definition) unknownParameter(metric, name string) string {
	names := slices.Sorted(maps.Keys(d.Parameters))
	if instead := replacedParameters[metric+"."+name]; instead != "" {
		return fmt.Sprintf("%s has no parameter %q any more: %s", metric, name, instead)
	}
	if len(names) == 0 {
		return fmt.Sprintf("%s has no parameters, so no %q", metric, name)
	}
	return fmt.Sprintf("%s has no parameter %q%s; there are %s", metric, name, meant(name, names), list(names))
}

// meant is a question, "" when no name is near.
func meant(word string, names []string) string {
	if near := fault.Nearest(word, names); near != "" {
		return fmt.Sprintf(", did you mean %q?", near)
	}
	return ""
}
