package rest_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/gzip"

	"merit/connectors/fault"
	"merit/connectors/rest"
)

// bomb is a text that is repeated until it has so many bytes, zipped.
func bomb(text string, size int) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	block := []byte(strings.Repeat(text, max(1, (1<<20)/len(text))))
	for written := 0; written < size; written += len(block) {
		w.Write(block)
	}
	w.Close()
	return out.Bytes()
}

func TestABombTakesLittleMemoryAndIsSaidToBeOne(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // as merit runs; tests collect less often
	for name, c := range map[string]struct {
		text  string
		size  int
		words string
	}{
		"zeros":                       {"\x00", 1 << 30, "inflates too far"},
		"spaces before JSON":          {" ", 1 << 30, "inflates too far"},
		"a list without end":          {`{"id":"1"},`, 256 << 20, "inflates too far"},
		"less than a bomb, but large": {noise(2000), 80 << 20, "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			zipped := bomb(c.text, c.size)
			api := serve(t, rest.Config{Retries: -1}, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				w.Write(zipped)
			})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					var into any
					err := api.JSON(context.Background(), rest.Call{Path: "/x"}, &into)
					if err == nil || fault.WhoMends(err) != fault.Them || !strings.Contains(err.Error(), c.words) {
						t.Errorf("%v", err)
					}
				})
			}
			all.Wait()
			runtime.ReadMemStats(&after)
			if grown := int64(after.Sys) - int64(before.Sys); grown > 400<<20 {
				t.Errorf("%d MiB of memory were taken", grown>>20)
			}
		})
	}
}

// Each of them fits, all together do not: they end one after another.
func TestLargeRepliesDoNotWaitForEachOther(t *testing.T) {
	list := "[" + strings.Repeat(`"`+noise(2000)+`",`, (40<<20)/2003) + "0]"
	api := serve(t, rest.Config{Retries: -1}, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, list) })
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			var into []any
			if err := api.JSON(t.Context(), rest.Call{Path: "/x"}, &into); err != nil || len(into) < 10 {
				t.Errorf("%d came: %v", len(into), err)
			}
		})
	}
	all.Wait()
}

func TestWhatIsReadPieceByPieceMayBeLarge(t *testing.T) {
	rows := noise(3000)
	zipped := bomb(rows, 200<<20)
	api := serve(t, rest.Config{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(zipped)
	})
	err := api.Read(context.Background(), rest.Call{Path: "/x", Stream: true}, func(r *rest.Reply) error {
		n, err := io.Copy(io.Discard, r.Body)
		if n < 200<<20 {
			t.Errorf("%d bytes came", n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// drip brings one byte a second, for ever.
type drip struct{}

func (drip) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(dripping{r.Context()}), ContentLength: -1, Request: r}, nil
}

type dripping struct{ ctx context.Context }

func (d dripping) Read(p []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-time.After(time.Second):
	}
	p[0] = ' '
	return 1, nil
}

func TestAByteASecondIsNoProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := rest.Open(rest.Config{Name: "acme", Base: parse(t, "https://example.com"), Transport: drip{}, Retries: 2})
		began := time.Now()
		var into any
		err := api.JSON(t.Context(), rest.Call{Path: "/x"}, &into)
		mends(t, err, fault.Them, "too slowly")
		if took := time.Since(began); took > 6*time.Minute {
			t.Errorf("it took %s to see that", took)
		}
	})
}
