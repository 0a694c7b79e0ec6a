package salesforce

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/sourcegraph/conc/pool"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
)

const integrationUser = "merit@acme.example"

// signed gives a sandbox that trusts a key, and the settings by which one signs in.
func signed(t *testing.T) (*sandbox.Sandbox, connectors.Values) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	box := sandbox.New(company.Acme(1, 5))
	box.Salesforce().Trust(integrationUser, "https://test.salesforce.com", &key.PublicKey)
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return box, connectors.Values{
		"endpoint": {server.URL}, "client_id": {sandbox.ClientID}, "username": {integrationUser},
		"audience": {"https://test.salesforce.com"}, "private_key": {string(text)},
	}
}

func TestBearer(t *testing.T) {
	t.Run("signs in by the org's own clock, and again when the session has ended", func(t *testing.T) {
		box, v := signed(t)
		a, err := openOver(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := a.Streams(t.Context()); err != nil {
				t.Fatal(err)
			}
			box.Salesforce().Expire()
		}
	})

	t.Run("says what is refused, and never the key", func(t *testing.T) {
		for setting, wrong := range map[string]string{"audience": "https://login.salesforce.com", "username": "eve@acme.example", "client_id": "another"} {
			_, v := signed(t)
			v[setting] = []string{wrong}
			a, err := openOver(nil, v)
			if err != nil {
				t.Fatal(err)
			}
			_, err = a.Streams(t.Context())
			mends(t, err, fault.You, setting)
		}
	})

	t.Run("is told before the first call what its settings lack", func(t *testing.T) {
		for setting, wrong := range map[string]string{"audience": "", "username": "", "private_key": "-----BEGIN hunter2"} {
			_, v := signed(t)
			v[setting] = []string{wrong}
			_, err := openOver(nil, v)
			mends(t, err, fault.You, setting)
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the key is in the error: %v", err)
			}
		}
	})
}

func TestRefreshTokens(t *testing.T) {
	rotating := func(t *testing.T) (*sandbox.Sandbox, connectors.Values, string) {
		box := sandbox.New(company.Acme(1, 5))
		server := httptest.NewServer(box)
		t.Cleanup(server.Close)
		file := filepath.Join(t.TempDir(), "salesforce.token")
		if err := os.WriteFile(file, []byte(box.Salesforce().Rotating()+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return box, connectors.Values{"endpoint": {server.URL}, "client_id": {sandbox.ClientID}, "token_file": {file}}, file
	}

	t.Run("that rotate are kept, whatever happens to the session", func(t *testing.T) {
		box, v, file := rotating(t)
		for range 3 { // each a run of its own, in which a session ends
			a, err := openOver(nil, v)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := a.now(t.Context()); err != nil {
					t.Fatal(err)
				}
				if _, err := a.Streams(t.Context()); err != nil {
					t.Fatal(err)
				}
				box.Salesforce().Expire()
			}
		}
		left, err := os.ReadDir(filepath.Dir(file))
		if err != nil || len(left) != 2 || left[0].Name() != ".salesforce.token.lock" {
			t.Errorf("beside the file lie %v, %v", left, err)
		}
		if mode, err := os.Stat(file); err != nil || mode.Mode().Perm() != 0o600 {
			t.Errorf("the file is %v, %v", mode, err)
		}
	})

	t.Run("20. are spent by one process at once", func(t *testing.T) {
		_, v, _ := rotating(t)
		runs := pool.New().WithErrors()
		for range 12 {
			a, err := openOver(nil, v)
			if err != nil {
				t.Fatal(err)
			}
			runs.Go(func() error {
				_, err := a.Streams(t.Context())
				return err
			})
		}
		if err := runs.Wait(); err != nil {
			t.Error(err)
		}
	})

	t.Run("are not waited for when nobody wants them any more", func(t *testing.T) {
		_, v, file := rotating(t)
		held := flock.New(filepath.Join(filepath.Dir(file), ".salesforce.token.lock"))
		if err := held.Lock(); err != nil {
			t.Fatal(err)
		}
		defer held.Unlock()
		a, err := openOver(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := a.Streams(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v", err)
		}
	})

	t.Run("are not used up when the new one could not be kept", func(t *testing.T) {
		_, v, file := rotating(t)
		if err := os.Rename(file, file+".away"); err != nil {
			t.Fatal(err)
		}
		a, err := openOver(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.now(t.Context())
		mends(t, err, fault.You, "token_file")
		if err := os.Rename(file+".away", file); err != nil {
			t.Fatal(err)
		}
		if a, err = openOver(nil, v); err != nil {
			t.Fatal(err)
		}
		if _, err := a.now(t.Context()); err != nil {
			t.Error(err)
		}
	})

	t.Run("that are used up are told so, without the token", func(t *testing.T) {
		_, v, file := rotating(t)
		if err := os.WriteFile(file, []byte("5Aep-canary"), 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := openOver(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.now(t.Context())
		mends(t, err, fault.You, "refresh token", "authorize")
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("the token is in the error: %v", err)
		}
	})
}
