package pipelines

import (
	"context"
	"fmt"

	"merit/connectors/fault"
	"merit/pipelines/plan"
	"merit/pipelines/review"
)

// A Borderline is a score that a manager should look at, as of the last build.
type Borderline struct {
	review.Score
	ID       string // of the sign-off
	State    string // told, waiting or signed
	SignedBy string // "": nobody
	SignedOn string
	Because  string
}

// Borderlines are the scores that a manager should look at; only those that the plan
// wants signed off and nobody has signed unless all are wanted.
func (j *Job) Borderlines(ctx context.Context, all bool) ([]Borderline, error) {
	if err := j.openWarehouse(); err != nil {
		return nil, err
	}
	query := "select * from (select rep_id, period, role, reason, detail, cast(score as varchar) as score, sign_off_id, state, signed_by, " +
		"cast(signed_on as varchar) as signed_on, signed_because from audits.borderline) as scores"
	if !all {
		query += " where state = 'waiting'"
	}
	rows, err := j.rows(ctx, query+" order by period desc, rep_id, role, reason")
	if err != nil {
		return nil, fmt.Errorf("scores that a manager should look at: %w", err)
	}
	var found []Borderline
	for _, row := range rows {
		found = append(found, Borderline{
			Score: review.Score{RepID: row.Text("rep_id"), Period: row.Text("period"), Role: row.Text("role"), Why: row.Text("reason"), Detail: row.Text("detail"), Score: row.Text("score")},
			ID:    row.Text("sign_off_id"), State: row.Text("state"), SignedBy: row.Text("signed_by"), SignedOn: row.Text("signed_on"), Because: row.Text("signed_because"),
		})
	}
	return found, nil
}

// SignOff signs all that waits for a manager of one person and period, each by
// itself. The next build releases the line.
func (j *Job) SignOff(ctx context.Context, rep, period, reason, keyName string) ([]Borderline, error) {
	waiting, err := j.Borderlines(ctx, false)
	if err != nil {
		return nil, err
	}
	var signed []Borderline
	var decisions []review.Decision
	for _, b := range waiting {
		if b.RepID != rep || b.Period != period {
			continue
		}
		signed = append(signed, b)
		decisions = append(decisions, review.Decision{FlagID: b.ID, Decision: review.SignedOff, Reason: reason, Records: []review.RecordKey{}, Signed: &b.Score})
	}
	if len(signed) == 0 {
		return nil, fault.Errorf(fault.You, "nothing of %s in %s waits for a sign-off; `merit review borderline` shows what does", rep, period)
	}
	return signed, j.sign(decisions, j.Project.Settings.Payouts.Managers, keyName)
}

// managersAreNamed refuses a plan that asks for a manager's sign-off where nobody
// could give it.
func managersAreNamed(p *plan.Plan, managers []string) error {
	if version := p.AsksSignOff(); version != "" && len(managers) == 0 {
		return fault.Errorf(fault.You, "version %s of the plan asks for a manager's sign-off, and merit.yml names no managers: write their public keys under payouts.managers; `merit payout keygen NAME` makes one", version)
	}
	return nil
}
