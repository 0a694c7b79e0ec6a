package sfserver

import (
	"bufio"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// squeeze gives where to write a body: packed, when the client takes gzip.
func squeeze(w http.ResponseWriter, r *http.Request) io.WriteCloser {
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return &flat{bufio.NewWriterSize(w, 256<<10)}
	}
	w.Header().Set("Content-Encoding", "gzip")
	packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant of the package
	}
	return packed
}

type flat struct{ *bufio.Writer }

func (f *flat) Close() error { return f.Flush() }
