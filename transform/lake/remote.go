package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	icebergio "github.com/apache/iceberg-go/io"
	"github.com/sourcegraph/conc/pool"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/transform/lake/bucket"
)

// A Remote says where a lake in a bucket is: the bucket, the Iceberg REST catalog
// that says which snapshot of a table counts, and a folder for copies of files.
type Remote struct {
	Store   bucket.Settings
	Catalog CatalogSettings
	Copies  string
}

// CatalogSettings say where an Iceberg REST catalog is and as whom it is used: with a
// token, or signed in by OAuth2's client credentials, or as Google wants it.
type CatalogSettings struct {
	URI          string
	Warehouse    string // the catalog's name for where tables lie; may be ""
	Namespace    string // a source's tables are in <namespace>_<source>; none: merit
	Names        string // of tables in the catalog: NamesKept, NamesLower, NamesSnake
	Token        connectors.Secret
	ClientID     string
	ClientSecret connectors.Secret
	TokenURI     string // where client credentials are handed in; none: the catalog itself
	Scope        string
	Google       bool              // sign in with the bucket's Google credentials
	Project      string            // Google: which project pays
	Signing      Signing           // Amazon: sign calls with the bucket's keys
	Transport    http.RoundTripper // nil: the usual one
	Attempts     int               // of each call that can be repeated; 0: 6
}

// OpenRemote opens the lake in a bucket. Nothing is asked of bucket or catalog yet.
func OpenRemote(ctx context.Context, r Remote) (*Lake, error) {
	at, err := bucket.Parse(r.Store.Location)
	if err != nil {
		return nil, err
	}
	store, err := bucket.Open(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	copies, err := filepath.Abs(r.Copies)
	if err != nil {
		return nil, fmt.Errorf("copies in %s: %w", r.Copies, err)
	}
	here := newDisk(copies)
	if err := here.makeFolders(copies); err != nil {
		return nil, fault.Errorf(fault.You, "the folder for copies of files in the bucket: %w", err)
	}
	files := &remoteFiles{layout: layout{at.String()}, store: store, copies: here, until: context.WithoutCancel(ctx)}
	entry, err := newCatalogTransport(r)
	if err != nil {
		return nil, err
	}
	return &Lake{layout: files.layout, catalog: &remoteCatalog{settings: r.Catalog, transport: entry, files: files}, disk: files, now: time.Now, limits: usualLimits()}, nil
}

// Root is where the lake lies.
func (l *Lake) Root() string { return l.root }

// Hold takes a lake in a bucket for one writer, on whatever machine, and gives
// bucket.ErrHeld at once when another has it; a lake in a folder is held by the
// project's own lock. number is that lock's; commits carry it, or a higher one when
// the bucket knows of a later holder.
func (l *Lake) Hold(ctx context.Context, holder, host string, number int64) (release func() error, err error) {
	l.SetFence(number)
	files, isRemote := l.disk.(*remoteFiles)
	if !isRemote {
		return func() error { return nil }, nil
	}
	lease, err := bucket.Take(ctx, files.store, leaseKey, holder, host, number, bucket.LeaseTime)
	if err != nil {
		return nil, err
	}
	files.lease = lease
	l.SetFence(lease.Number())
	until, done := outlasting(ctx, l.limits.grace)
	files.until = until
	return func() error {
		defer done()
		files.until = context.WithoutCancel(ctx) // who gave the lake back may still read it
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return lease.Release(ctx)
	}, nil
}

// leaseKey is beside the sources' folders, none of whose names can have a dot.
const leaseKey = "merit.lock"

// Fetch makes sure that the files of the tables have whole copies on this machine.
// In a lake in a folder they are there.
func (l *Lake) Fetch(ctx context.Context, tables []Pinned) error {
	files, isRemote := l.disk.(*remoteFiles)
	if !isRemote {
		return nil
	}
	fetchers := pool.New().WithMaxGoroutines(8).WithContext(ctx).WithCancelOnError().WithFirstError()
	for _, table := range tables {
		for _, file := range table.Files {
			fetchers.Go(func(ctx context.Context) error { return files.have(ctx, file.Path, file.Bytes) })
		}
	}
	return fetchers.Wait()
}

// remoteFiles are the files of a lake in a bucket. Files never change, so a copy on
// this machine is as good as the object: what is read is copied first, and what is
// written is written here, whole and synced, and then put into the bucket in one
// request. There is no rename and no fsync there: an object is there, or is not.
type remoteFiles struct {
	layout // its root is s3://bucket/folder
	store  bucket.Store
	copies *disk
	lease  *bucket.Lease // nil: nobody said that this process may write alone
	// until bounds calls to the store that iceberg-go's IO gives no context for.
	until context.Context
}

// key is an object's name in the lake, and refuses whatever lies outside of it.
func (r *remoteFiles) key(operation, name string) (string, error) {
	key, err := r.canonical(name)
	if err == nil && key == "." {
		err = errOutside
	}
	if err != nil {
		return "", &fs.PathError{Op: operation, Path: name, Err: fmt.Errorf("%w %s", err, r.root)}
	}
	return key, nil
}

// local is where a file's copy lies.
func (r *remoteFiles) local(name string) string {
	key, err := r.key("copy", name)
	if err != nil {
		return ""
	}
	return filepath.Join(r.copies.root, filepath.FromSlash(key))
}

func (r *remoteFiles) Open(name string) (icebergio.File, error) {
	if err := r.have(r.until, name, -1); err != nil {
		return nil, err
	}
	return r.copies.Open(r.local(name))
}

// have makes sure that there is a copy of a file. size -1: it is not known.
func (r *remoteFiles) have(ctx context.Context, name string, size int64) error {
	key, err := r.key("open", name)
	if err != nil {
		return err
	}
	path := r.local(name)
	if info, err := os.Stat(path); err == nil && (size < 0 || info.Size() == size) {
		return nil
	}
	body, found, err := r.store.Get(ctx, key)
	if err != nil {
		return err
	}
	defer body.Close()
	if size >= 0 && found.Size != size {
		return fault.Errorf(fault.Us, "%s has %d bytes instead of %d; merit verify looks at all files", name, found.Size, size)
	}
	return r.copy(name, path, body, found.Size)
}

// copy brings a whole object onto this machine, or nothing of it.
func (r *remoteFiles) copy(name, path string, body io.Reader, size int64) error {
	if err := r.copies.makeFolders(filepath.Dir(path)); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+partSuffix) // 0600
	if err != nil {
		return err
	}
	read, err := io.Copy(file, body)
	if err == nil && read != size {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fault.Errorf(fault.Them, "copying %s: %w", name, err)
	}
	return nil
}

