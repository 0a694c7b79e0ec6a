package ledger

import (
	"fmt"
	"slices"

	"merit/pipelines/evidence"
	"merit/pipelines/project"
	"merit/pipelines/review"
)

// Decisions are those on flags and scores that count: of stewards and managers who were
// in force when they decided, or, before any list was in force, who are on the first one. What others
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
		list, err := l.decidersAt(d.Record)
		if err != nil {
			return nil, nil, err
		}
		switch isSignOff := d.Decision == review.SignedOff; {
		case isSignOff && slices.Contains(list.Managers, d.Key), !isSignOff && slices.Contains(list.Stewards, d.Key):
			counted = append(counted, d)
		case isSignOff:
			ignored = append(ignored, fmt.Sprintf("record %d of the evidence log: %s signed off a score and was no manager in force; it counts for nothing", d.Record, fingerprint(d.Key)))
		default:
			ignored = append(ignored, fmt.Sprintf("record %d of the evidence log: %s decided on the flag %s and was no steward in force; it counts for nothing", d.Record, fingerprint(d.Key), d.FlagID))
		}
	}
	return counted, ignored, nil
}

// decidersAt is the list by whose stewards and managers this record counts.
func (l *Ledger) decidersAt(number int64) (inForce, error) {
	list, err := l.listAt(number)
	if err != nil || list.Record >= 0 {
		return list, err
	}
	return l.firstList()
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
