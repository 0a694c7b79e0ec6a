package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/catalog/rest"
	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"

	"merit/connectors/fault"
)

// A remoteCatalog keeps tables in an Iceberg REST catalog, by iceberg-go's client.
// What is its own: the namespaces' names, calls through the transport below, the sums of new
// files, and what becomes of a commit whose outcome is not known.
type remoteCatalog struct {
	settings  CatalogSettings
	transport *catalogTransport
	files     *remoteFiles

	relocates bool // tables that the catalog keeps elsewhere are looked for in the lake

	making sync.Mutex // of namespaces, one at a time
	made   []string   // namespaces that are known to be there

	mutex sync.Mutex
	open  *rest.Catalog             // once somebody asked
	heads map[string]table.Metadata // newest that were seen
}

// client signs in at the first call.
func (c *remoteCatalog) client(ctx context.Context) (*rest.Catalog, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.open != nil {
		return c.open, nil
	}
	s := c.settings
	options := []rest.Option{rest.WithCustomTransport(c.transport)}
	if s.Warehouse != "" {
		options = append(options, rest.WithWarehouseLocation(s.Warehouse))
	}
	if !s.Token.IsEmpty() {
		options = append(options, rest.WithOAuthToken(s.Token.Reveal()))
	}
	if !s.ClientSecret.IsEmpty() {
		options = append(options, rest.WithCredential(s.ClientID+":"+s.ClientSecret.Reveal()))
	}
	if s.Scope != "" {
		options = append(options, rest.WithScope(s.Scope))
	}
	if s.TokenURI != "" {
		u, err := url.Parse(s.TokenURI)
		if err != nil {
			return nil, fault.Errorf(fault.You, "%q: %w", s.TokenURI, err)
		}
		options = append(options, rest.WithAuthURI(u))
	}
	if s.Project != "" {
		options = append(options, rest.WithHeaders(map[string]string{"x-goog-user-project": s.Project}))
	}
	opened, err := rest.NewCatalog(ctx, "merit", strings.TrimSuffix(s.URI, "/"), options...)
	if err != nil {
		return nil, c.told("signing in at", nil, err)
	}
	c.open = opened
	return opened, nil
}

// ask makes a call, and once more after signing in again when a token has run out.
func (c *remoteCatalog) ask(ctx context.Context, doing string, ident table.Identifier, call func(*rest.Catalog) error) error {
	for again := false; ; again = true {
		client, err := c.client(ctx)
		if err != nil {
			return err
		}
		err = call(client)
		expired := errors.Is(err, rest.ErrUnauthorized) || errors.Is(err, rest.ErrAuthorizationExpired)
		if !expired || again || c.settings.ClientSecret.IsEmpty() {
			return c.told(doing, ident, err)
		}
		c.mutex.Lock()
		if c.open == client {
			c.open = nil
		}
		c.mutex.Unlock()
	}
}

// told says what was being done to which table, and who can mend it. Answers that
// the lake goes on from stay as they are.
func (c *remoteCatalog) told(doing string, ident table.Identifier, err error) error {
	if err == nil {
		return nil
	}
	err = c.transport.redact(err)
	for _, plain := range []error{catalog.ErrNoSuchTable, catalog.ErrNoSuchNamespace, catalog.ErrTableAlreadyExists, catalog.ErrNamespaceAlreadyExists,
		table.ErrCommitFailed, context.Canceled} {
		if errors.Is(err, plain) {
			return err
		}
	}
	who := fault.Them
	var known fault.Error
	switch {
	case errors.Is(err, rest.ErrUnauthorized), errors.Is(err, rest.ErrForbidden), errors.Is(err, rest.ErrAuthorizationExpired), errors.Is(err, rest.ErrOAuthError):
		who = fault.You
	case strings.Contains(err.Error(), unsupported):
		who = fault.You // with whatever status it is answered
	case errors.Is(err, rest.ErrBadRequest), errors.Is(err, iceberg.ErrNotImplemented), ident == nil && isRESTRefusal(err):
		who = fault.You // what the settings name is not there, or can't do it
	case errors.As(err, &known):
		who = known.Who
	}
	at := "the catalog " + c.settings.URI
	if ident != nil {
		at = strings.Join(ident, ".") + " in " + at
	}
	return fault.Errorf(who, "%s %s: %w", doing, at, err)
}

// unsupported is how catalogs in Java say that they never do something.
const unsupported = "UnsupportedOperationException"

