package pipelines

import (
	"context"
	"time"

	"merit/pipelines/calendar"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
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

// Witness adds a run or build to the evidence log, with the hashes of what went
// into it; of one that failed only what there was.
func (j *Job) Witness(ctx context.Context, r Record) error {
	log, err := evidence.OpenLog(j.Project.Dir)
	if err != nil {
		return err
	}
	body := ran{Command: r.Command, AsOf: r.AsOf.UTC().Format(time.RFC3339), Fault: r.Fault != "", Documents: map[string]string{}}
	documents, err := j.documents()
	if err != nil && !body.Fault {
		return err
	}
	for name, text := range documents {
		body.Documents[name] = sumOf(text)
	}
	if body.Snapshots, err = j.snapshots(context.WithoutCancel(ctx)); err != nil && !body.Fault {
		return err
	}
	_, err = log.Append(time.Now(), "run", "", body)
	return err
}

// NewKey makes a person's key in the project's keys folder, unless a locked file
// was touched, which stops every payout command.
func NewKey(p *project.Project, name string) (evidence.Public, error) {
	l, err := openLedger(p)
	if err != nil {
		return evidence.Public{}, err
	}
	key, err := evidence.NewKey(l.project.Path("keys"), name)
	return key.Public, err
}
