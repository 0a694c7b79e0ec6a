// Package bucket is object storage as a lake needs it: whole objects that are
// written at once, read, listed and removed, and one kind of write that tells of
// two writers which came first. S3 and what speaks its protocol, and Google's.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode"

	"merit/connectors"
	"merit/connectors/fault"
)

// A Store is a folder of a bucket. Keys are below the folder. An object that is not
// there is fs.ErrNotExist; other errors are fault.Errors.
type Store interface {
	// Put writes a whole object: it is there with all its bytes, or not at all.
	Put(ctx context.Context, key string, file *os.File, size int64) error
	// Get reads an object; the caller closes it. A body that is cut is an error.
	Get(ctx context.Context, key string) (io.ReadCloser, Object, error)
	// List gives the objects whose keys begin with prefix.
	List(ctx context.Context, prefix string) iter.Seq2[Object, error]
	// Remove takes an object away. One that is gone already is no error.
	Remove(ctx context.Context, key string) error
	// Swap writes content where the object still has the tag was, or where there is
	// none when was is "". ErrChanged says that somebody else came first.
	Swap(ctx context.Context, key string, content []byte, was string) (tag string, err error)
	// Keeps tells how the bucket keeps what is removed or replaced; "" when it does not.
	Keeps(ctx context.Context) (string, error)
}

// An Object is one object of a bucket.
type Object struct {
	Key     string
	Size    int64
	Tag     string    // another one for every content
	Changed time.Time // by the store's clock
	Now     time.Time // by the store's clock, when it answered; Get only
}

// ErrChanged says that an object is not what a Swap expected.
var ErrChanged = errors.New("somebody else wrote it meanwhile")

// Settings say where a bucket is and as whom it is used.
type Settings struct {
	Location    string            // s3://bucket/folder or gs://bucket/folder
	Endpoint    string            // of a store that is not Amazon's or Google's own: https://minio.example:9000
	Region      string            // s3; none: asked for
	AccessKey   connectors.Secret // s3; none: the environment's, the shared file's, the machine's role
	SecretKey   connectors.Secret
	PathStyle   bool              // s3: the bucket's name in the path even where the host could have it
	Credentials string            // gs: a key file; none: Google's application default
	Attempts    int               // of each call; 0: 8
	Transport   http.RoundTripper // nil: the usual one
}

// usualAttempts bridge some five seconds of a store that is unwell.
const usualAttempts = 8

// Open gets a store ready. Nothing is asked of it yet.
func Open(ctx context.Context, s Settings) (Store, error) {
	at, err := Parse(s.Location)
	if err != nil {
		return nil, err
	}
	if u, err := url.Parse(s.Endpoint); err == nil && u.Scheme == "http" && !connectors.IsLoopback(u.Hostname()) {
		return nil, fault.Errorf(fault.You, "%s would have the bucket's keys and rows cross the network unencrypted; write https:// (http:// is for a store on this machine)", u.Redacted())
	}
	if s.Attempts == 0 {
		s.Attempts = usualAttempts
	}
	if s.Transport == nil {
		s.Transport = http.DefaultTransport
	}
	s.Transport = Watched(s.Transport)
	if at.Scheme == "gs" {
		return openGoogle(ctx, s, at)
	}
	return openS3(s, at)
}

// A Place is a bucket's location, taken apart.
type Place struct{ Scheme, Bucket, Folder string }

// String is the location again, without a slash at its end.
func (p Place) String() string {
	return strings.TrimSuffix(p.Scheme+"://"+p.Bucket+"/"+p.Folder, "/")
}

// IsBucket tells a bucket's location from a folder's.
func IsBucket(location string) bool { return strings.Contains(location, "://") }

// bucketName is what stores let buckets be called.
var bucketName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]{1,221}$`)

// Parse takes s3://bucket/folder and gs://bucket/folder apart.
func Parse(location string) (Place, error) {
	scheme, rest, _ := strings.Cut(location, "://")
	name, folder, _ := strings.Cut(rest, "/") // names of objects are no URLs: % is a letter like others
	if scheme != "s3" && scheme != "gs" {
		return Place{}, fault.Errorf(fault.You, "%s: a lake lies in a folder, or in a bucket as s3:// or gs://, not in %s://", location, scheme)
	}
	if !bucketName.MatchString(name) {
		return Place{}, fault.Errorf(fault.You, "%q is not the location of a bucket; write it as s3://bucket/folder or gs://bucket/folder", location)
	}
	folder = strings.Trim(folder, "/")
	if folder != "" && !fs.ValidPath(folder) {
		return Place{}, fault.Errorf(fault.You, "%s: the folder of a bucket may not have empty parts, . or ..", location)
	}
	if strings.ContainsAny(folder, "#?") || strings.ContainsFunc(folder, unicode.IsControl) {
		return Place{}, fault.Errorf(fault.You, "%q: the folder of a bucket may not have # or ?, at which other engines cut an object's name off, nor control characters", location)
	}
	return Place{Scheme: scheme, Bucket: name, Folder: folder}, nil
}

// key is an object's whole name in the bucket.
func (p Place) key(key string) string {
	if p.Folder == "" {
		return key
	}
	return p.Folder + "/" + key
}

// within is the opposite of key.
func (p Place) within(name string) string {
	if p.Folder == "" {
		return name
	}
	return strings.TrimPrefix(name, p.Folder+"/")
}

// fault says what was being done to which object, and who can mend it.
func (p Place) fault(doing, key string, status int, err error) error {
	if err == nil {
		return nil
	}
	where := p.String()
	if key != "" {
		where += "/" + key
	}
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s %s: %w", doing, where, err)
	case status == http.StatusNotFound && key != "":
		return fmt.Errorf("%s %s: %w", doing, where, fs.ErrNotExist)
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusBadRequest:
		return fault.Errorf(fault.You, "%s %s: %w", doing, where, err)
	}
	return fault.Errorf(fault.Them, "%s %s: %w", doing, where, err)
}
