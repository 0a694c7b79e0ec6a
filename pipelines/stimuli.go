package pipelines

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts/ledger"
	"merit/pipelines/plan"
	"merit/pipelines/project"
	"merit/pipelines/review"
)

// A Stimulus is a challenge that the last build proposes, and why.
type Stimulus struct {
	ID, Team, Role, Metric, State, Text string
	Challenge                           plan.Challenge
}

// Proposed is what approving a stimulus would do to plan.yml.
type Proposed struct {
	Stimulus
	Added         string // the lines that the plan would have more
	before, after []byte
}

// everybody is what marts.stimuli calls all teams together.
const everybody = "(all)"

// Stimuli are those of the last build.
func (j *Job) Stimuli(ctx context.Context) ([]Stimulus, error) {
	if err := j.openWarehouse(); err != nil {
		return nil, err
	}
	rows, err := j.rows(ctx, "select stimulus_id, team, role, metric, state, text, challenge, cast(starts_on as string) as starts_on, cast(ends_on as string) as ends_on from marts.stimuli order by role, metric, team")
	if err != nil {
		return nil, fmt.Errorf("stimuli: %w", err)
	}
	var all []Stimulus
	for _, row := range rows {
		s := Stimulus{ID: row.Text("stimulus_id"), Team: row.Text("team"), Role: row.Text("role"), Metric: row.Text("metric"), State: row.Text("state"), Text: row.Text("text")}
		s.Challenge = plan.Challenge{Name: row.Text("challenge"), Metric: s.Metric, From: row.Text("starts_on"), To: row.Text("ends_on")}
		if s.Team != everybody {
			s.Challenge.Teams = []string{s.Team}
		}
		all = append(all, s)
	}
	return all, nil
}

// Propose is what plan.yml would have more by a stimulus of the last build.
func (j *Job) Propose(s Stimulus) (Proposed, error) {
	path := j.Project.Path(j.Project.Settings.Files.Plan)
	before, err := os.ReadFile(path)
	if err != nil {
		return Proposed{}, fault.Errorf(fault.You, "read the plan: %w", err)
	}
	after, err := plan.WithChallenge(j.Project.Settings.Files.Plan, before, s.Challenge, j.Known())
	if err != nil {
		return Proposed{}, err
	}
	return Proposed{Stimulus: s, Added: added(before, after), before: before, after: after}, nil
}

// added are the lines of one text that another one does not have, which is it but for these.
func added(before, after []byte) string {
	old, lines := strings.SplitAfter(string(before), "\n"), strings.SplitAfter(string(after), "\n")
	first := 0
	for first < len(old) && first < len(lines) && old[first] == lines[first] {
		first++
	}
	return strings.Join(lines[first:first+len(lines)-len(old)], "")
}

// ApproveStimulus signs the approval of a stimulus into the evidence log, then writes
// its challenge into plan.yml. The next build counts by it.
func (j *Job) ApproveStimulus(ctx context.Context, id, reason, keyName string) (Proposed, error) {
	all, err := j.Stimuli(ctx)
	if err != nil {
		return Proposed{}, err
	}
	for _, s := range all {
		if s.ID != id {
			continue
		}
		if s.State != "proposed" {
			return Proposed{}, fault.Errorf(fault.You, "%s: a challenge of %s runs or is planned already", id, s.Metric)
		}
		p, err := j.Propose(s)
		if err != nil {
			return Proposed{}, err
		}
		if err := j.signApproval(p, reason, keyName); err != nil {
			return Proposed{}, err
		}
		return p, writeOver(j.Project.Path(j.Project.Settings.Files.Plan), p.after)
	}
	return Proposed{}, fault.Errorf(fault.You, "no stimulus %q; `merit programme propose` shows what there is", id)
}

func (j *Job) signApproval(p Proposed, reason, keyName string) error {
	books, err := ledger.Open(j.Project)
	if err != nil {
		return err
	}
	key, err := evidence.ReadKey(books.KeyPath(keyName))
	if err != nil {
		return err
	}
	managers, err := evidence.PublicKeys(project.FileName+": payouts.managers", j.Project.Settings.Payouts.Managers, j.Project.Path)
	if err != nil {
		return err
	}
	return review.Approve(books.Log(), time.Now(), review.Approval{
		StimulusID: p.ID, Reason: reason, Evidence: p.Text, Added: p.Added, PlanBefore: digestOf(p.before), PlanAfter: digestOf(p.after),
	}, key, managers)
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// writeOver puts a text in the place of a file at once, so that nobody reads half of it.
func writeOver(path string, text []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return fault.Errorf(fault.You, "write %s: %w", path, err)
	}
	beside := path + ".new"
	file, err := os.OpenFile(beside, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return fault.Errorf(fault.You, "write %s: %w", path, err)
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(beside, path)
	}
	if err != nil {
		return fault.Errorf(fault.You, "write %s: %w", path, err)
	}
	return nil
}
