package model

import (
	"context"
	"slices"
	"time"

	"github.com/sourcegraph/conc/pool"

	"merit/transform/warehouse"
)

// atOnce is how many statements a warehouse runs side by side.
func atOnce(wh warehouse.Warehouse) int {
	if p, isParallel := wh.(warehouse.Parallel); isParallel {
		return p.AtOnce()
	}
	return 1
}

// sideBySide does what is to be done for each, as many at once as the warehouse takes, and
// gives the first error; in their order where that is one.
func sideBySide[T any](ctx context.Context, wh warehouse.Warehouse, all []T, do func(context.Context, T) error) error {
	most := atOnce(wh)
	if most == 1 {
		for _, one := range all {
			if err := do(ctx, one); err != nil {
				return err
			}
		}
		return nil
	}
	tasks := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError().WithMaxGoroutines(most)
	for _, one := range all {
		tasks.Go(func(ctx context.Context) error { return do(ctx, one) })
	}
	return tasks.Wait()
}

// A makingResult is what came of making a model.
type makingResult struct {
	change
	rows int64
	took time.Duration
	err  error
}

// buildAll makes the models, each when what it reads is made; in the graph's order where
// the warehouse does one thing at a time. After a failure none is begun, and those that
// run come to their end.
func (g *Graph) buildAll(ctx context.Context, memory *Memory, changed []change, declared functions, seen func(Step)) error {
	waiting := slices.Clone(changed)
	isPending := map[string]bool{}
	for _, c := range changed {
		isPending[c.model.Name] = true
	}
	isReady := func(c change) bool {
		return !slices.ContainsFunc(c.model.Needs, func(need string) bool { return isPending[need] })
	}
	results := make(chan makingResult)
	var failed error
	most, running, done := atOnce(memory.wh), 0, 0
	for {
		for failed == nil && running < most {
			next := slices.IndexFunc(waiting, isReady)
			if next < 0 {
				break
			}
			c := waiting[next]
			waiting = slices.Delete(waiting, next, next+1)
			running++
			go func() { results <- c.make(ctx, memory.wh, declared, seen != nil) }()
		}
		if running == 0 {
			return failed
		}
		made := <-results
		running--
		if made.err != nil {
			if failed == nil {
				failed = made.err
			}
			continue
		}
		delete(isPending, made.model.Name)
		memory.madeOf(made.model.Name, made.of)
		if done++; seen != nil {
			seen(Step{Model: made.model.Name, Done: done, Of: len(changed), Rows: made.rows, Took: made.took})
		}
	}
}

// make makes the model's table and, where somebody wants to know, counts its rows.
func (c change) make(ctx context.Context, wh warehouse.Warehouse, declared functions, isCounted bool) makingResult {
	began := time.Now()
	made := makingResult{change: c}
	if made.err = c.model.build(ctx, wh, c.model.Relation(), declared); made.err != nil {
		return made
	}
	made.took = time.Since(began)
	if isCounted && !c.model.Header.IsView { // a view has no rows of its own
		made.rows, made.err = rowCount(ctx, wh, c.model.Relation())
	}
	return made
}

// rowCount counts a table's rows, without a query where the warehouse knows.
func rowCount(ctx context.Context, wh warehouse.Warehouse, r warehouse.Relation) (int64, error) {
	if counter, knows := wh.(warehouse.Counter); knows {
		return counter.RowsOf(ctx, r)
	}
	return count(ctx, wh, "select count(*) as n from "+r.String())
}
