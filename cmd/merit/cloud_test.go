package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"merit/connectors"
	"merit/transform/lake/bucket"
	"merit/transform/lake/laketest"
)

// scriptClouds are the clouds that scripts have started, by script.
type scriptClouds map[string]*scriptCloud

type scriptCloud struct {
	*laketest.Cloud
	keyFile string
	lease   *bucket.Lease
}

// cloud s3|gs starts a store and a catalog and says in the environment where they are
// and by what they let in: CLOUD_LAKE, CLOUD_STORE, CLOUD_CATALOG, CLOUD_ACCESS_KEY,
// CLOUD_SECRET_KEY, CLOUD_CLIENT_SECRET, and CLOUD_KEY_FILE for Google's.
func (c scriptClouds) serve(ts *testscript.TestScript, _ bool, args []string) {
	open := map[string]func() *laketest.Cloud{"s3": laketest.NewS3, "gs": laketest.NewGoogle}[args[0]]
	if open == nil {
		ts.Fatalf("there are s3 and gs, not %s", args[0])
	}
	cloud := &scriptCloud{Cloud: open()}
	ts.Defer(cloud.Close)
	c[ts.Getenv("WORK")] = cloud
	key, err := cloud.KeyFile()
	ts.Check(err)
	if key != nil {
		cloud.keyFile = filepath.Join(ts.Getenv("WORK"), "google.json")
		ts.Check(os.WriteFile(cloud.keyFile, key, 0o600))
	}
	for name, value := range map[string]string{
		"CLOUD_LAKE": cloud.Location(), "CLOUD_STORE": cloud.Store.URL, "CLOUD_CATALOG": cloud.Catalog.URL, "CLOUD_KEY_FILE": cloud.keyFile,
		"CLOUD_ACCESS_KEY": laketest.AccessKey, "CLOUD_SECRET_KEY": laketest.SecretKey, "CLOUD_CLIENT_SECRET": laketest.ClientSecret,
	} {
		ts.Setenv(name, value)
	}
}

// lease take|give: another machine takes the lake in the cloud, or gives it back.
func (c scriptClouds) hold(ts *testscript.TestScript, _ bool, args []string) {
	cloud := c[ts.Getenv("WORK")]
	ctx := context.Background()
	if args[0] == "give" {
		ts.Check(cloud.lease.Release(ctx))
		return
	}
	store, err := bucket.Open(ctx, bucket.Settings{
		Location: cloud.Location(), Endpoint: cloud.Store.URL, Region: "eu-central-1", Credentials: cloud.keyFile, Transport: &http.Transport{},
		AccessKey: connectors.NewSecret(laketest.AccessKey), SecretKey: connectors.NewSecret(laketest.SecretKey),
	})
	ts.Check(err)
	cloud.lease, err = bucket.Take(ctx, store, "merit.lock", "another machine's mark", "another machine", 0, bucket.LeaseTime)
	ts.Check(err)
}

// flip LOCATION-SUFFIX changes a byte of the first object whose name ends so.
func (c scriptClouds) flip(ts *testscript.TestScript, _ bool, args []string) {
	cloud := c[ts.Getenv("WORK")]
	all, err := cloud.Objects()
	ts.Check(err)
	for _, one := range all {
		if found, _ := filepath.Match(cloud.Location()+"/"+args[0], one); !found {
			continue
		}
		content, err := cloud.Object(one)
		ts.Check(err)
		content = append([]byte{}, content...)
		content[len(content)/2] ^= 1
		ts.Check(cloud.Overwrite(one, content))
		return
	}
	ts.Fatalf("no object is like %s", args[0])
}
