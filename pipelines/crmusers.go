package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"merit/pipelines/plan"
	"merit/transform/warehouse"
)

// crmUsers are the users of all sources as of the last build.
func (j *Job) crmUsers(ctx context.Context) ([]plan.CRMUser, error) {
	rows, err := j.rows(ctx, "select source, user_id, email from staging.users order by source, user_id")
	if err != nil {
		return nil, warehouse.NotBuilt(err)
	}
	var users []plan.CRMUser
	for _, row := range rows {
		users = append(users, plan.CRMUser{Source: row.Text("source"), ID: row.Text("user_id"), Email: row.Text("email")})
	}
	return users, nil
}

// checkUsers refuses two reps who claim one CRM user, which only staging can tell.
func (j *Job) checkUsers(ctx context.Context, in plan.Inputs) error {
	users, err := j.crmUsers(ctx)
	if err != nil {
		return err
	}
	return plan.SharedUsers(in.Roster, users)
}

// People says what somebody should look at in the roster, and refuses two reps who
// claim one CRM user. The users are those of the last build; before the first one
// there are none to compare with, which is said too.
func (j *Job) People(ctx context.Context, in plan.Inputs) (notes []string, err error) {
	notes = plan.LookAlikes(in.Roster)
	if w := j.Project.Settings.Warehouse; !w.UsesBigQuery() {
		if _, err := os.Stat(j.Project.Path(w.DuckDB)); errors.Is(err, fs.ErrNotExist) {
			return append(notes, "the roster was not compared with the users of the sources: nothing was built yet"), nil
		}
	}
	users, err := []plan.CRMUser(nil), j.openWarehouse()
	if err == nil {
		users, err = j.crmUsers(ctx)
	}
	if err != nil {
		return append(notes, fmt.Sprintf("the roster was not compared with the users of the sources: %v", err)), nil
	}
	rows, err := j.rows(ctx, "select min(starts_at) as starts_at from plan.periods")
	if err != nil {
		return notes, err
	}
	notes = append(notes, plan.Unmatched(in.Roster, users, rows[0].Time("starts_at"))...)
	return notes, plan.SharedUsers(in.Roster, users)
}
