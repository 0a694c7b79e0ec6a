package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/auth/credentials"
	"cloud.google.com/go/auth/httptransport"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	storage "google.golang.org/api/storage/v1"

	"merit/connectors/fault"
)

// A googleStore speaks the JSON protocol of Google's Cloud Storage.
type googleStore struct {
	Place
	service  *storage.Service
	attempts int
}

func openGoogle(ctx context.Context, s Settings, at Place) (Store, error) {
	var options []option.ClientOption
	if s.Endpoint != "" {
		options = append(options, option.WithEndpoint(strings.TrimSuffix(s.Endpoint, "/")+"/storage/v1/"))
	}
	client := &http.Client{Transport: s.Transport}
	if s.Endpoint == "" || s.Credentials != "" {
		var err error
		if client, err = GoogleClient(s.Credentials, s.Transport, storage.DevstorageReadWriteScope); err != nil {
			return nil, err
		}
	}
	service, err := storage.NewService(ctx, append(options, option.WithHTTPClient(client))...)
	if err != nil {
		return nil, fault.Errorf(fault.You, "%s: %w", at, err)
	}
	return &googleStore{Place: at, service: service, attempts: s.Attempts}, nil
}

// GoogleClient signs its calls: as the key file says, or as Google's application
// default when there is none.
func GoogleClient(keyFile string, under http.RoundTripper, scope string) (*http.Client, error) {
	detect := &credentials.DetectOptions{Scopes: []string{scope}, Client: &http.Client{Transport: under}}
	var key *httptransport.Options
	if keyFile == "" {
		found, err := credentials.DetectDefault(detect)
		if err != nil {
			return nil, fault.Errorf(fault.You, "signing in at Google: %w", err)
		}
		key = &httptransport.Options{Credentials: found}
	} else {
		found, err := credentials.NewCredentialsFromFile(credentials.ServiceAccount, keyFile, detect)
		if err != nil {
			return nil, fault.Errorf(fault.You, "signing in at Google as %s says: %w", keyFile, err)
		}
		key = &httptransport.Options{Credentials: found}
	}
	key.BaseRoundTripper = under
	client, err := httptransport.NewClient(key)
	if err != nil {
		return nil, fault.Errorf(fault.You, "signing in at Google: %w", err)
	}
	return client, nil
}

func (s *googleStore) told(doing, key string, err error) error {
	var reply *googleapi.Error
	if !errors.As(err, &reply) {
		return s.fault(doing, key, 0, err)
	}
	if reply.Code == http.StatusNotFound && strings.Contains(reply.Message, "bucket does not exist") {
		return fault.Errorf(fault.You, "%s %s: there is no such bucket, or it is not shown to this account", doing, s.Place)
	}
	return s.fault(doing, key, reply.Code, fmt.Errorf("%d %s", reply.Code, reply.Message))
}

// attempt repeats a call that can be repeated while Google is unwell.
func (s *googleStore) attempt(ctx context.Context, call func() error) error {
	for n := 0; ; n++ {
		err := call()
		if err == nil || n+1 >= s.attempts || ctx.Err() != nil || !isPassing(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(rand.N(min(200*time.Millisecond<<n, time.Second))):
		}
	}
}

// isPassing tells what may be over in a moment: 408, 429, 5xx, a broken connection.
func isPassing(err error) bool {
	var reply *googleapi.Error
	if errors.As(err, &reply) {
		return reply.Code == http.StatusRequestTimeout || reply.Code == http.StatusTooManyRequests || reply.Code >= 500
	}
	var known fault.Error
	return !errors.As(err, &known)
}

// once keeps the library from repeating by its own rules, without an end.
func once(error) bool { return false }

func (s *googleStore) Put(ctx context.Context, key string, file *os.File, size int64) error {
	return s.told("writing", key, s.attempt(ctx, func() error {
		made, err := s.service.Objects.Insert(s.Bucket, &storage.Object{Name: s.key(key)}).Context(ctx).WithRetry(nil, once).
			Media(io.NewSectionReader(file, 0, size), googleapi.ChunkSize(0), googleapi.ContentType("application/octet-stream")).Do()
		if err == nil && int64(made.Size) != size {
			err = fmt.Errorf("%d bytes of %d arrived", made.Size, size)
		}
		return err
	}))
}

