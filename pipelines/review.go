package pipelines

import (
	"context"
	"fmt"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts/ledger"
	"merit/pipelines/plan"
	"merit/pipelines/project"
	"merit/pipelines/review"
)

// flagDecisions are the last decisions on flags by stewards in force, from the
// project's evidence log, and in words what others have decided.
func (j *Job) flagDecisions() (decisions []plan.FlagDecision, ignored []string, err error) {
	all, ignored, err := ledger.Decisions(j.Project, j.decidedBefore)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range review.Last(all) {
		decision := plan.FlagDecision{FlagID: d.FlagID, Decision: d.Decision, On: d.On, By: d.By, Reason: d.Reason}
		for _, r := range d.Records {
			decision.Records = append(decision.Records, plan.FlagRecord{Source: r.Source, RecordType: r.RecordType, RecordID: r.RecordID, OccurredAt: r.OccurredAt})
		}
		decisions = append(decisions, decision)
	}
	return decisions, ignored, nil
}

// A Flag is a pattern that somebody has to look at, as of the last build.
type Flag struct {
	ID, Rule, RepID, Role, Period, OpenedFor, Severity, State, Why string
	Score, Tier, ScoreIfConfirmed, TierIfConfirmed                 string // "": none
	DecidedOn, DecidedBy, Reason                                   string // "": not decided
	Suspects, Added                                                int64
}

// Flags are those of the last build; only those that wait for a decision unless all
// are wanted.
func (j *Job) Flags(ctx context.Context, all bool) ([]Flag, error) {
	if err := j.openWarehouse(); err != nil {
		return nil, err
	}
	query := "select * from (select flag_id, rule, rep_id, role, period, cast(opened_for as varchar) as opened_for, severity, state, why, " +
		"cast(score as varchar) as score, tier, cast(score_if_confirmed as varchar) as score_if_confirmed, tier_if_confirmed, " +
		"cast(decided_on as varchar) as decided_on, decided_by, reason, suspects, added from audits.flags) as flags"
	if !all {
		query += " where state in ('open', 'reopened')"
	}
	rows, err := j.rows(ctx, query+" order by period desc, severity, rule, rep_id, opened_for")
	if err != nil {
		return nil, fmt.Errorf("flags: %w", err)
	}
	var flags []Flag
	for _, row := range rows {
		flags = append(flags, Flag{
			ID: row.Text("flag_id"), Rule: row.Text("rule"), RepID: row.Text("rep_id"), Role: row.Text("role"), Period: row.Text("period"),
			OpenedFor: row.Text("opened_for"), Severity: row.Text("severity"), State: row.Text("state"), Why: row.Text("why"),
			Score: row.Text("score"), Tier: row.Text("tier"), ScoreIfConfirmed: row.Text("score_if_confirmed"), TierIfConfirmed: row.Text("tier_if_confirmed"),
			DecidedOn: row.Text("decided_on"), DecidedBy: row.Text("decided_by"), Reason: row.Text("reason"),
			Suspects: row.Int("suspects"), Added: row.Int("added"),
		})
	}
	return flags, nil
}

// A FlagRecord is a suspicious record behind a flag.
type FlagRecord struct {
	review.RecordKey
	Detail    string
	IsDecided bool
}

// FlagRecords are the records behind a flag, the oldest first.
func (j *Job) FlagRecords(ctx context.Context, flagID string) ([]FlagRecord, error) {
	rows, err := j.rows(ctx, "select source, record_type, record_id, occurred_at, detail, is_decided from audits.flag_records where flag_id = ? order by occurred_at, source, record_id", flagID)
	if err != nil {
		return nil, fmt.Errorf("records of flag %s: %w", flagID, err)
	}
	var records []FlagRecord
	for _, row := range rows {
		key := review.RecordKey{Source: row.Text("source"), RecordType: row.Text("record_type"), RecordID: row.Text("record_id"), OccurredAt: row.Time("occurred_at").UTC()}
		records = append(records, FlagRecord{RecordKey: key, Detail: row.Text("detail"), IsDecided: row.Bool("is_decided")})
	}
	return records, nil
}

// Review signs a decision on a flag of the last build, about all its records, and
// puts it into the evidence log. The next build counts by it.
func (j *Job) Review(ctx context.Context, flagID, decision, reason, keyName string) (Flag, error) {
	flag, err := j.Flag(ctx, flagID)
	if err != nil {
		return Flag{}, err
	}
	records, err := j.FlagRecords(ctx, flagID)
	if err != nil {
		return Flag{}, err
	}
	d := review.Decision{FlagID: flagID, Decision: decision, Reason: reason, Records: []review.RecordKey{}}
	for _, r := range records {
		d.Records = append(d.Records, r.RecordKey)
	}
	return flag, j.sign([]review.Decision{d}, j.Project.Settings.Payouts.Stewards, keyName)
}

// sign signs decisions of one kind with a key of the list that may make them, and puts
// them into the evidence log.
func (j *Job) sign(decisions []review.Decision, listed []string, keyName string) error {
	books, err := ledger.Open(j.Project)
	if err != nil {
		return err
	}
	key, err := evidence.ReadKey(books.KeyPath(keyName))
	if err != nil {
		return err
	}
	for _, d := range decisions {
		keys, err := evidence.PublicKeys(project.FileName+": payouts."+review.ListOf(d.Decision), listed, j.Project.Path)
		if err != nil {
			return err
		}
		if err := review.Append(books.Log(), time.Now(), d, key, keys); err != nil {
			return err
		}
	}
	return nil
}

func flagCalled(flags []Flag, id string) (Flag, error) {
	var ids []string
	for _, f := range flags {
		if f.ID == id {
			return f, nil
		}
		ids = append(ids, f.ID)
	}
	if len(ids) == 0 {
		return Flag{}, fault.Errorf(fault.You, "no flag %q: the last build raised none", id)
	}
	return Flag{}, fault.Errorf(fault.You, "no flag %q; `merit review list --all` shows them: %s", id, strings.Join(ids[:min(5, len(ids))], ", "))
}

// Flag is one flag of the last build.
func (j *Job) Flag(ctx context.Context, id string) (Flag, error) {
	flags, err := j.Flags(ctx, true)
	if err != nil {
		return Flag{}, err
	}
	return flagCalled(flags, id)
}
