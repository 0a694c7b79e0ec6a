package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"merit/connectors/fault"
	"merit/transform/lake/bucket"
)

// A Signing says that calls to the catalog are signed with the bucket's keys by Amazon's
// Signature Version 4, as Glue ("glue"), S3 Tables ("s3tables") and catalogs behind
// Amazon's API Gateway ("execute-api") want it.
type Signing struct{ Service, Region string }

// A signer signs what goes to the catalog.
type signer struct {
	Signing
	keys  *bucket.Keys
	under http.RoundTripper
	now   func() time.Time
}

// RoundTrip signs a call and its body and makes it.
func (s signer) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	sent := r.Clone(r.Context())
	sent.Body, sent.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if err := s.sign(r.Context(), sent, body); err != nil {
		return nil, err
	}
	return s.under.RoundTrip(sent)
}

func (s signer) sign(ctx context.Context, r *http.Request, body []byte) error {
	key, err := s.keys.Get()
	if err != nil {
		return fault.Errorf(fault.You, "signing calls to the catalog: %w", err)
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	r.Header.Del("Authorization")
	if s.Service != "execute-api" && len(body) > 0 {
		r.Header.Set("X-Amz-Content-Sha256", hash)
	}
	return v4.NewSigner().SignHTTP(ctx, aws.Credentials{AccessKeyID: key.AccessKey, SecretAccessKey: key.SecretKey, SessionToken: key.SessionToken},
		r, hash, s.Service, s.Region, s.now())
}
