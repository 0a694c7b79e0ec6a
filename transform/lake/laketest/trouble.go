package laketest

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
)

// An Act is what a Trouble does to a call.
type Act int

// What may happen to a call on its way.
const (
	Fails     Act = iota // 500, and nothing was done
	Cut                  // the connection breaks before anything is done
	LostWord             // it is done, and the connection breaks before the answer
	FailsLate            // it is done, and 500 is the answer
	Conflict             // 409, as a catalog says that another commit came first; nothing was done
	Half                 // it is done, and the answer breaks off in its middle
	Silent               // nothing is done, and no answer comes until the caller gives up
)

// A Trouble happens to calls on their way to a server.
type Trouble struct {
	mutex sync.Mutex
	act   Act
	is    func(*http.Request) bool
	skip  int // calls that still go well
	times int // how many of those after it do not; less than 0: all
	Hit   int // calls it happened to
	Seen  int // calls that it could have happened to
}

// Begin lets an act happen to the calls of a kind, after some of them: so many
// times, or for good when times is less than 0.
func (t *Trouble) Begin(act Act, is func(*http.Request) bool, after, times int) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.act, t.is, t.skip, t.times, t.Hit, t.Seen = act, is, after, times, 0, 0
}

// End lets all calls go well again, and tells how many did not.
func (t *Trouble) End() (hit int) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.is = nil
	return t.Hit
}

// Every is the kind of all calls.
func Every(*http.Request) bool { return true }

// Writes are the calls that change something.
func Writes(r *http.Request) bool {
	return r.Method == http.MethodPut || r.Method == http.MethodPost || r.Method == http.MethodDelete
}

func (t *Trouble) happens(r *http.Request) (Act, bool) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.is == nil || !t.is(r) {
		return 0, false
	}
	t.Seen++
	if t.skip > 0 {
		t.skip--
		return 0, false
	}
	if t.times == 0 {
		return 0, false
	}
	t.times--
	t.Hit++
	return t.act, true
}

func (t *Trouble) before(server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		act, happens := t.happens(r)
		if !happens {
			server.ServeHTTP(w, r)
			return
		}
		switch act {
		case Fails:
			answer(w, http.StatusInternalServerError, "InternalServerError", "a fault of the test")
			return
		case Silent:
			_, _ = io.Copy(io.Discard, r.Body) // or the server would not see the caller go
			<-r.Context().Done()
			return
		case Cut:
			panic(http.ErrAbortHandler)
		case Conflict:
			answer(w, http.StatusConflict, "CommitFailedException", "the requirement failed: a fault of the test")
			return
		}
		done := httptest.NewRecorder()
		server.ServeHTTP(done, r)
		switch act {
		case FailsLate:
			answer(w, http.StatusInternalServerError, "CommitStateUnknownException", "a fault of the test")
		case Half:
			body := done.Body.Bytes()
			maps.Copy(w.Header(), done.Header())
			w.Header().Set("Content-Length", strconv.Itoa(len(body))) // more than comes
			w.WriteHeader(done.Code)
			_, _ = w.Write(body[:len(body)/2])
			panic(http.ErrAbortHandler)
		default:
			panic(http.ErrAbortHandler)
		}
	})
}

// answer is an error as the catalog's OpenAPI document wants it.
func answer(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": message, "type": kind, "code": status}})
}