func (s *googleStore) Get(ctx context.Context, key string) (body io.ReadCloser, o Object, err error) {
	err = s.attempt(ctx, func() error {
		reply, err := s.service.Objects.Get(s.Bucket, s.key(key)).Context(ctx).Download()
		if err != nil {
			return err
		}
		o = Object{Key: key, Size: reply.ContentLength, Tag: reply.Header.Get("X-Goog-Generation")}
		o.Now, _ = http.ParseTime(reply.Header.Get("Date"))
		o.Changed, _ = http.ParseTime(reply.Header.Get("Last-Modified"))
		body = reply.Body
		return nil
	})
	return body, o, s.told("reading", key, err)
}

func (s *googleStore) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for token := ""; ; {
			var page *storage.Objects
			err := s.attempt(ctx, func() (err error) {
				page, err = s.service.Objects.List(s.Bucket).Prefix(s.key(prefix)).PageToken(token).Context(ctx).Do()
				return err
			})
			if err != nil {
				yield(Object{}, s.told("listing", "", err))
				return
			}
			for _, found := range page.Items {
				changed, _ := time.Parse(time.RFC3339Nano, found.Updated)
				one := Object{Key: s.within(found.Name), Size: int64(found.Size), Tag: strconv.FormatInt(found.Generation, 10), Changed: changed}
				if !yield(one, nil) {
					return
				}
			}
			if token = page.NextPageToken; token == "" {
				return
			}
		}
	}
}

func (s *googleStore) Remove(ctx context.Context, key string) error {
	err := s.attempt(ctx, func() error { return s.service.Objects.Delete(s.Bucket, s.key(key)).Context(ctx).Do() })
	var reply *googleapi.Error
	if errors.As(err, &reply) && reply.Code == http.StatusNotFound {
		return nil
	}
	return s.told("removing", key, err)
}

func (s *googleStore) Swap(ctx context.Context, key string, content []byte, was string) (string, error) {
	generation := int64(0) // Google's word for: must not be there
	if was != "" {
		var err error
		if generation, err = strconv.ParseInt(was, 10, 64); err != nil {
			return "", fault.Errorf(fault.Us, "%s/%s: tag %q is no generation", s.Place, key, was)
		}
	}
	var made *storage.Object
	err := s.attempt(ctx, func() (err error) {
		made, err = s.service.Objects.Insert(s.Bucket, &storage.Object{Name: s.key(key)}).IfGenerationMatch(generation).Context(ctx).
			WithRetry(nil, once).Media(bytes.NewReader(content), googleapi.ChunkSize(0)).Do()
		return err
	})
	var reply *googleapi.Error
	if errors.As(err, &reply) && reply.Code == http.StatusPreconditionFailed {
		return isOurs(ctx, s, key, content)
	}
	if err != nil {
		return "", s.told("writing", key, err)
	}
	return strconv.FormatInt(made.Generation, 10), nil
}

func (s *googleStore) Keeps(ctx context.Context) (string, error) {
	var about *storage.Bucket
	err := s.attempt(ctx, func() (err error) {
		about, err = s.service.Buckets.Get(s.Bucket).Context(ctx).Do()
		return err
	})
	switch {
	case err != nil:
		return "", s.told("asking for the settings of", "", err)
	case about.Versioning != nil && about.Versioning.Enabled:
		return "versions (versioning is enabled)", nil
	case about.SoftDeletePolicy != nil && about.SoftDeletePolicy.RetentionDurationSeconds > 0:
		return fmt.Sprintf("what is removed for %s (soft delete)", time.Duration(about.SoftDeletePolicy.RetentionDurationSeconds)*time.Second), nil
	}
	return "", nil
}
