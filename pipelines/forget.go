package pipelines

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
func forgotten(p *project.Project) (*lake.ErasureList, error) {
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
	list, err := lake.ParseErasureList(key, text)
	if err != nil {
		return nil, fault.Errorf(fault.You, "%s: %w", forgottenFile, err)
	}
	return list, nil
}

// readKey is a key of a project, or a new one that is kept nowhere yet.
func readKey(p *project.Project, name string) ([]byte, error) {
	key, err := os.ReadFile(p.Path(name))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = make([]byte, 32)
	_, err = rand.Read(key)
	return key, err
}

// keepKey writes a key that is not there yet.
func keepKey(p *project.Project, name string, key []byte) error {
	path := p.Path(name)
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeSynced(path, key)
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

// Erasure is what Forget did, or would do, and its proof.
type Erasure struct {
	Known   int         // records, addresses and names by which the person was known
	Erased  lake.Erased // what was taken out of the lake, or would be
	Removed []string    // what was made from it and is gone: drafts
	Rebuilt bool        // the warehouse and the published tables were made anew
	Proof   lake.Searched
	Kept    []string // what names the person and stays, with the ground
	Yours   []string // what names the person and is for its keeper to mend
}

// A search for a person, before anything is written.
type lookup struct {
	list  *lake.ErasureList
	found []lake.Identity
	count lake.Erased
}

// LookFor tells what Forget would erase. Nothing is written.
func (j *Job) LookFor(ctx context.Context, source string, who []string) (Erasure, error) {
	looked, err := j.lookUp(ctx, source, who)
	if err != nil {
		return Erasure{}, err
	}
	done := Erasure{Known: len(looked.found), Erased: looked.count}
	return done, j.survey(ctx, source, looked.list, &done)
}

// lookUp finds by what a source knows people. Nobody at all is a mistake of who asked:
// an address typed wrong must not pass for an erasure.
func (j *Job) lookUp(ctx context.Context, source string, who []string) (lookup, error) {
	var l lookup
	identities, err := j.identities(source, who)
	if err != nil {
		return l, err
	}
	if l.list, err = j.forgottenOrNew(); err != nil {
		return l, err
	}
	wasErased := slices.ContainsFunc(identities, l.list.Has)
	for _, one := range identities {
		l.list.Add(one)
	}
	if l.found, err = j.Lake.Resolve(ctx, source, l.list, identities); err != nil {
		return l, err
	}
	if l.count, err = j.Lake.Mentioned(ctx, source); err != nil {
		return l, err
	}
	if l.count == (lake.Erased{}) && !wasErased {
		return l, fault.Errorf(fault.You, "nobody was found at %s by %s, and nothing was changed: is it written as the CRM has it?", source, strings.Join(who, ", "))
	}
	return l, nil
}

// forgottenOrNew is the project's list, or an empty one. Its key is kept once somebody is on it.
func (j *Job) forgottenOrNew() (*lake.ErasureList, error) {
	list, err := forgotten(j.Project)
	if err != nil || list != nil {
		return list, err
	}
	key, err := readKey(j.Project, forgetKey)
	if err != nil {
		return nil, fault.Errorf(fault.You, "the key of the forgotten: %w", err)
	}
	return lake.ParseErasureList(key, nil)
}

// Forget takes a person out of every snapshot of a source's tables, keeps the keyed
// hashes by which they are known when the CRM tells of them again, makes anew what was
// made from the lake, and looks for everybody who was ever erased at the source in all
// that is left. What was the person's counts as before, under a tombstone.
//
// who holds addresses, and records as KIND:ID. The project must be locked.
func (j *Job) Forget(ctx context.Context, source string, who []string) (Erasure, error) {
	var done Erasure
	looked, err := j.lookUp(ctx, source, who)
	if err != nil {
		return done, err
	}
	done.Known = len(looked.found)
	// On the list first: a crash while erasing must not let the next reading bring them back.
	if err := keepKey(j.Project, forgetKey, looked.list.Key()); err != nil {
		return done, fault.Errorf(fault.You, "the key of the forgotten: %w", err)
	}
	if err := writeSynced(j.Project.Path(forgottenFile), looked.list.Text()); err != nil {
		return done, fault.Errorf(fault.You, "keeping who was erased: %w", err)
	}
	j.erased = looked.list
	if done.Erased, err = j.Lake.Erase(ctx, source); err != nil {
		return done, err
	}
	if done.Removed, err = j.removeDrafts(ctx, looked.list.Mentions(source)); err != nil {
		return done, err
	}
	if done.Rebuilt, err = j.rebuildWithout(ctx); err != nil {
		return done, fmt.Errorf("the person is out of the lake, and what was made from it could not be made anew, so the published tables still tell of them; mend this and run `merit forget` again: %w", err)
	}
	return done, j.prove(ctx, source, looked.list, &done)
}

func (j *Job) identities(source string, who []string) ([]lake.Identity, error) {
	if _, err := j.chosen([]string{source}); err != nil {
		return nil, err
	}
	var all []lake.Identity
	for _, one := range who {
		stream, id, isRecord := strings.Cut(one, ":")
		switch {
		case strings.HasPrefix(one, "erased-") || isRecord && (strings.HasPrefix(id, "-") || strings.HasPrefix(id, "erased-")):
			return nil, fault.Errorf(fault.You, "%q is the tombstone of somebody who was erased before", one)
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
	for _, file := range []string{path, path + ".wal", path + ".spill"} {
		if err := os.RemoveAll(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.Errorf(fault.You, "removing the warehouse: %w", err)
		}
	}
	return nil
}
