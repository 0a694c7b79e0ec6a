package verify

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"

	_ "github.com/duckdb/duckdb-go/v2"
)

// intDecimals has DuckDB write an uploaded Parquet file anew, with decimals as
// whole numbers: the emulator reads 0 where they are bytes of a fixed length, which
// is how the lake's writer, and the Parquet format for any precision, keeps them.
func intDecimals(r *http.Request) error {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/related" {
		return err
	}
	var again bytes.Buffer
	writer := multipart.NewWriter(&again)
	if err := writer.SetBoundary(params["boundary"]); err != nil {
		return err
	}
	reader := multipart.NewReader(r.Body, params["boundary"])
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		if bytes.HasPrefix(content, []byte("PAR1")) {
			if content, err = rewritten(content); err != nil {
				return err
			}
		}
		out, err := writer.CreatePart(textproto.MIMEHeader(part.Header))
		if err != nil {
			return err
		}
		if _, err := out.Write(content); err != nil {
			return err
		}
	}
	if err := writer.Close(); err != nil {
		return err
	}
	r.Body, r.ContentLength = io.NopCloser(&again), int64(again.Len())
	return nil
}

func rewritten(content []byte) ([]byte, error) {
	folder, err := os.MkdirTemp("", "merit-decimals")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	from, to := filepath.Join(folder, "from.parquet"), filepath.Join(folder, "to.parquet")
	if err := os.WriteFile(from, content, 0o600); err != nil {
		return nil, err
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if _, err := db.Exec(fmt.Sprintf("set TimeZone = 'UTC'; copy (select * from read_parquet('%s')) to '%s' (format parquet)", from, to)); err != nil {
		return nil, err
	}
	return os.ReadFile(to)
}
