// Package bigquery is the warehouse for companies that outgrow one machine: the
// same tables as DuckDB's, in datasets of a Google Cloud project.
//
// Every statement comes in common SQL and is written in BigQuery's own here
// (localise.go). Everything that takes time is a job with an id of ours, so that
// it can be asked for again after a broken line, and cancelled (jobs.go).
package bigquery

import (
	"context"

	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"

	bq "cloud.google.com/go/bigquery"
	gax "github.com/googleapis/gax-go/v2"
	"google.golang.org/api/option"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

// Settings say where the warehouse is and who we are there.
type Settings struct {
	Project        string
	Dataset        string // what is published lies in it; the rest in <dataset>_core, <dataset>_staging …
	Location       string // EU, US, europe-west3 …; "" is Google's own choice
	Credentials    string // a key file; "" is Google's application default
	Endpoint       string // another address of the API, for tests; it is spoken to without sign-in
	MaxBytesBilled int64  // a query that would bill more is refused; 0: no cap
}

// A Warehouse is a project's datasets.
type Warehouse struct {
	names   Names
	client  *bq.Client
	maxBill int64
	backoff gax.Backoff   // between attempts
	oneCall time.Duration // how long one request may take, the client's own retries included

	mu   sync.Mutex
	made map[string]bool // datasets known to be there
}

var (
	_ warehouse.Warehouse = (*Warehouse)(nil)
	_ warehouse.Estimator = (*Warehouse)(nil)
)

// labels mark everything of ours, for the bill and for whoever cleans up.
func labels() map[string]string { return map[string]string{"product": "merit"} }

var (
	datasetName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,199}$`)
	projectName = regexp.MustCompile(`^([a-z][a-z0-9.-]*:)?[a-z][a-z0-9-]{2,61}[a-z0-9]$`)
)

// Open signs in. Nothing is asked of BigQuery yet.
func Open(ctx context.Context, s Settings) (*Warehouse, error) {
	switch {
	case !projectName.MatchString(s.Project):
		return nil, fault.Errorf(fault.You, "warehouse: %q is no id of a Google Cloud project", s.Project)
	case !datasetName.MatchString(s.Dataset):
		return nil, fault.Errorf(fault.You, "warehouse: %q can't be a dataset's name: letters, digits and _", s.Dataset)
	case s.MaxBytesBilled < 0:
		return nil, fault.Errorf(fault.You, "warehouse: max_bytes_billed is %d; it can't be below 0", s.MaxBytesBilled)
	}
	options := []option.ClientOption{option.WithUserAgent("merit")}
	switch {
	case s.Endpoint != "":
		options = append(options, option.WithEndpoint(s.Endpoint), option.WithoutAuthentication())
	case s.Credentials != "":
		options = append(options, option.WithAuthCredentialsFile(option.ServiceAccount, s.Credentials))
	}
	client, err := bq.NewClient(ctx, s.Project, options...)
	if err != nil {
		return nil, fault.Errorf(fault.You, "warehouse %s: sign in: %w", s.Project, err)
	}
	client.Location = s.Location
	return &Warehouse{
		names: Names{s.Dataset}, client: client, maxBill: s.MaxBytesBilled, made: map[string]bool{},
		// Google's SLA asks for at least one second, doubling up to 32.
		backoff: gax.Backoff{Initial: time.Second, Max: 32 * time.Second, Multiplier: 2},
		oneCall: 2 * time.Minute,
	}, nil
}

// Dialect names sql/bigquery.sql.
func (w *Warehouse) Dialect() string { return "bigquery" }

// Close lets go of connections; jobs are over by then.
func (w *Warehouse) Close() error {
	if err := w.client.Close(); err != nil {
		return fmt.Errorf("warehouse %s: close: %w", w.client.Project(), err)
	}
	return nil
}

// Exec runs one or more statements in one job.
func (w *Warehouse) Exec(ctx context.Context, statements string) error {
	sql, err := w.names.Localise(statements)
	if err != nil {
		return fmt.Errorf("warehouse: %w", err)
	}
	if _, err := w.query(ctx, "exec", sql, nil); err != nil {
		return fmt.Errorf("warehouse: %w", err)
	}
	return nil
}

// ensure makes a dataset unless it is there.
func (w *Warehouse) ensure(ctx context.Context, dataset, description string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.made[dataset] {
		return nil
	}
	set := w.client.Dataset(dataset)
	err := w.attempt(ctx, func(ctx context.Context, _ int) error {
		// Whoever made it for us need not let us make others.
		_, err := set.Metadata(ctx)
		if !hasStatus(err, http.StatusNotFound) {
			return err
		}
		err = set.Create(ctx, &bq.DatasetMetadata{Location: w.client.Location, Description: description, Labels: labels()})
		if hasStatus(err, http.StatusConflict) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("dataset %s: %w", dataset, told(err))
	}
	w.made[dataset] = true
	return nil
}

// work makes the dataset of a schema that only Merit uses.
func (w *Warehouse) work(ctx context.Context, schema string) error {
	return w.ensure(ctx, w.names.dataset(schema), "Merit's own tables ("+schema+"): made anew by every build, for nobody else to read")
}

// table is the client's name of a table.
func (w *Warehouse) table(schema, table string) *bq.Table {
	return w.client.Dataset(w.names.dataset(schema)).Table(table)
}
