package laketest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A googleStore keeps objects as Google's Cloud Storage does, with a generation for
// each content: uploads in one request, downloads, listings by page, removal, and
// the condition ifGenerationMatch.
type googleStore struct {
	token      string
	mutex      sync.Mutex
	generation int64
	held       map[string]googleObject
}

type googleObject struct {
	content    []byte
	generation int64
	changed    time.Time
}

func newGoogleStore() *googleStore {
	return &googleStore{token: "canary-token-" + rand.Text(), held: map[string]googleObject{}}
}

func (s *googleStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	path := r.URL.EscapedPath()
	if path == "/token" { // where the key file says that tokens are had
		if r.PostFormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || strings.Count(r.PostFormValue("assertion"), ".") != 2 {
			reply(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
			return
		}
		reply(w, http.StatusOK, map[string]any{"access_token": s.token, "token_type": "Bearer", "expires_in": 3600})
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+s.token {
		googleError(w, http.StatusUnauthorized, "Anonymous caller does not have storage.objects access to the bucket.")
		return
	}
	const objects = "/storage/v1/b/" + Bucket + "/o"
	switch name, _ := url.PathUnescape(strings.TrimPrefix(path, objects+"/")); {
	case path == "/upload"+objects || path == "/resumable/upload"+objects:
		s.insert(w, r)
	case path == objects:
		s.list(w, r)
	case path == "/storage/v1/b/"+Bucket:
		reply(w, http.StatusOK, map[string]any{"name": Bucket})
	case !strings.HasPrefix(path, objects+"/"):
		googleError(w, http.StatusNotFound, "The specified bucket does not exist.")
	case r.Method == http.MethodDelete:
		if _, there := s.held[name]; !there {
			googleError(w, http.StatusNotFound, "No such object: "+name)
			return
		}
		delete(s.held, name)
		w.WriteHeader(http.StatusNoContent)
	default:
		s.download(w, r, name)
	}
}

func (s *googleStore) insert(w http.ResponseWriter, r *http.Request) {
	_, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || r.URL.Query().Get("uploadType") != "multipart" {
		googleError(w, http.StatusBadRequest, "only uploads of one multipart request are known here")
		return
	}
	parts := multipart.NewReader(r.Body, parameters["boundary"])
	var about struct {
		Name string `json:"name"`
	}
	var content []byte
	for n := range 2 {
		part, err := parts.NextPart()
		if err == nil && n == 0 {
			err = json.NewDecoder(part).Decode(&about)
		} else if err == nil {
			content, err = io.ReadAll(part)
		}
		if err != nil {
			googleError(w, http.StatusBadRequest, err.Error())
			return
		}
	}
	if asked := r.URL.Query().Get("ifGenerationMatch"); asked != "" && asked != strconv.FormatInt(s.held[about.Name].generation, 10) {
		googleError(w, http.StatusPreconditionFailed, "At least one of the pre-conditions you specified did not hold.")
		return
	}
	reply(w, http.StatusOK, s.keep(about.Name, content).told(about.Name))
}

func (s *googleStore) keep(name string, content []byte) googleObject {
	s.generation++
	made := googleObject{content: content, generation: s.generation, changed: time.Now()}
	s.held[name] = made
	return made
}

func (o googleObject) told(name string) map[string]any {
	return map[string]any{
		"kind": "storage#object", "bucket": Bucket, "name": name, "size": strconv.Itoa(len(o.content)),
		"generation": strconv.FormatInt(o.generation, 10), "updated": o.changed.UTC().Format(time.RFC3339Nano),
	}
}

func (s *googleStore) list(w http.ResponseWriter, r *http.Request) {
	var names []string
	for name := range s.held {
		if strings.HasPrefix(name, r.URL.Query().Get("prefix")) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	from, _ := slices.BinarySearch(names, r.URL.Query().Get("pageToken"))
	names = names[from:]
	const most = 20 // Google's page is of 1,000
	page := map[string]any{"kind": "storage#objects"}
	if len(names) > most {
		page["nextPageToken"] = names[most]
		names = names[:most]
	}
	items := []map[string]any{}
	for _, name := range names {
		items = append(items, s.held[name].told(name))
	}
	page["items"] = items
	reply(w, http.StatusOK, page)
}

func (s *googleStore) download(w http.ResponseWriter, r *http.Request, name string) {
	found, there := s.held[name]
	if !there {
		googleError(w, http.StatusNotFound, "No such object: "+Bucket+"/"+name)
		return
	}
	if r.URL.Query().Get("alt") != "media" {
		reply(w, http.StatusOK, found.told(name))
		return
	}
	w.Header().Set("X-Goog-Generation", strconv.FormatInt(found.generation, 10))
	w.Header().Set("Last-Modified", found.changed.UTC().Format(http.TimeFormat))
	w.Header().Set("Content-Length", strconv.Itoa(len(found.content)))
	_, _ = w.Write(found.content)
}

func googleError(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]any{"error": map[string]any{
		"code": status, "message": message, "errors": []map[string]string{{"message": message}},
	}})
}

func (s *googleStore) put(key string, content []byte) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.keep(key, content)
	return nil
}

func (s *googleStore) get(key string) ([]byte, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found, there := s.held[key]
	if !there {
		return nil, errors.Join(errors.New(key), fs.ErrNotExist)
	}
	return found.content, nil
}

func (s *googleStore) keys() ([]string, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var keys []string
	for name := range s.held {
		keys = append(keys, name)
	}
	slices.Sort(keys)
	return keys, nil
}

// keyFile is a service account's, whose tokens are had at the address.
func keyFile(tokens string) ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	text, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]string{
		"type": "service_account", "project_id": "acme", "private_key_id": "1", "client_email": "merit@acme.iam.gserviceaccount.com",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})), "token_uri": tokens,
	})
}
