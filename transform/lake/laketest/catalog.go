package laketest

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"
)

// prefix is what /v1/config tells the client to put into its paths.
const prefix = "acme-prefix"

// pageOf is small, so that a client that does not ask for the next page is found out.
const pageOf = 2

var smallName = regexp.MustCompile(`^[a-z0-9][a-z0-9_]*$`)

// A Catalog is an Iceberg REST catalog in memory: sign-in, configuration with a
// prefix, namespaces, tables, and commits that are made only when all their
// requirements hold of the table as it is at that moment.
type Catalog struct {
	// Commits counts those that were made.
	Commits int
	// KeepsOne lets it keep the newest snapshot of a table only, and say so of files
	// (gc.enabled), as Nessie does.
	KeepsOne bool
	// SmallNames lets it refuse names with capitals, as Amazon's catalogs do.
	SmallNames bool
	// Signed lets in calls that are signed by Signature Version 4 for a service in a
	// region, and no others; "" takes tokens.
	Signed struct{ Service, Region string }

	root  string
	write func(location string, content []byte) error
	mux   *http.ServeMux
	token string

	mutex      sync.Mutex
	namespaces map[string]iceberg.Properties
	tables     map[string]*tableState
}

type tableState struct {
	location string
	number   int
	metadata table.Metadata
}

func newCatalog(root string, write func(string, []byte) error) *Catalog {
	c := &Catalog{root: root, write: write, mux: http.NewServeMux(), token: "canary-token-" + rand.Text(),
		namespaces: map[string]iceberg.Properties{}, tables: map[string]*tableState{}}
	c.mux.HandleFunc("POST /v1/oauth/tokens", c.signIn)
	c.mux.HandleFunc("GET /v1/config", c.signed(c.config))
	at := "/v1/" + prefix + "/namespaces"
	c.mux.HandleFunc("GET "+at, c.signed(c.listNamespaces))
	c.mux.HandleFunc("POST "+at, c.signed(c.createNamespace))
	c.mux.HandleFunc("GET "+at+"/{namespace}", c.signed(c.loadNamespace))
	c.mux.HandleFunc("GET "+at+"/{namespace}/tables", c.signed(c.listTables))
	c.mux.HandleFunc("POST "+at+"/{namespace}/tables", c.signed(c.createTable))
	c.mux.HandleFunc("GET "+at+"/{namespace}/tables/{table}", c.signed(c.loadTable))
	c.mux.HandleFunc("POST "+at+"/{namespace}/tables/{table}", c.signed(c.commitTable))
	return c
}

// Token is what signing in gives.
func (c *Catalog) Token() string { return c.token }

// Expire lets the token that was given out run out; the next sign-in gives another.
func (c *Catalog) Expire() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.token = "canary-token-" + rand.Text()
}

func (c *Catalog) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.mux.ServeHTTP(w, r) }

