package pipelines

import (
	"context"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

// An Estimate is what building one model would read.
type Estimate struct {
	Model string
	warehouse.Estimate
	Err error // why it can't be told: mostly, a table before it was never built
}

// Estimate asks the warehouse what each model of a pattern would read, against the
// tables as the last build left them. Nothing is built.
func (j *Job) Estimate(ctx context.Context, pattern string) ([]Estimate, error) {
	if err := j.openWarehouse(); err != nil {
		return nil, err
	}
	estimator, bills := j.Warehouse.(warehouse.Estimator)
	if !bills {
		return nil, fault.Errorf(fault.You, "%s bills nothing: a dry run is for BigQuery", j.Project.WarehousePlace())
	}
	names, err := j.Graph.Select(pattern)
	if err != nil {
		return nil, fault.Error{Who: fault.You, Err: err}
	}
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	var estimates []Estimate
	for _, m := range j.Graph.Models() {
		if !wanted[m.Name] {
			continue
		}
		query, err := m.Compile(j.Warehouse.Dialect())
		if err != nil {
			return nil, err
		}
		e := Estimate{Model: m.Name}
		e.Estimate, e.Err = estimator.Estimate(ctx, query)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		estimates = append(estimates, e)
	}
	return estimates, nil
}

// ExamineWarehouse looks at a warehouse that somebody else runs, as a run will find it.
func (j *Job) ExamineWarehouse(ctx context.Context) ([]string, error) {
	if !j.Project.Settings.Warehouse.UsesBigQuery() {
		return nil, nil
	}
	if err := j.openWarehouse(); err != nil {
		return nil, err
	}
	examiner, can := j.Warehouse.(warehouse.Examiner)
	if !can {
		return nil, nil
	}
	return examiner.Examine(ctx)
}
