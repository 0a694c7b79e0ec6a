package sfserver

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

const (
	// rowsAResult is the page size where the client names none; the documentation
	// leaves it to the server.
	rowsAResult = 100_000
	// pagesAtOnce: resultPages names up to five results to be fetched side by side.
	pagesAtOnce = 5
)

// serveResults streams one set of a job's rows as CSV.
func (a *API) serveResults(w http.ResponseWriter, r *http.Request, version int, j *job) *refusal {
	if problem := a.readable(j, version); problem != nil {
		return problem
	}
	from, count, problem := a.whichResults(r.URL.Query(), j)
	if problem != nil {
		return problem
	}
	count = min(count, j.answer.total-from)
	next := "null"
	if a.trouble.now().NoLocator {
		next = ""
	}
	if from+count < j.answer.total {
		next = locatorOf(from + count)
	}
	w.Header().Set("Content-Type", "text/csv")
	w.Header().Set("Sforce-NumberOfRecords", strconv.Itoa(count))
	if next != "" {
		w.Header().Set("Sforce-Locator", next)
	}
	if a.trouble.takes(func(t *Trouble) *int { return &t.Cut }) {
		w = &cutAt{ResponseWriter: w, left: 1000 + 20*count}
	}
	out := squeeze(w, r)
	if count > 0 && a.trouble.takes(func(t *Trouble) *int { return &t.Short }) {
		count--
	}
	j.writeCSV(out, from, count)
	_ = out.Close() // the client may have gone; there is nobody left to tell
	return nil
}

// writeCSV writes so many rows from one on, under their header. A client that has gone
// is not told.
func (j *job) writeCSV(out io.Writer, from, count int) {
	lineEnding := "\n"
	if j.LineEnding == "CRLF" {
		lineEnding = "\r\n"
	}
	_, _ = out.Write(append(csvHeader(j.answer.query), lineEnding...))
	line := make([]byte, 0, 64<<10)
	j.answer.page(from, count, func(row *record) {
		for i, column := range j.answer.query.columns {
			if i > 0 {
				line = append(line, ',')
			}
			line = column.get(j.answer.view, row).appendCSV(line)
		}
		line = append(line, lineEnding...)
		if len(line) > 60<<10 {
			_, _ = out.Write(line)
			line = line[:0]
		}
	})
	_, _ = out.Write(line)
}

func csvHeader(q *query) []byte {
	var header []byte
	for i, column := range q.columns {
		if i > 0 {
			header = append(header, ',')
		}
		header = append(append(append(header, '"'), column.name...), '"')
	}
	return header
}

// readable tells whether a job's results can be fetched, and by this version.
func (a *API) readable(j *job, version int) *refusal {
	a.mu.Lock()
	defer a.mu.Unlock()
	if version != j.version {
		return refuse(http.StatusConflict, "API_VERSION_MISMATCH", "The job was created with API version %s; use the same to get its results", j.Version)
	}
	if j.State != "JobComplete" {
		return refuse(http.StatusPreconditionFailed, "JOB_NOT_COMPLETE", "The job is in state %s; results are there once it is JobComplete", j.State)
	}
	return nil
}

// A locator says from which row on; clients take it as it is.
func locatorOf(row int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(row)))
}

func (a *API) whichResults(query url.Values, j *job) (from, count int, problem *refusal) {
	invalid := refuse(http.StatusBadRequest, "INVALID_LOCATOR", "The locator or maxRecords is not valid for job %s", j.ID)
	count = rowsAResult
	if text := query.Get("maxRecords"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n <= 0 {
			return 0, 0, invalid
		}
		count = n
	}
	if most := a.trouble.now().SmallSets; most > 0 {
		count = min(count, most)
	}
	if locator := query.Get("locator"); locator != "" {
		text, err := base64.RawURLEncoding.DecodeString(locator)
		if err != nil {
			return 0, 0, invalid
		}
		if from, err = strconv.Atoi(string(text)); err != nil || from < 0 || from >= max(1, j.answer.total) {
			return 0, 0, invalid
		}
	}
	return from, count, nil
}

// serveResultPages names the next sets of results, to be fetched side by side.
func (a *API) serveResultPages(w http.ResponseWriter, r *http.Request, version int, j *job) *refusal {
	if problem := a.readable(j, version); problem != nil {
		return problem
	}
	from, count, problem := a.whichResults(r.URL.Query(), j)
	if problem != nil {
		return problem
	}
	type page struct {
		URL string `json:"resultUrl"`
	}
	reply := struct {
		Pages []page  `json:"resultPages"`
		Next  *string `json:"nextRecordsUrl"`
		Done  bool    `json:"done"`
	}{Done: true}
	home := fmt.Sprintf("/services/data/v%d.0/jobs/query/%s", version, j.ID)
	for at := from; at < max(1, j.answer.total); at += count {
		if len(reply.Pages) == pagesAtOnce {
			next := fmt.Sprintf("%s/resultPages?locator=%s&maxRecords=%d", home, locatorOf(at), count)
			reply.Next, reply.Done = &next, false
			break
		}
		reply.Pages = append(reply.Pages, page{fmt.Sprintf("%s/results?locator=%s&maxRecords=%d", home, locatorOf(at), count)})
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}