// Create gives a writer whose Close puts the file into the bucket.
func (r *remoteFiles) Create(name string) (icebergio.FileWriter, error) {
	if isManifestList(name) {
		return &listWriter{names: r.layout, create: func() (icebergio.FileWriter, error) { return r.create(name) }}, nil
	}
	return r.create(name)
}

func (r *remoteFiles) create(name string) (icebergio.FileWriter, error) {
	key, err := r.key("create", name)
	if err != nil {
		return nil, err
	}
	file, err := r.copies.create(r.local(name))
	if err != nil {
		return nil, err
	}
	return &uploadedFile{durableFile: file, files: r, key: key}, nil
}

// An uploadedFile is written here and then put into the bucket.
type uploadedFile struct {
	*durableFile
	files *remoteFiles
	key   string
}

func (u *uploadedFile) Close() error {
	if err := u.durableFile.Close(); err != nil {
		return err
	}
	err := u.files.upload(u.key, u.path)
	if err != nil {
		u.files.copies.discard(u.path)
		u.files.copies.forgetSums(map[string]sum{u.path: ""})
	}
	return err
}

func (r *remoteFiles) upload(key, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	err = r.store.Put(r.until, key, file, info.Size())
	if cause := context.Cause(r.until); err != nil && cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

func (r *remoteFiles) WriteFile(name string, content []byte) error {
	file, err := r.Create(name)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

// Remove takes a file out of the bucket, and its copy.
func (r *remoteFiles) Remove(name string) error {
	key, err := r.key("remove", name)
	if err != nil {
		return err
	}
	if err := r.store.Remove(r.until, key); err != nil {
		return err
	}
	return ignoreGone(r.copies.Remove(r.local(name)))
}

// notedSums are the sums of files below a location that no commit names yet.
func (r *remoteFiles) notedSums(location string) map[string]sum {
	found := map[string]sum{}
	for path, s := range r.copies.notedSums(r.local(location)) {
		inside, err := filepath.Rel(r.copies.root, path)
		if err == nil {
			found[r.root+"/"+filepath.ToSlash(inside)] = s
		}
	}
	return found
}

func (r *remoteFiles) forgetSums(these map[string]sum) {
	local := map[string]sum{}
	for name := range these {
		local[r.local(name)] = ""
	}
	r.copies.forgetSums(local)
}

// mayCommit refuses a process whose lease is over: another may have it by now.
func (r *remoteFiles) mayCommit() error {
	if r.lease == nil {
		return nil
	}
	if err := r.lease.Lost(); err != nil {
		return fault.Errorf(fault.You, "%w: %w", ErrOvertaken, err)
	}
	return nil
}

// copyOf is where a file's copy lies; "" in a lake in a folder.
func (l *Lake) copyOf(path string) string {
	if files, isRemote := l.disk.(*remoteFiles); isRemote {
		return files.local(path)
	}
	return ""
}
