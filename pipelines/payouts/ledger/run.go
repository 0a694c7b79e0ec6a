package ledger

import (
	"time"

	"merit/pipelines/calendar"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
	"merit/pipelines/plan"
	"merit/pipelines/project"
)

// quarterOf finds the quarter of a period's name.
type quarterOf func(name string) (calendar.Quarter, error)

// ran is the body of a run's record: what the numbers were computed from.
type ran struct {
	Command   string             `json:"command"`
	AsOf      string             `json:"as_of"`
	Fault     bool               `json:"is_fault"` // its words stay in the run log
	Documents map[string]string  `json:"documents_sha256"`
	Snapshots []payouts.Snapshot `json:"snapshots"`
}

// A Run is a run or build that has ended.
type Run struct {
	Command   string
	AsOf      time.Time
	Failed    bool
	Snapshots []payouts.Snapshot
	Documents map[string][]byte // as the run read them; nil: as they are now
	Models    string            // SHA-256 of the models
	Excluded  []plan.Exclusion
	Decided   []plan.FlagDecision // that the run counted by
}

// LogRun adds a run to the evidence log, with the hashes of what went into it; of one
// that failed only what there was.
func LogRun(p *project.Project, r Run) error {
	log, err := evidence.OpenLog(p.Dir)
	if err != nil {
		return err
	}
	body := ran{Command: r.Command, AsOf: r.AsOf.UTC().Format(time.RFC3339), Fault: r.Failed, Snapshots: r.Snapshots}
	if r.Documents == nil {
		if r.Documents, err = Documents(p); err != nil && !body.Fault {
			return err
		}
	}
	if body.Documents, err = buildInputs(p, r.Documents, r.Models); err != nil {
		return err
	}
	exclusions, err := evidence.Canonical(r.Excluded)
	if err != nil {
		return err
	}
	body.Documents["exclusions"] = sumOf(exclusions)
	if body.Documents[flagsSeen], err = decisionsSum(r.Decided); err != nil {
		return err
	}
	_, err = log.Append(time.Now(), "run", "", body)
	return err
}

// NewKey makes a person's key in the project's keys folder, unless a locked file
// was touched, which stops every payout command.
func NewKey(p *project.Project, name string) (evidence.Public, error) {
	l, err := Open(p)
	if err != nil {
		return evidence.Public{}, err
	}
	key, err := evidence.NewKey(l.project.Path("keys"), name)
	return key.Public, err
}
