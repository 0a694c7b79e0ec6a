package bigquery

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	bq "cloud.google.com/go/bigquery"

	"merit/connectors/fault"
)

// leastTimeTravel is the shortest time for which BigQuery keeps what was replaced.
// Working tables are replaced by every run, and nobody asks for what they were.
const leastTimeTravel = 48 * time.Hour

// location is where jobs run; "" is Google's own choice.
func (w *Warehouse) location() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.place
}

// work makes the dataset of a schema that only Merit uses.
func (w *Warehouse) work(ctx context.Context, schema string) error {
	if err := w.settle(ctx); err != nil {
		return err
	}
	return w.ensure(ctx, w.names.dataset(schema), bq.DatasetMetadata{
		Description:   "Merit's own tables (" + schema + "): rebuilt by every build, for nobody else to read",
		MaxTimeTravel: leastTimeTravel,
	})
}

// published makes the dataset that readers are let into.
func (w *Warehouse) published(ctx context.Context) error {
	return w.ensure(ctx, w.names.Dataset, bq.DatasetMetadata{Description: "Scores, and what they rest on: what Merit publishes"})
}

// settle finds out where everything lies: where the published dataset is, when somebody
// made it and merit.yml does not say.
func (w *Warehouse) settle(ctx context.Context) error {
	if w.location() != "" {
		return nil
	}
	about, err := w.dataset(ctx, w.names.Dataset)
	if err != nil || about == nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.place = about.Location
	return nil
}

// dataset is what BigQuery says of one; nil: it is not there.
func (w *Warehouse) dataset(ctx context.Context, name string) (about *bq.DatasetMetadata, err error) {
	err = w.attempt(ctx, func(ctx context.Context, _ int) (err error) {
		about, err = w.client.Dataset(name).Metadata(ctx)
		return err
	})
	if hasStatus(err, http.StatusNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("dataset %s: %w", name, told(err))
	}
	return about, nil
}

// ensure makes a dataset unless it is there, and refuses one in which Merit would be wrong.
func (w *Warehouse) ensure(ctx context.Context, name string, wanted bq.DatasetMetadata) error {
	if w.isMade(name) {
		return nil
	}
	w.making.Lock() // what is built side by side makes a dataset once
	defer w.making.Unlock()
	if w.isMade(name) {
		return nil
	}
	about, err := w.dataset(ctx, name)
	if err != nil {
		return err
	}
	if about == nil {
		if about, err = w.makeDataset(ctx, name, wanted); err != nil {
			return fmt.Errorf("dataset %s: %w", name, told(err))
		}
	}
	if err := w.fits(name, about); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made[name] = true
	if w.place == "" {
		w.place = about.Location
	}
	return nil
}

func (w *Warehouse) isMade(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.made[name]
}

// fits refuses a dataset in another place, or one that forgets.
func (w *Warehouse) fits(name string, about *bq.DatasetMetadata) error {
	place := w.location()
	switch {
	case place != "" && about.Location != "" && !strings.EqualFold(place, about.Location):
		return fault.Errorf(fault.You, "dataset %s lies in %s, and Merit works in %s: BigQuery joins nothing across locations; set warehouse.bigquery.location in merit.yml to %s, or name another dataset", name, about.Location, place, about.Location)
	case about.DefaultTableExpiration > 0:
		return fault.Errorf(fault.You, "dataset %s drops its tables after %s: history and published tables would be lost; remove its default table expiration (alter schema %s set options (default_table_expiration_days = null))", name, days(about.DefaultTableExpiration), identifier(name))
	case about.DefaultPartitionExpiration > 0:
		return fault.Errorf(fault.You, "dataset %s drops rows that are older than %s: scores would be computed from the rest; remove its default partition expiration (alter schema %s set options (default_partition_expiration_days = null))", name, days(about.DefaultPartitionExpiration), identifier(name))
	}
	return nil
}

func days(d time.Duration) string { return fmt.Sprintf("%g days", d.Hours()/24) }

// makeDataset lets nobody in but the project's owners and whoever runs Merit. Unsaid,
// BigQuery lets in everybody who may see the project (API: Dataset.access).
func (w *Warehouse) makeDataset(ctx context.Context, name string, wanted bq.DatasetMetadata) (*bq.DatasetMetadata, error) {
	wanted.Location, wanted.Labels = w.location(), labels()
	wanted.Access = []*bq.AccessEntry{{Role: bq.OwnerRole, EntityType: bq.SpecialGroupEntity, Entity: "projectOwners"}}
	if me := w.user(ctx); me != "" {
		wanted.Access = append(wanted.Access, &bq.AccessEntry{Role: bq.OwnerRole, EntityType: bq.UserEmailEntity, Entity: me})
	}
	if w.kmsKey != "" {
		wanted.DefaultEncryptionConfig = &bq.EncryptionConfig{KMSKeyName: w.kmsKey}
	}
	err := w.attempt(ctx, func(ctx context.Context, _ int) error {
		err := w.client.Dataset(name).Create(ctx, &wanted)
		if hasStatus(err, http.StatusConflict) { // an answer was lost, or somebody was quicker
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return w.dataset(ctx, name)
}

// user is whom BigQuery takes us for; "" where it does not tell, which whatever comes next
// will explain. The question reads no table and bills nothing.
func (w *Warehouse) user(ctx context.Context) string {
	rows, err := w.query(ctx, "user", "select session_user()", nil)
	if err != nil {
		return ""
	}
	var cells []bq.Value
	if err := rows.Next(&cells); err != nil || len(cells) != 1 {
		return ""
	}
	email, _ := cells[0].(string)
	if !strings.Contains(email, "@") {
		return ""
	}
	return email
}
