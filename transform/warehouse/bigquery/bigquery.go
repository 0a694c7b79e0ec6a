// Package bigquery is the warehouse for companies that outgrow one machine: the
// same tables as DuckDB's, in datasets of a Google Cloud project.
//
// Every statement comes in common SQL and is written in BigQuery's own here
// (localise.go). Everything that takes time is a job with an id of ours, so that
// it can be asked for again after a broken line, and cancelled (jobs.go).
package bigquery

import (
	"cmp"
	"context"
	"fmt"
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
	JobsAtOnce     int    // that a build runs side by side; 0: 8
	KMSKey         string // what tables are encrypted with; "" is Google's own key
}

// A Warehouse is a project's datasets.
type Warehouse struct {
	names   Names
	client  *bq.Client
	maxBill int64
	backoff gax.Backoff   // between attempts
	oneCall time.Duration // how long one request may take, the client's own retries included
	// perUpload is how long slowestUpload bytes may take to be sent.
	perUpload time.Duration
	kmsKey    string
	atOnce    int

	making sync.Mutex // held while a dataset is looked for and made

	mu    sync.Mutex
	made  map[string]bool // datasets known to be there
	place string          // where they lie; "" until one is there or the settings say so
}

var (
	_ warehouse.Warehouse = (*Warehouse)(nil)
	_ warehouse.Estimator = (*Warehouse)(nil)
)

// mostTables is more than any query of ours names, and leastCap what it bills at least.
const (
	mostTables = 100
	leastCap   = mostTables * leastBilled
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
	case s.JobsAtOnce < 0:
		return nil, fault.Errorf(fault.You, "warehouse: jobs_at_once is %d; it can't be below 0", s.JobsAtOnce)
	case s.MaxBytesBilled < 0:
		return nil, fault.Errorf(fault.You, "warehouse: max_bytes_billed is %d; it can't be below 0", s.MaxBytesBilled)
	case s.MaxBytesBilled > 0 && s.MaxBytesBilled < leastCap:
		return nil, fault.Errorf(fault.You, "warehouse: max_bytes_billed is %d, and every run would be refused: a query bills at least %d bytes for each table that it names, and the largest names %d; allow at least %d", s.MaxBytesBilled, leastBilled, mostTables, leastCap)
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
	return &Warehouse{
		names: Names{s.Dataset}, client: client, maxBill: s.MaxBytesBilled, made: map[string]bool{}, place: s.Location, kmsKey: s.KMSKey, atOnce: cmp.Or(s.JobsAtOnce, usuallyAtOnce),
		// Google's SLA asks for at least one second, doubling up to 32.
		backoff: gax.Backoff{Initial: time.Second, Max: 32 * time.Second, Multiplier: 2},
		oneCall: 2 * time.Minute, perUpload: time.Second,
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

// table is the client's name of a table.
func (w *Warehouse) table(schema, table string) *bq.Table {
	return w.client.Dataset(w.names.dataset(schema)).Table(table)
}
