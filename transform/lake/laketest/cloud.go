// Package laketest is a cloud on loopback, for tests of a lake in a bucket: a store
// that speaks S3's or Google's protocol, and an Iceberg REST catalog that keeps to
// the rules of Iceberg's OpenAPI document for commits that collide. Both ask for
// credentials, and both can be given trouble.
package laketest

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// What the cloud lets in; everything else is refused.
const (
	Bucket       = "acme-history"
	AccessKey    = "AKIDACMEACMEACMEACME"
	SecretKey    = "canary-secret-key-of-the-store"
	ClientID     = "merit"
	ClientSecret = "canary-secret-of-the-catalog"
	Warehouse    = "acme"
)

// A Cloud is both servers.
type Cloud struct {
	Store   *httptest.Server
	Catalog *httptest.Server
	Tables  *Catalog
	// Trouble is between the caller and the servers; nil: none.
	StoreTrouble, CatalogTrouble *Trouble

	objects objects
	scheme  string
	foreign *Foreign // nil: the servers of this package
}

// objects are the store from behind, as its operator sees it.
type objects interface {
	put(key string, content []byte) error
	get(key string) ([]byte, error)
	keys() ([]string, error)
}

// NewS3 is a cloud whose store speaks S3's protocol.
func NewS3() *Cloud {
	memory := s3mem.New()
	if err := memory.CreateBucket(Bucket); err != nil {
		panic(err) // of an empty memory
	}
	known := onlyKnown(gofakes3.New(memory, gofakes3.WithoutVersioning()).Server())
	return newCloud("s3", known, s3Objects{memory})
}

// NewGoogle is a cloud whose store speaks the JSON protocol of Google's.
func NewGoogle() *Cloud {
	store := newGoogleStore()
	return newCloud("gs", store, store)
}

func newCloud(scheme string, store http.Handler, o objects) *Cloud {
	c := &Cloud{objects: o, scheme: scheme, StoreTrouble: &Trouble{}, CatalogTrouble: &Trouble{}}
	c.Tables = newCatalog(scheme+"://"+Bucket+"/", func(location string, content []byte) error {
		return o.put(strings.TrimPrefix(location, scheme+"://"+Bucket+"/"), content)
	})
	c.Store = httptest.NewServer(c.StoreTrouble.before(store))
	c.Catalog = httptest.NewServer(c.CatalogTrouble.before(c.Tables))
	return c
}

// KeyFile is a file by which Google's store lets in; nil for S3's, which has keys.
func (c *Cloud) KeyFile() ([]byte, error) {
	if c.scheme != "gs" {
		return nil, nil
	}
	return keyFile(c.Store.URL + "/token")
}

// Close stops both servers.
func (c *Cloud) Close() {
	c.Store.Close()
	c.Catalog.Close()
}

// Location is a lake's in this cloud.
func (c *Cloud) Location() string {
	if one, isForeign := c.objects.(*foreignObjects); isForeign {
		return "s3://" + one.bucket + "/" + one.location
	}
	return c.scheme + "://" + Bucket + "/lake"
}

// root is what all locations begin with.
func (c *Cloud) root() string { return c.scheme + "://" + c.Settings().Bucket + "/" }

// Object gives an object's content by its whole location, past the protocol.
func (c *Cloud) Object(location string) ([]byte, error) {
	return c.objects.get(strings.TrimPrefix(location, c.root()))
}

// Overwrite changes an object past the protocol.
func (c *Cloud) Overwrite(location string, content []byte) error {
	return c.objects.put(strings.TrimPrefix(location, c.root()), content)
}

// Objects are the locations of all objects there are.
func (c *Cloud) Objects() ([]string, error) {
	keys, err := c.objects.keys()
	for i := range keys {
		keys[i] = c.root() + keys[i]
	}
	return keys, err
}

// onlyKnown refuses calls that are not signed with the access key there is. The
// signature itself is not computed again.
func onlyKnown(store http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="+AccessKey+"/") {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`<?xml version="1.0"?><Error><Code>InvalidAccessKeyId</Code><Message>The AWS access key Id you provided does not exist in our records.</Message></Error>`))
			return
		}
		if r.URL.Query().Has("versioning") && r.Method == http.MethodGet { // gofakes3 knows no versioning here
			_, _ = w.Write([]byte(`<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`))
			return
		}
		if r.ContentLength < 0 { // an upload in chunks: Amazon takes them, gofakes3 does not
			content, err := unchunked(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(content)), int64(len(content))
			r.Header.Set("Content-Length", strconv.Itoa(len(content)))
			r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
			r.Header.Del("Content-Encoding")
		}
		store.ServeHTTP(w, r)
	})
}

// unchunked reads aws-chunked: a line with each chunk's size in hexadecimal, the
// chunk, an end of line; after a chunk of no size come checksums.
func unchunked(body io.Reader) ([]byte, error) {
	in := bufio.NewReader(body)
	var content []byte
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		digits, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		size, err := strconv.ParseInt(digits, 16, 32)
		if err != nil || size == 0 {
			return content, err
		}
		chunk := make([]byte, size+2)
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil, err
		}
		content = append(content, chunk[:size]...)
	}
}

type s3Objects struct{ memory *s3mem.Backend }

func (s s3Objects) put(key string, content []byte) error {
	_, err := s.memory.PutObject(Bucket, key, map[string]string{"Last-Modified": time.Now().UTC().Format(http.TimeFormat)}, bytes.NewReader(content), int64(len(content)), nil)
	return err
}

func (s s3Objects) get(key string) ([]byte, error) {
	found, err := s.memory.GetObject(Bucket, key, nil)
	if err != nil {
		return nil, err
	}
	defer found.Contents.Close()
	var content bytes.Buffer
	_, err = content.ReadFrom(found.Contents)
	return content.Bytes(), err
}

func (s s3Objects) keys() ([]string, error) {
	list, err := s.memory.ListBucket(Bucket, nil, gofakes3.ListBucketPage{})
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, one := range list.Contents {
		keys = append(keys, one.Key)
	}
	return keys, nil
}
