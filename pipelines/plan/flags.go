package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Severities of a flag rule: high holds the payout line until somebody has looked.
var severities = []string{"high", "look", "off"}

// SignedOff is the decision of a manager that a score may be paid on.
const SignedOff = "signed off"

// A FlagDecision is what a steward decided on a flag, with the records that it was
// about, or a manager's sign-off.
type FlagDecision struct {
	FlagID   string // or the sign-off's
	Decision string // confirmed, dismissed or reopened; signed off
	On       string // 2026-01-31
	By       string // the name of the key that signed it
	Reason   string
	Records  []FlagRecord
}

// A FlagRecord is something that happened to a record.
type FlagRecord struct {
	Source, RecordType, RecordID string
	OccurredAt                   time.Time
}

// CheckFlags refuses what the plan says of rules that there are not, or that they
// do not take.
func (p *Plan) CheckFlags(rules Rules) error {
	for i, v := range p.Versions {
		for _, rule := range slices.Sorted(maps.Keys(v.Flags)) {
			place := fmt.Sprintf("$.versions[%d].flags.%s", i, rule)
			defaults, there := rules[rule]
			if !there {
				names := slices.Sorted(maps.Keys(rules))
				return p.file.Errorf(place, "there is no flag rule %q%s; there are %s", rule, meant(rule, names), list(names))
			}
			for _, name := range slices.Sorted(maps.Keys(v.Flags[rule])) {
				values := v.Flags[rule][name]
				if _, there := defaults[name]; !there {
					names := slices.Sorted(maps.Keys(defaults))
					return p.file.Errorf(place+"."+name, "rule %s has no parameter %q%s; there are %s", rule, name, meant(name, names), list(names))
				}
				if name == "severity" && (len(values) != 1 || !slices.Contains(severities, values[0])) {
					return p.file.Errorf(place+"."+name, "severity of %s is one of %s, not %q", rule, list(severities), list(values))
				}
				if name != "severity" && (len(values) != 1 || !isNumber(values[0])) {
					return p.file.Errorf(place+"."+name, "%s of %s is a number, not %q", name, rule, list(values))
				}
			}
		}
	}
	return nil
}

// ruleSettings are the rules' parameters as this version has them.
func (v Version) ruleSettings(rules Rules) map[string]Settings {
	all := map[string]Settings{}
	for rule, defaults := range rules {
		all[rule] = maps.Clone(defaults)
		maps.Copy(all[rule], v.Flags[rule])
	}
	return all
}

// addDecisions adds the rows of the tables of decisions and of sign-offs.
func (in Inputs) addDecisions(tables map[string][]Row) {
	for _, d := range in.Decisions {
		if d.Decision == SignedOff {
			tables["sign_offs"] = append(tables["sign_offs"], Row{d.FlagID, d.On, d.By, d.Reason})
			continue
		}
		tables["flag_decisions"] = append(tables["flag_decisions"], Row{d.FlagID, d.Decision, d.On, d.By, d.Reason})
		for _, r := range d.Records {
			tables["flag_decision_records"] = append(tables["flag_decision_records"], Row{d.FlagID, r.Source, r.RecordType, r.RecordID, r.OccurredAt})
		}
	}
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}
