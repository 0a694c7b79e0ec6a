package bigquery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"merit/transform/warehouse"
)

var _ warehouse.Examiner = (*Warehouse)(nil)

// Examine looks at the rights and the datasets that a run will meet. Nothing is made.
func (w *Warehouse) Examine(ctx context.Context) (findings []string, err error) {
	if _, err := w.dryRun(ctx, "select 1"); err != nil {
		return nil, fmt.Errorf("warehouse %s: %w", w.client.Project(), err)
	}
	who := w.user(ctx)
	if who == "" {
		who = "somebody whose name it does not tell"
	}
	findings = append(findings, fmt.Sprintf("signed in to BigQuery's project %s as %s; jobs may be run", w.client.Project(), who))
	names, err := w.ours(ctx)
	if err != nil {
		return findings, err
	}
	if len(names) == 0 {
		return append(findings, fmt.Sprintf("no dataset is called %s or begins with %s_ yet: the first run makes them, for which Merit's account needs BigQuery Data Editor on the project", w.names.Dataset, w.names.Dataset)), nil
	}
	if err := w.settle(ctx); err != nil {
		return findings, err
	}
	var unfit []error
	for _, name := range names {
		about, err := w.dataset(ctx, name)
		if err != nil || about == nil {
			unfit = append(unfit, err)
			continue
		}
		if err := w.fits(name, about); err != nil {
			unfit = append(unfit, err)
		}
		if open := w.letsIn(name, about); open != "" {
			findings = append(findings, open)
		}
	}
	if !slices.Contains(names, w.names.Dataset) {
		findings = append(findings, fmt.Sprintf("dataset %s is not there yet: the first run makes it, in %s; make it yourself to choose who reads it from the start", w.names.Dataset, orDefault(w.location())))
	}
	return findings, errors.Join(unfit...)
}

func orDefault(location string) string {
	if location == "" {
		return "US, which is Google's choice"
	}
	return location
}

// ours are the datasets that are there by our names.
func (w *Warehouse) ours(ctx context.Context) ([]string, error) {
	var names []string
	err := w.attempt(ctx, func(ctx context.Context, _ int) error {
		names = nil
		all := w.client.Datasets(ctx)
		for {
			set, err := all.Next()
			if errors.Is(err, iterator.Done) {
				return nil
			}
			if err != nil {
				return err
			}
			if set.DatasetID == w.names.Dataset || strings.HasPrefix(set.DatasetID, w.names.Dataset+"_") {
				names = append(names, set.DatasetID)
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("warehouse %s: datasets: %w", w.client.Project(), told(err))
	}
	slices.Sort(names)
	return names, nil
}

// everybody are BigQuery's groups of people whom nobody named.
var everybody = []string{"projectReaders", "projectWriters", "allAuthenticatedUsers", "allUsers"}

// letsIn says that a dataset for Merit alone is open to others: "" when it is not. One that
// an earlier version made is.
func (w *Warehouse) letsIn(name string, about *bq.DatasetMetadata) string {
	if name == w.names.Dataset {
		return ""
	}
	var groups []string
	for _, access := range about.Access {
		if slices.Contains(everybody, access.Entity) {
			groups = append(groups, access.Entity)
		}
	}
	if len(groups) == 0 {
		return ""
	}
	return fmt.Sprintf("dataset %s holds what only Merit should see, and is open to %s: take them out of its access list (console: Sharing, Permissions)", name, strings.Join(groups, " and "))
}