// isRESTRefusal tells an answer that says no from one that is unwell.
func isRESTRefusal(err error) bool {
	return errors.Is(err, rest.ErrRESTError) && !errors.Is(err, rest.ErrServerError) && !errors.Is(err, rest.ErrServiceUnavailable)
}

func (c *remoteCatalog) namespace() string {
	if c.settings.Namespace == "" {
		return "merit"
	}
	return c.settings.Namespace
}

// LoadTable opens a table as it is now.
func (c *remoteCatalog) LoadTable(ctx context.Context, ident table.Identifier) (loaded *table.Table, err error) {
	err = c.ask(ctx, "loading", ident, func(client *rest.Catalog) (err error) {
		loaded, err = client.LoadTable(ctx, c.there(ident))
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.opened(ident, loaded.Metadata(), loaded.MetadataLocation())
}

// locationOf is where the catalog says that a table lies.
func (c *remoteCatalog) locationOf(ctx context.Context, ident table.Identifier) (at string, err error) {
	err = c.ask(ctx, "loading", ident, func(client *rest.Catalog) error {
		loaded, err := client.LoadTable(ctx, c.there(ident))
		if err == nil {
			at = loaded.Metadata().Location()
		}
		return err
	})
	return at, err
}

// opened makes a table that is read through the lake's own files.
func (c *remoteCatalog) opened(ident table.Identifier, metadata table.Metadata, location string) (*table.Table, error) {
	metadata, err := c.atAlias(ident, metadata)
	if err == nil {
		metadata, err = adopt(metadata)
	}
	if err != nil {
		return nil, err
	}
	c.know(ident, metadata)
	files := func(context.Context) (icebergio.IO, error) { return c.files, nil }
	return table.New(ident, metadata, location, files, c), nil
}

// atAlias is a table's metadata as iceberg-go works on it. A table that the catalog
// keeps outside of the lake is refused, unless it is about to be relocated: nobody must
// go on writing to one half here and one half there.
func (c *remoteCatalog) atAlias(ident table.Identifier, metadata table.Metadata) (table.Metadata, error) {
	if err := c.checkOwner(ident, metadata); err != nil {
		return nil, err
	}
	place, err := c.files.canonical(metadata.Location())
	if err == nil && place != "." {
		return located(metadata, alias(place))
	}
	if !c.relocates {
		return nil, fault.Errorf(fault.You, "the catalog keeps %s in %s, which is outside of %s: name a location that the catalog lets tables lie in, "+
			"or run `merit relocate` when the lake's objects were copied there", strings.Join(ident, "."), metadata.Location(), c.files.root)
	}
	return located(metadata, alias(strings.Join(ident, "/")))
}

func (c *remoteCatalog) know(ident table.Identifier, metadata table.Metadata) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.heads == nil {
		c.heads = map[string]table.Metadata{}
	}
	c.heads[strings.Join(ident, ".")] = metadata
}

// known is the newest version of a table that this process saw.
func (c *remoteCatalog) known(ctx context.Context, ident table.Identifier) (table.Metadata, error) {
	c.mutex.Lock()
	head := c.heads[strings.Join(ident, ".")]
	c.mutex.Unlock()
	if head != nil {
		return head, nil
	}
	loaded, err := c.LoadTable(ctx, ident)
	if err != nil {
		return nil, err
	}
	return loaded.Metadata(), nil
}

// CreateTable makes an empty table in the lake's own folder of the bucket. When the
// outcome is not known, it looks whether the table is there.
func (c *remoteCatalog) CreateTable(ctx context.Context, ident table.Identifier, schema *iceberg.Schema, options ...catalog.CreateTableOpt) (made *table.Table, err error) {
	options = append(options[:len(options):len(options)], catalog.WithLocation(c.files.join(ident...)), withTableName(ident[1]))
	err = c.ask(ctx, "making", ident, func(client *rest.Catalog) (err error) {
		made, err = client.CreateTable(ctx, c.there(ident), schema, options...)
		return err
	})
	if err != nil && fault.WhoMends(err) == fault.Them {
		if found, again := c.LoadTable(ctx, ident); again == nil {
			return found, nil
		}
	}
	if errors.Is(err, catalog.ErrNoSuchNamespace) {
		// It was made just before, or said to be there.
		return nil, fault.Errorf(fault.Them, "making %s in the catalog %s: %w", strings.Join(ident, "."), c.settings.URI, err)
	}
	if err != nil {
		return nil, err
	}
	return c.opened(ident, made.Metadata(), made.MetadataLocation())
}

// commitAttempts are made while the catalog's answer leaves it open whether a
// commit can be.
const commitAttempts = 6

// CommitTable makes a table's next version by the catalog's compare-and-swap.
//
// A 409 may mean that another writer came first, and then this commit is refused for
// good, or that the catalog stumbled over itself; a 5xx or a broken connection may
// mean anything. Both times the table is looked at: is the commit in it, can it never
// be, or may it still be tried? To try again is safe: the commit names the snapshot
// that it follows, so that it can't be made twice.
func (c *remoteCatalog) CommitTable(ctx context.Context, ident table.Identifier, needs []table.Requirement, updates []table.Update) (table.Metadata, string, error) {
	if err := c.files.mayCommit(); err != nil {
		return nil, "", err
	}
	before, err := c.known(ctx, ident)
	if err != nil {
		return nil, "", err
	}
	sums := c.files.notedSums(before.Location())
	if len(sums) > 0 { // a commit without files of its own may take sums away
		noted := iceberg.Properties{sumsProperty: c.files.addSums(before.Properties()[sumsProperty], before.Location(), sums)}
		updates = append(updates[:len(updates):len(updates)], table.NewSetPropertiesUpdate(noted))
	}
	if updates, err = c.files.withRealPaths(updates); err == nil {
		updates, err = withLastColumns(updates, before)
	}
	if err != nil {
		return nil, "", err
	}
	metadata, location, err := c.commit(ctx, ident, before, needs, updates)
	if err != nil {
		return nil, "", err
	}
	if metadata, err = c.atAlias(ident, metadata); err == nil {
		metadata, err = adopt(metadata)
	}
	if err != nil {
		return nil, "", err
	}
	c.know(ident, metadata)
	c.files.forgetSums(sums)
	return metadata, location, nil
}

func (c *remoteCatalog) commit(ctx context.Context, ident table.Identifier, before table.Metadata, needs []table.Requirement, updates []table.Update) (metadata table.Metadata, location string, err error) {
	for n := range commitAttempts {
		err = c.ask(ctx, "committing", ident, func(client *rest.Catalog) (err error) {
			metadata, location, err = client.CommitTable(ctx, c.there(ident), needs, updates)
			return err
		})
		if err == nil {
			return metadata, location, nil
		}
		if !errors.Is(err, table.ErrCommitFailed) && fault.WhoMends(err) != fault.Them {
			return nil, "", err // refused, and nothing was done
		}
		now, looked := c.LoadTable(ctx, ident)
		if looked != nil {
			return nil, "", fault.Errorf(fault.Them, "%s: whether it was committed is not known, the next run will see: %w; looking for it: %w", strings.Join(ident, "."), err, looked)
		}
		if isIn(now.Metadata(), before, updates) {
			return now.Metadata(), now.MetadataLocation(), nil
		}
		for _, need := range needs {
			if lost := need.Validate(now.Metadata()); lost != nil {
				return nil, "", fmt.Errorf("%w (%w)", ErrOvertaken, lost)
			}
		}
		if err := pause(ctx, n); err != nil {
			return nil, "", err
		}
	}
	return nil, "", fault.Errorf(fault.Them, "after %d attempts: %w", commitAttempts, err)
}

// isIn tells whether a table has what updates wanted to make of it.
func isIn(now, before table.Metadata, updates []table.Update) bool {
	var said []struct {
		Action   string `json:"action"`
		Snapshot struct {
			ID int64 `json:"snapshot-id"`
		} `json:"snapshot"`
	}
	text, err := json.Marshal(updates)
	if err != nil || json.Unmarshal(text, &said) != nil {
		return false
	}
	for _, one := range said {
		if one.Action == table.UpdateAddSnapshot {
			return now.SnapshotByID(one.Snapshot.ID) != nil
		}
	}
	wanted, err := table.UpdateTableMetadata(before, updates, "")
	if err != nil || !wanted.CurrentSchema().Equals(now.CurrentSchema()) || len(wanted.Snapshots()) != len(now.Snapshots()) {
		return false
	}
	for name, value := range wanted.Properties() {
		if now.Properties()[name] != value {
			return false
		}
	}
	return true
}

var _ http.RoundTripper = (*catalogTransport)(nil)
