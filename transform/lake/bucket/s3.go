package bucket

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"merit/connectors/fault"
)

// An s3Store speaks S3's protocol.
type s3Store struct {
	Place
	client minio.Core
}

func openS3(s Settings, at Place) (Store, error) {
	host, secure := "s3.amazonaws.com", true
	if s.Endpoint != "" {
		u, err := url.Parse(s.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
			return nil, fault.Errorf(fault.You, "%q is not the endpoint of a store; write it as https://minio.example:9000", s.Endpoint)
		}
		host, secure = u.Host, u.Scheme == "https"
	}
	options := &minio.Options{
		Creds: s3Credentials(s), Secure: secure, Region: s.Region, Transport: s.Transport, MaxRetries: s.Attempts,
	}
	if s.PathStyle {
		options.BucketLookup = minio.BucketLookupPath
	}
	client, err := minio.New(host, options)
	if err != nil {
		return nil, fault.Errorf(fault.You, "%s: %w", at, err)
	}
	return &s3Store{Place: at, client: minio.Core{Client: client}}, nil
}

// s3Credentials are those of the settings, else what Amazon's own tools would take.
func s3Credentials(s Settings) *credentials.Credentials {
	if !s.AccessKey.IsEmpty() {
		return credentials.NewStaticV4(s.AccessKey.Reveal(), s.SecretKey.Reveal(), "")
	}
	return credentials.NewChainCredentials([]credentials.Provider{
		&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{Client: &http.Client{Transport: s.Transport}},
	})
}

// Keys are those with which calls to Amazon are signed.
type Keys struct{ credentials *credentials.Credentials }

// A Key is an access key with its secret, and the token of one that is lent.
type Key struct{ AccessKey, SecretKey, SessionToken string }

// KeysOf are the keys by which a bucket is used.
func KeysOf(s Settings) *Keys {
	if s.Transport == nil {
		s.Transport = http.DefaultTransport
	}
	return &Keys{s3Credentials(s)}
}

// Get gives the key of the moment: lent ones are renewed.
func (k *Keys) Get() (Key, error) {
	value, err := k.credentials.GetWithContext(&credentials.CredContext{Client: http.DefaultClient})
	return Key{value.AccessKeyID, value.SecretAccessKey, value.SessionToken}, err
}

func (s *s3Store) told(doing, key string, err error) error {
	if err == nil {
		return nil
	}
	reply := minio.ToErrorResponse(err)
	status := reply.StatusCode
	switch reply.Code {
	case minio.NoSuchBucket: // not an object that is missing
		return fault.Errorf(fault.You, "%s %s: there is no such bucket, or it is not shown to this account", doing, s.Place)
	case minio.NoSuchKey:
		status = http.StatusNotFound
	case "PermanentRedirect", "AuthorizationHeaderMalformed":
		status = http.StatusBadRequest
	}
	return s.fault(doing, key, status, err)
}

func (s *s3Store) Put(ctx context.Context, key string, file *os.File, size int64) error {
	_, err := s.client.Client.PutObject(ctx, s.Bucket, s.key(key), file, size,
		minio.PutObjectOptions{DisableMultipart: true, SendContentMd5: true})
	return s.told("writing", key, err)
}

func (s *s3Store) Get(ctx context.Context, key string) (io.ReadCloser, Object, error) {
	body, found, header, err := s.client.GetObject(ctx, s.Bucket, s.key(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, Object{}, s.told("reading", key, err)
	}
	o := Object{Key: key, Size: found.Size, Tag: found.ETag, Changed: found.LastModified}
	o.Now, _ = http.ParseTime(header.Get("Date")) // none: the beginning of time, when no lease has run out
	return body, o, nil
}

func (s *s3Store) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		options := minio.ListObjectsOptions{Prefix: s.key(prefix), Recursive: true}
		for found := range s.client.ListObjectsIter(ctx, s.Bucket, options) {
			if found.Err != nil {
				yield(Object{}, s.told("listing", "", found.Err))
				return
			}
			if !yield(Object{Key: s.within(found.Key), Size: found.Size, Tag: found.ETag, Changed: found.LastModified}, nil) {
				return
			}
		}
	}
}

func (s *s3Store) Remove(ctx context.Context, key string) error {
	return s.told("removing", key, s.client.RemoveObject(ctx, s.Bucket, s.key(key), minio.RemoveObjectOptions{}))
}

func (s *s3Store) Swap(ctx context.Context, key string, content []byte, was string) (string, error) {
	options := minio.PutObjectOptions{DisableMultipart: true, SendContentMd5: true}
	if was == "" {
		options.SetMatchETagExcept("*")
	} else {
		options.SetMatchETag(was)
	}
	put, err := s.client.Client.PutObject(ctx, s.Bucket, s.key(key), bytes.NewReader(content), int64(len(content)), options)
	if err == nil {
		return put.ETag, nil
	}
	// 409 is S3's answer to two conditional writes at the same moment.
	if status := minio.ToErrorResponse(err).StatusCode; status != http.StatusPreconditionFailed && status != http.StatusConflict {
		return "", s.told("writing", key, err)
	}
	return isOurs(ctx, s, key, content)
}

// isOurs looks whether what is there is what a Swap wanted to write: an attempt
// whose answer was lost may have done it.
func isOurs(ctx context.Context, s Store, key string, content []byte) (string, error) {
	body, found, err := s.Get(ctx, key)
	if err != nil {
		return "", errors.Join(ErrChanged, err)
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, int64(len(content))+1))
	if err != nil {
		return "", err
	}
	if !bytes.Equal(text, content) {
		return "", ErrChanged
	}
	return found.Tag, nil
}

func (s *s3Store) Keeps(ctx context.Context) (string, error) {
	versions, err := s.client.GetBucketVersioning(ctx, s.Bucket)
	if err != nil {
		return "", s.told("asking for the versioning of", "", err)
	}
	if versions.Status != "" { // suspended: the versions that there are stay
		return "versions (versioning is " + strings.ToLower(versions.Status) + ")", nil
	}
	return "", nil
}
