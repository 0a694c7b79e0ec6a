package pipelines

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines/project"
	"merit/transform/lake"
	"merit/transform/lake/bucket"
	"merit/transform/warehouse"
)

// openLake opens the lake that merit.yml names, in a folder or in a bucket.
func openLake(p *project.Project) (*lake.Lake, error) {
	s, secrets, err := p.Lake()
	if err != nil {
		return nil, err
	}
	if !s.UsesBucket() {
		return lake.Open(p.Path(s.Location))
	}
	if s.Credentials != "" {
		s.Credentials = p.Path(strings.TrimPrefix(s.Credentials, "file:"))
	}
	c := s.Catalog
	return lake.OpenRemote(context.Background(), lake.Remote{
		Copies: p.Path(s.Copies),
		Store: bucket.Settings{
			Location: s.Location, Endpoint: s.Endpoint, Region: s.Region, PathStyle: s.PathStyle, Credentials: s.Credentials,
			AccessKey: secrets.AccessKey, SecretKey: secrets.SecretKey,
		},
		Catalog: lake.CatalogSettings{
			URI: c.URI, Warehouse: c.Warehouse, Namespace: c.Namespace, TokenURI: c.TokenURI, Scope: c.Scope, Google: c.Google, Project: c.Project,
			Names: c.Names, Signing: lake.Signing{Service: c.Signing, Region: s.Region},
			Token: secrets.Token, ClientID: c.ClientID, ClientSecret: secrets.ClientSecret,
		},
	})
}

// Hold takes the lake for this process alone, beside the project's lock with its
// number: other machines may have projects on the same bucket. ErrBusy says that one
// of them is writing.
func (j *Job) Hold(ctx context.Context, number int64) (giveBack func() error, err error) {
	holder, err := j.holder()
	if err != nil {
		return nil, fault.Errorf(fault.You, "this project's own mark: %w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "a machine without a name"
	}
	giveBack, err = j.Lake.Hold(ctx, host+" "+holder, host+" "+j.Project.Dir, number)
	if errors.Is(err, bucket.ErrHeld) {
		return nil, fmt.Errorf("%w: the lake %s: %w", ErrBusy, j.Lake.Root(), err)
	}
	return giveBack, err
}

// holder is this project's own mark in the bucket's lock. Who holds the project's
// lock knows an earlier process with this mark to be dead.
func (j *Job) holder() (string, error) {
	path := filepath.Join(j.Project.State(), "holder")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text = []byte(rand.Text() + "\n")
		err = os.WriteFile(path, text, 0o600)
	}
	return strings.TrimSpace(string(text)), err
}

// fetch brings files of a bucket here, unless the warehouse reads them where they lie.
func (j *Job) fetch(ctx context.Context, tables []lake.Pinned) error {
	if reader, can := j.Warehouse.(warehouse.BucketReader); can && reader.ReadsFrom(j.Lake.Root()) {
		return nil
	}
	if err := j.Lake.Fetch(ctx, tables); err != nil {
		return fmt.Errorf("fetching files of the lake: %w", err)
	}
	return nil
}
