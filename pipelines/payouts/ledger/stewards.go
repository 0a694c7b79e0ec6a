package ledger

import (
	"fmt"

	"merit/pipelines/evidence"
	"merit/pipelines/project"
	"merit/pipelines/review"
)

// Decisions are those on flags that count: of stewards who were in force when they
// decided, or, before any list was in force, who are on the first one. What others
// have signed counts for nothing and is told in words. Records from before on are not
// looked at; 0 is all.
func Decisions(p *project.Project, before int64) (counted []review.Decision, ignored []string, err error) {
	log, err := evidence.OpenLog(p.Dir)
	if err != nil {
		return nil, nil, err
	}
	all, err := review.All(log)
	if err != nil {
		return nil, nil, err
	}
	l := &Ledger{project: p, log: log}
	for _, d := range all {
		if before > 0 && d.Record >= before {
			break
		}
		list, err := l.stewardsAt(d.Record)
		if err != nil {
			return nil, nil, err
		}
		if list[d.Key] {
			counted = append(counted, d)
			continue
		}
		ignored = append(ignored, fmt.Sprintf("record %d of the evidence log: %s decided on the flag %s and was no steward in force; it counts for nothing", d.Record, fingerprint(d.Key), d.FlagID))
	}
	return counted, ignored, nil
}

// stewardsAt are the public keys whose decision of this record counts.
func (l *Ledger) stewardsAt(number int64) (map[string]bool, error) {
	list, err := l.listAt(number)
	if err != nil {
		return nil, err
	}
	if list.Record < 0 {
		if list, err = l.firstList(); err != nil {
			return nil, err
		}
	}
	keys := map[string]bool{}
	for _, key := range list.Stewards {
		keys[key] = true
	}
	return keys, nil
}

// firstList is the first that was put in force, and until then the one of merit.yml.
func (l *Ledger) firstList() (inForce, error) {
	for _, r := range l.log.Records() {
		if r.Kind == approversRecord {
			var first inForce
			return first, jsonBody(r, &first)
		}
	}
	return l.listed()
}
