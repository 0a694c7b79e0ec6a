package laketest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// A Foreign says where real servers are that `make foreign-lake` has started.
type Foreign struct {
	Store, Catalog      string // their addresses
	AccessKey, Secret   string // of the store
	Warehouse           string // the catalog's, if it has several
	ClientID, ClientKey string // of the catalog; none: it lets everybody in
	Names               string // of tables in the catalog
	Bucket, Folder      string // that there is; the folder in which the catalog wants all tables to lie, if it does
}

// ForeignOf gives the servers that the environment names; false when it names none.
func ForeignOf() (Foreign, bool) {
	f := Foreign{
		Store: os.Getenv("MERIT_FOREIGN_STORE"), Catalog: os.Getenv("MERIT_FOREIGN_CATALOG"), Warehouse: os.Getenv("MERIT_FOREIGN_WAREHOUSE"),
		AccessKey: os.Getenv("MERIT_FOREIGN_KEY"), Secret: os.Getenv("MERIT_FOREIGN_SECRET"), Bucket: os.Getenv("MERIT_FOREIGN_BUCKET"),
		ClientID: os.Getenv("MERIT_FOREIGN_CLIENT"), ClientKey: os.Getenv("MERIT_FOREIGN_CLIENT_SECRET"), Names: os.Getenv("MERIT_FOREIGN_NAMES"),
		Folder: os.Getenv("MERIT_FOREIGN_FOLDER"),
	}
	return f, f.Store != ""
}

// NewForeign is a cloud of real servers, with a folder of the bucket and a namespace of its
// own; trouble happens on the way to them.
func NewForeign(f Foreign) (*Cloud, error) {
	objects := &foreignObjects{bucket: f.Bucket, name: "t" + strings.ToLower(rand.Text()[:12])}
	objects.location, objects.prefix = objects.name+"/lake", objects.name+"/"
	if f.Folder != "" { // of which this cloud has the namespaces that begin with its name
		objects.location, objects.prefix = f.Folder, f.Folder+"/"+objects.name
	}
	at, err := url.Parse(f.Store)
	if err != nil {
		return nil, err
	}
	if objects.client, err = minio.New(at.Host, &minio.Options{Creds: credentials.NewStaticV4(f.AccessKey, f.Secret, ""), Region: "us-east-1", BucketLookup: minio.BucketLookupPath}); err != nil {
		return nil, err
	}
	c := &Cloud{objects: objects, scheme: "s3", StoreTrouble: &Trouble{}, CatalogTrouble: &Trouble{}, foreign: &f, Tables: &Catalog{}}
	for server, trouble := range map[string]*Trouble{f.Store: c.StoreTrouble, f.Catalog: c.CatalogTrouble} {
		target, err := url.Parse(server)
		if err != nil {
			return nil, err
		}
		target.Path = "" // the caller says it, since catalogs name themselves by what they are asked
		proxy := &httputil.ReverseProxy{
			Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }, // which is signed
			ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		}
		started := httptest.NewServer(trouble.before(proxy))
		if server == f.Store {
			c.Store = started
		} else {
			c.Catalog = started
		}
	}
	return c, nil
}

// IsForeign tells a cloud of real servers.
func (c *Cloud) IsForeign() bool { return c.foreign != nil }

// Settings of the cloud: what lets in, and how the catalog calls things.
func (c *Cloud) Settings() Foreign {
	if c.foreign != nil {
		return *c.foreign
	}
	return Foreign{AccessKey: AccessKey, Secret: SecretKey, Warehouse: Warehouse, ClientID: ClientID, ClientKey: ClientSecret, Bucket: Bucket}
}

// CatalogURL is where the catalog is asked.
func (c *Cloud) CatalogURL() string {
	if c.foreign != nil {
		if at, err := url.Parse(c.foreign.Catalog); err == nil {
			return c.Catalog.URL + at.Path
		}
	}
	return c.Catalog.URL
}

// Namespace is what this cloud's namespaces in the catalog begin with; "" for the usual one.
func (c *Cloud) Namespace() string {
	if one, isForeign := c.objects.(*foreignObjects); isForeign {
		return one.name
	}
	return ""
}

// foreignObjects are those of one folder of a bucket.
type foreignObjects struct {
	client           *minio.Client
	bucket, name     string
	location, prefix string
}

func (o *foreignObjects) put(key string, content []byte) error {
	_, err := o.client.PutObject(context.Background(), o.bucket, key, bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
	return err
}

func (o *foreignObjects) get(key string) ([]byte, error) {
	found, err := o.client.GetObject(context.Background(), o.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	defer found.Close()
	return io.ReadAll(found)
}

func (o *foreignObjects) keys() ([]string, error) {
	var keys []string
	for found := range o.client.ListObjects(context.Background(), o.bucket, minio.ListObjectsOptions{Prefix: o.prefix, Recursive: true}) {
		if found.Err != nil {
			return nil, fmt.Errorf("listing %s: %w", o.prefix, found.Err)
		}
		keys = append(keys, found.Key)
	}
	return keys, nil
}
