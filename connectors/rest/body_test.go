package rest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"merit/connectors/fault"
	"merit/connectors/rest"
)

// noise does not compress, so that a cut falls where it is meant to.
func noise(n int) string {
	rnd := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, n)
	for i := range out {
		out[i] = 'a' + byte(rnd.IntN(26))
	}
	return string(out)
}

func zip(text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	io.WriteString(w, text)
	w.Close()
	return out.Bytes()
}

func TestGzipIsInflated(t *testing.T) {
	long := noise(300_000)
	api := serve(t, rest.Config{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		if r.URL.Path == "/long" {
			w.Write(zip(long))
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	if text, err := get(api, rest.Call{Path: "/long"}); err != nil || text != long {
		t.Errorf("%d bytes of %d came, %v", len(text), len(long), err)
	}
	if text, err := get(api, rest.Call{Path: "/nothing"}); err != nil || text != "" {
		t.Errorf("an empty reply gives %q, %v", text, err)
	}
}

// cut sends a reply of which the second half is missing.
func cut(w http.ResponseWriter, how string, text string) {
	switch how {
	case "/length":
		w.Header().Set("Content-Length", fmt.Sprint(len(text)))
		io.WriteString(w, text[:len(text)/2])
	case "/chunks":
		io.WriteString(w, text[:len(text)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case "/gzip": // whole for HTTP, broken inside
		w.Header().Set("Content-Encoding", "gzip")
		zipped := zip(text)
		w.Write(zipped[:len(zipped)/2])
	case "/gzip-without-end":
		w.Header().Set("Content-Encoding", "gzip")
		zipped := zip(text)
		w.Write(zipped[:len(zipped)-8])
	case "/gzip-flipped":
		w.Header().Set("Content-Encoding", "gzip")
		zipped := zip(text)
		zipped[len(zipped)-6] ^= 1
		w.Write(zipped)
	case "/gzip-of-nothing":
		w.Header().Set("Content-Encoding", "gzip")
		http.NewResponseController(w).Flush()
	}
}

var cuts = []string{"/length", "/chunks", "/gzip", "/gzip-without-end", "/gzip-flipped", "/gzip-of-nothing"}

func TestABodyThatWasCutOffNeverLooksComplete(t *testing.T) {
	text := `"` + noise(100_000) + `"`
	api := serve(t, rest.Config{}, func(w http.ResponseWriter, r *http.Request) { cut(w, r.URL.Path, text) })
	for _, how := range cuts {
		got, err := get(api, rest.Call{Path: how})
		mends(t, err, fault.Them, "the reply broke off after ")
		if !strings.HasPrefix(text, got) {
			t.Errorf("%s: what came before the cut is wrong", how)
		}
	}
}

func TestASmallReplyThatWasCutOffIsAskedForAgain(t *testing.T) {
	text := `"` + noise(100_000) + `"`
	for _, how := range cuts {
		calls := 0
		api := serve(t, rest.Config{MaxWait: 1}, func(w http.ResponseWriter, r *http.Request) {
			if calls++; calls <= 2 {
				cut(w, r.URL.Path, text)
				return
			}
			io.WriteString(w, text)
		})
		var got string
		err := api.JSON(context.Background(), rest.Call{Path: how}, &got)
		if err != nil || `"`+got+`"` != text || calls != 3 {
			t.Errorf("%s: after %d calls %d bytes, %v", how, calls, len(got), err)
		}
	}
}

func TestReadStartsAnewOnlyWhenTheBodyBroke(t *testing.T) {
	calls := 0
	api := serve(t, rest.Config{MaxWait: 1, Retries: 2}, func(w http.ResponseWriter, r *http.Request) {
		calls++
		cut(w, "/length", noise(1000))
	})
	read := func(c rest.Call, use func(*rest.Reply) error) (int, error) {
		calls = 0
		err := api.Read(context.Background(), c, use)
		return calls, err
	}
	all := func(r *rest.Reply) error { _, err := io.ReadAll(r.Body); return err }
	if n, err := read(rest.Call{Path: "/x"}, all); n != 3 {
		t.Errorf("a body that keeps breaking is asked for %d times, not 3; %v", n, err)
	} else {
		mends(t, err, fault.Them, "the reply broke off")
	}
	if n, _ := read(rest.Call{Method: "POST", Path: "/x", JSON: 1, Once: true}, all); n != 1 {
		t.Errorf("a call to be made once was made %d times", n)
	}
	mine := errors.New("not to my liking")
	if n, err := read(rest.Call{Path: "/x"}, func(*rest.Reply) error { return mine }); n != 1 || !errors.Is(err, mine) {
		t.Errorf("an error of the reader's own: %d calls, %v", n, err)
	}
}

func TestAReplyMayNotBeEndless(t *testing.T) {
	api := serve(t, rest.Config{MaxBody: 100_000, Retries: -1}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/fits":
			io.WriteString(w, strings.Repeat("x", 100_000))
		case "/zipped":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(zip(strings.Repeat("x", 100_001)))
		default:
			io.WriteString(w, strings.Repeat("x", 100_001))
		}
	})
	if text, err := get(api, rest.Call{Path: "/fits"}); err != nil || len(text) != 100_000 {
		t.Errorf("what just fits gives %d bytes, %v", len(text), err)
	}
	for _, path := range []string{"/plain", "/zipped"} {
		_, err := get(api, rest.Call{Path: path})
		mends(t, err, fault.Them, "100000 bytes")
	}
}

func TestCancellingWhileABodyIsReadIsTheCallersOwnError(t *testing.T) {
	blocked := make(chan struct{})
	api := serve(t, rest.Config{}, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "beginning")
		http.NewResponseController(w).Flush()
		<-blocked
	})
	defer close(blocked)
	ctx, cancel := context.WithCancel(context.Background())
	reply, err := api.Do(ctx, rest.Call{Path: "/x"})
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	io.ReadFull(reply.Body, make([]byte, len("beginning")))
	cancel()
	if _, err := io.ReadAll(reply.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