func (c *Catalog) signIn(w http.ResponseWriter, r *http.Request) {
	id, secret := r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	if r.PostFormValue("grant_type") != "client_credentials" || id != ClientID || subtle.ConstantTimeCompare([]byte(secret), []byte(ClientSecret)) == 0 {
		reply(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client", "error_description": "Credentials given were invalid: " + secret})
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	reply(w, http.StatusOK, map[string]any{"access_token": c.token, "token_type": "bearer", "expires_in": 3600})
}

func (c *Catalog) signed(then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		if c.Signed.Service != "" {
			if err := checkSignature(r, AccessKey, SecretKey, c.Signed.Service, c.Signed.Region); err != nil {
				answer(w, http.StatusForbidden, "NotAuthorizedException", err.Error())
				return
			}
			then(w, r)
			return
		}
		if !strings.EqualFold(r.Header.Get("Authorization"), "Bearer "+c.token) {
			answer(w, http.StatusUnauthorized, "NotAuthorizedException", "Not authorized: "+r.Header.Get("Authorization"))
			return
		}
		then(w, r)
	}
}

func (c *Catalog) config(w http.ResponseWriter, r *http.Request) {
	if got := r.URL.Query().Get("warehouse"); got != Warehouse {
		answer(w, http.StatusNotFound, "NotFoundException", fmt.Sprintf("Warehouse %s not found", got))
		return
	}
	reply(w, http.StatusOK, map[string]any{"defaults": map[string]string{}, "overrides": map[string]string{"prefix": prefix}})
}

func (c *Catalog) listNamespaces(w http.ResponseWriter, r *http.Request) {
	var all []string
	for name := range c.namespaces {
		all = append(all, name)
	}
	page, next := paged(all, r.URL.Query())
	levels := [][]string{}
	for _, name := range page {
		levels = append(levels, []string{name})
	}
	reply(w, http.StatusOK, withNext(map[string]any{"namespaces": levels}, next))
}

func (c *Catalog) createNamespace(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Namespace  []string           `json:"namespace"`
		Properties iceberg.Properties `json:"properties"`
	}
	if !read(w, r, &asked) {
		return
	}
	if len(asked.Namespace) != 1 {
		answer(w, http.StatusBadRequest, "BadRequestException", "namespaces have one level here")
		return
	}
	if c.namespaces[asked.Namespace[0]] != nil {
		answer(w, http.StatusConflict, "AlreadyExistsException", "The given namespace already exists")
		return
	}
	said := iceberg.Properties{}
	maps.Copy(said, asked.Properties)
	c.namespaces[asked.Namespace[0]] = said
	reply(w, http.StatusOK, map[string]any{"namespace": asked.Namespace, "properties": said})
}

func (c *Catalog) loadNamespace(w http.ResponseWriter, r *http.Request) {
	if c.namespaces[r.PathValue("namespace")] == nil {
		answer(w, http.StatusNotFound, "NoSuchNamespaceException", "The given namespace does not exist")
		return
	}
	reply(w, http.StatusOK, map[string]any{"namespace": []string{r.PathValue("namespace")}, "properties": c.namespaces[r.PathValue("namespace")]})
}

func (c *Catalog) listTables(w http.ResponseWriter, r *http.Request) {
	namespace := r.PathValue("namespace")
	if c.namespaces[namespace] == nil {
		answer(w, http.StatusNotFound, "NoSuchNamespaceException", "The given namespace does not exist")
		return
	}
	var all []string
	for name := range c.tables {
		if within, found := strings.CutPrefix(name, namespace+"."); found {
			all = append(all, within)
		}
	}
	page, next := paged(all, r.URL.Query())
	idents := []map[string]any{}
	for _, name := range page {
		idents = append(idents, map[string]any{"namespace": []string{namespace}, "name": name})
	}
	reply(w, http.StatusOK, withNext(map[string]any{"identifiers": idents}, next))
}

// paged gives a page of names to a client that can ask for the next one. One that
// does not send pageToken gets all, as the document says.
func paged(all []string, query url.Values) (page []string, next string) {
	slices.Sort(all)
	if !query.Has("pageToken") && !query.Has("pageSize") {
		return all, ""
	}
	from, _ := slices.BinarySearch(all, query.Get("pageToken"))
	rest := all[from:]
	if len(rest) > pageOf {
		return rest[:pageOf], rest[pageOf]
	}
	return rest, ""
}

func withNext(page map[string]any, next string) map[string]any {
	if next != "" {
		page["next-page-token"] = next
	}
	return page
}

