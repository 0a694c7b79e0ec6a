package pipelines

import (
	"context"
	"fmt"
	"strings"
	"time"

	"merit/transform/warehouse"
)

// Digest is what a steward reads once a week: the flags that wait for a decision with
// what they would change, what was decided in the seven days before the as-of, and
// the scores that a manager should look at. It follows from the last build and the
// evidence log alone, so the same build gives the same text.
func (j *Job) Digest(ctx context.Context) (week, text string, err error) {
	flags, err := j.Flags(ctx, true)
	if err != nil {
		return "", "", err
	}
	rows, err := j.rows(ctx, "select as_of_at from plan.as_of")
	if err != nil {
		return "", "", warehouse.NotBuilt(err)
	}
	asOf := rows[0].Time("as_of_at").UTC()
	year, number := asOf.ISOWeek()
	week = fmt.Sprintf("%d-W%02d", year, number)
	var b strings.Builder
	fmt.Fprintf(&b, "# Flags, week %s\n\nAs of %s.\n", week, asOf.Format("2006-01-02 15:04 UTC"))
	if err := j.digestWaiting(ctx, &b, flags); err != nil {
		return "", "", err
	}
	digestDecided(&b, flags, asOf)
	if err := j.digestBorderline(ctx, &b); err != nil {
		return "", "", err
	}
	return week, b.String(), nil
}

func (j *Job) digestWaiting(ctx context.Context, b *strings.Builder, flags []Flag) error {
	b.WriteString("\n## Waiting for a decision\n\n")
	waiting := 0
	for _, f := range flags {
		if f.State != "open" && f.State != "reopened" {
			continue
		}
		waiting++
		fmt.Fprintf(b, "- **%s** (%s, %s): %s, %s, %s\n  %s\n", f.ID, f.Severity, f.State, f.RepID, f.Role, f.Period, f.Why)
		if f.ScoreIfConfirmed == "" {
			continue
		}
		money, err := j.FlagMoney(ctx, f)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "  score %s, if confirmed %s; pays %s, if confirmed %s\n", f.Score, f.ScoreIfConfirmed, money.AsItStands, money.IfConfirmed)
	}
	if waiting == 0 {
		b.WriteString("None.\n")
	}
	return nil
}

func digestDecided(b *strings.Builder, flags []Flag, asOf time.Time) {
	b.WriteString("\n## Decided in the last seven days\n\n")
	decided := 0
	for _, f := range flags {
		on, err := time.Parse(time.DateOnly, f.DecidedOn)
		if err != nil || on.Before(asOf.AddDate(0, 0, -7)) {
			continue
		}
		decided++
		fmt.Fprintf(b, "- **%s**: %s on %s by %s: %s\n", f.ID, f.State, f.DecidedOn, f.DecidedBy, f.Reason)
	}
	if decided == 0 {
		b.WriteString("Nothing.\n")
	}
}

// digestBorderline lists what a manager should look at in the last period that is over
// and the one that runs.
func (j *Job) digestBorderline(ctx context.Context, b *strings.Builder) error {
	b.WriteString("\n## Scores that a manager should look at\n\n")
	rows, err := j.rows(ctx, `select borderline.period, borderline.rep_id, borderline.role, borderline.reason, borderline.detail, borderline.state, borderline.signed_by
		from audits.borderline
		join plan.periods using (period)
		cross join plan.as_of
		where periods.ends_on >= as_of.today_on - 92
		order by borderline.period, borderline.rep_id, borderline.role, borderline.reason`)
	if err != nil {
		return warehouse.NotBuilt(err)
	}
	for _, row := range rows {
		fmt.Fprintf(b, "- %s, %s, %s: %s, %s", row.Text("period"), row.Text("rep_id"), row.Text("role"), row.Text("reason"), row.Text("detail"))
		switch row.Text("state") {
		case "waiting":
			b.WriteString("; **waits for a manager's sign-off**")
		case "signed":
			fmt.Fprintf(b, "; signed off by %s", row.Text("signed_by"))
		}
		b.WriteString("\n")
	}
	if len(rows) == 0 {
		b.WriteString("None.\n")
	}
	return nil
}
