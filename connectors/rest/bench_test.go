package rest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"merit/connectors/rest"
)

// A large gzip body through the API, and beside it a bare client that reads and
// inflates the same: "share" is the share of the bare client's speed.
func BenchmarkBody(b *testing.B) {
	text := strings.Repeat("006Hs00000AbCdEf,Negotiation/Review,125000.00,2024-09-24T03:26:07.000Z\n", 200_000)
	zipped := zip(text)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(zipped)
	}))
	defer server.Close()
	request, err := http.NewRequest(http.MethodGet, server.URL, nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "gzip")
	api := rest.Open(rest.Config{Name: "acme", Base: request.URL, Transport: server.Client().Transport})
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		reply, err := api.Do(context.Background(), rest.Call{Path: "/"})
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, reply.Body); n != int64(len(text)) || err != nil {
			b.Fatal(n, err)
		}
		reply.Body.Close()
	}
	own := b.Elapsed() / time.Duration(b.N)
	began, rounds := time.Now(), 0
	for time.Since(began) < time.Second {
		response, err := server.Client().Do(request)
		if err != nil {
			b.Fatal(err)
		}
		inflated, err := gzip.NewReader(response.Body)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, inflated)
		response.Body.Close()
		rounds++
	}
	b.ReportMetric(float64(time.Since(began))/float64(rounds)/float64(own), "share")
}