func (c *Catalog) createTable(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Name        string             `json:"name"`
		Location    string             `json:"location"`
		Schema      *iceberg.Schema    `json:"schema"`
		StageCreate bool               `json:"stage-create"`
		Properties  iceberg.Properties `json:"properties"`
		Order       *table.SortOrder   `json:"write-order"`
	}
	if !read(w, r, &asked) {
		return
	}
	namespace := r.PathValue("namespace")
	name := namespace + "." + asked.Name
	switch {
	case asked.StageCreate:
		answer(w, http.StatusNotImplemented, "UnsupportedOperationException", "staged creation")
		return
	case c.namespaces[namespace] == nil:
		answer(w, http.StatusNotFound, "NoSuchNamespaceException", "The given namespace does not exist")
		return
	case c.SmallNames && !smallName.MatchString(asked.Name):
		answer(w, http.StatusBadRequest, "BadRequestException", "table names have small letters, digits and _, a letter or digit first")
		return
	case c.tables[name] != nil:
		answer(w, http.StatusConflict, "AlreadyExistsException", "The given table already exists")
		return
	}
	if asked.Location == "" {
		asked.Location = c.root + namespace + "/" + asked.Name
	}
	order := table.UnsortedSortOrder
	if asked.Order != nil {
		order = *asked.Order
	}
	metadata, err := table.NewMetadata(asked.Schema, nil, order, asked.Location, asked.Properties)
	if err != nil {
		answer(w, http.StatusBadRequest, "BadRequestException", err.Error())
		return
	}
	made := &tableState{}
	if err := c.keep(made, metadata); err != nil {
		answer(w, http.StatusInternalServerError, "InternalServerError", err.Error())
		return
	}
	c.tables[name] = made
	reply(w, http.StatusOK, made.loaded())
}

// keep writes a version of a table where all can read it, and makes it the current one.
func (c *Catalog) keep(t *tableState, metadata table.Metadata) error {
	content, err := json.Marshal(metadata)
	if err != nil {
		return err
	}
	location := fmt.Sprintf("%s/metadata/%05d-%s.metadata.json", metadata.Location(), t.number, uuid.NewString())
	if err := c.write(location, content); err != nil {
		return err
	}
	t.location, t.metadata, t.number = location, metadata, t.number+1
	return nil
}

func (t *tableState) loaded() map[string]any {
	return map[string]any{"metadata-location": t.location, "metadata": t.metadata, "config": map[string]string{}}
}

func (c *Catalog) find(w http.ResponseWriter, r *http.Request) *tableState {
	found := c.tables[r.PathValue("namespace")+"."+r.PathValue("table")]
	if found == nil {
		answer(w, http.StatusNotFound, "NoSuchTableException", "The given table does not exist")
	}
	return found
}

func (c *Catalog) loadTable(w http.ResponseWriter, r *http.Request) {
	if found := c.find(w, r); found != nil {
		reply(w, http.StatusOK, found.loaded())
	}
}

// commitTable is the compare-and-swap: first all requirements, then all updates.
func (c *Catalog) commitTable(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Requirements table.Requirements `json:"requirements"`
		Updates      table.Updates      `json:"updates"`
	}
	found := c.find(w, r)
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if found == nil || err != nil || !read(w, r, &asked) {
		return
	}
	var said struct {
		Updates []map[string]json.RawMessage `json:"updates"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		answer(w, http.StatusBadRequest, "BadRequestException", err.Error())
		return
	}
	if c.KeepsOne {
		if refused := asNessie(said.Updates); refused != "" {
			answer(w, http.StatusInternalServerError, "UnsupportedOperationException", refused)
			return
		}
	}
	for _, need := range asked.Requirements {
		if err := need.Validate(found.metadata); err != nil {
			answer(w, http.StatusConflict, "CommitFailedException", err.Error())
			return
		}
	}
	updated, err := table.UpdateTableMetadata(found.metadata, asked.Updates, found.location)
	if err == nil && c.KeepsOne {
		updated, err = newestOnly(updated)
	}
	if err != nil {
		answer(w, http.StatusBadRequest, "BadRequestException", err.Error())
		return
	}
	if err := c.keep(found, updated); err != nil {
		answer(w, http.StatusInternalServerError, "InternalServerError", err.Error())
		return
	}
	c.Commits++
	reply(w, http.StatusOK, map[string]any{"metadata-location": found.location, "metadata": found.metadata})
}

func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		answer(w, http.StatusBadRequest, "BadRequestException", err.Error())
		return false
	}
	return true
}

func reply(w http.ResponseWriter, status int, content any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(content)
}

// Has tells whether there is a table, namespace.table.
func (c *Catalog) Has(name string) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.tables[name] != nil
}
