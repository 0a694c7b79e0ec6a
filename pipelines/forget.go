package pipelines

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines/project"
	"merit/transform/lake"
)

// Files of a project that keep who was erased. The list holds keyed hashes only; with
// the key lost, nobody on it is known again.
const (
	forgottenFile = "forgotten.txt"
	forgetKey     = "keys/forget.key"
)

// forgotten reads the project's list; nil when nobody was ever erased.
func forgotten(p *project.Project) (*lake.Forgotten, error) {
	text, err := os.ReadFile(p.Path(forgottenFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Errorf(fault.You, "who was erased: %w", err)
	}
	key, err := os.ReadFile(p.Path(forgetKey))
	if err != nil {
		return nil, fault.Errorf(fault.You, "%s can't be used without its key, and nothing is read before it is back: %w", forgottenFile, err)
	}
	list, err := lake.ParseForgotten(key, text)
	if err != nil {
		return nil, fault.Errorf(fault.You, "%s: %w", forgottenFile, err)
	}
	return list, nil
}

// projectKey is a key of a project, made at its first use.
func projectKey(p *project.Project, name string) ([]byte, error) {
	path := p.Path(name)
	key, err := os.ReadFile(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return key, writeSynced(path, key)
}

// writeSynced writes a whole file beside its name and renames it there.
func writeSynced(path string, content []byte) error {
	file, err := os.OpenFile(path+".part", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// Erasure is what Forget did, and its proof.
type Erasure struct {
	Known  int // records and addresses by which the person was known
	Erased lake.Erased
	Proof  lake.Searched
}

// Forget erases a person from every snapshot of a source's tables, keeps the keyed
// hashes by which they are known when the CRM tells of them again, and looks for them
// in every byte that is left. The warehouse and the published tables were made from
// the lake: the warehouse is removed, and the next run makes both anew.
//
// who holds addresses, and records as STREAM:ID. The project must be locked.
func (j *Job) Forget(ctx context.Context, source string, who []string) (Erasure, error) {
	var done Erasure
	identities, err := j.identities(source, who)
	if err != nil {
		return done, err
	}
	key, err := projectKey(j.Project, forgetKey)
	if err != nil {
		return done, fault.Errorf(fault.You, "the key of the forgotten: %w", err)
	}
	list, err := forgotten(j.Project)
	if err == nil && list == nil {
		list, err = lake.ParseForgotten(key, nil)
	}
	if err != nil {
		return done, err
	}
	for _, one := range identities {
		list.Add(one)
	}
	all, err := j.Lake.Resolve(ctx, source, list, identities)
	if err != nil {
		return done, err
	}
	done.Known = len(all)
	// On the list first: a crash while erasing must not let the next reading bring them back.
	if err := writeSynced(j.Project.Path(forgottenFile), list.Text()); err != nil {
		return done, fault.Errorf(fault.You, "keeping who was erased: %w", err)
	}
	if done.Erased, err = j.Lake.Erase(ctx, source); err != nil {
		return done, err
	}
	if err := j.removeWarehouse(); err != nil {
		return done, err
	}
	return done, j.prove(ctx, source, all, &done)
}

func (j *Job) identities(source string, who []string) ([]lake.Identity, error) {
	if _, err := j.chosen([]string{source}); err != nil {
		return nil, err
	}
	var all []lake.Identity
	for _, one := range who {
		stream, id, isRecord := strings.Cut(one, ":")
		switch {
		case isRecord && stream != "" && id != "":
			all = append(all, lake.Identity{Source: source, Stream: stream, Value: id})
			if lake.MeansOneRecord(id) {
				all = append(all, lake.Identity{Source: source, Value: id})
			}
		case !isRecord && strings.Contains(one, "@"):
			all = append(all, lake.Identity{Source: source, Value: one})
			hashes, err := j.hashesOf(one)
			if err != nil {
				return nil, err
			}
			for _, hash := range hashes {
				all = append(all, lake.Identity{Source: source, Value: hash})
			}
		default:
			return nil, fault.Errorf(fault.You, "%q is neither an e-mail address nor a record as STREAM:ID, such as Contact:0035g00000AbCdE", one)
		}
	}
	return all, nil
}

// hashesOf are what stands for an address where the project hashes addresses: as it was
// given, and in small letters. None when the project has never hashed anything.
func (j *Job) hashesOf(address string) ([]string, error) {
	key, err := os.ReadFile(j.Project.Path(privacyKey))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Errorf(fault.You, "the key of hashed addresses: %w", err)
	}
	return []string{privateHash(key, address), privateHash(key, strings.ToLower(address))}, nil
}

func (j *Job) removeWarehouse() error {
	path := j.Project.Path(j.Project.Settings.Warehouse.DuckDB)
	for _, file := range []string{path, path + ".wal"} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.Errorf(fault.You, "removing the warehouse: %w", err)
		}
	}
	return nil
}

// prove looks for what can be looked for in bytes: addresses and ids that are not
// small numbers, of which there are equal ones that mean something else.
func (j *Job) prove(ctx context.Context, source string, all []lake.Identity, done *Erasure) error {
	var texts []string
	for _, who := range all {
		if who.Stream == "" {
			texts = append(texts, who.Value)
		}
	}
	places := []func() (lake.Searched, error){
		func() (lake.Searched, error) { return j.Lake.Search(ctx, source, texts) },
		func() (lake.Searched, error) {
			return lake.Search(ctx, j.Project.Path(j.Project.Settings.Publish), texts)
		},
	}
	for _, search := range places {
		found, err := search()
		if err != nil {
			return fmt.Errorf("looking for what should be gone: %w", err)
		}
		done.Proof.Files += found.Files
		done.Proof.Values += found.Values
		done.Proof.Found = append(done.Proof.Found, found.Found...)
	}
	if len(done.Proof.Found) > 0 {
		return fault.Errorf(fault.Us, "the person is still in %s", strings.Join(done.Proof.Found, "; "))
	}
	return nil
}
