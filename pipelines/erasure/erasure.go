// Package erasure takes people out of everything that a project holds, and proves it.
package erasure

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines/privacy"
	"merit/pipelines/project"
	"merit/transform/lake"
)

// Files of a project that keep who was erased. The list holds keyed hashes only; with
// the key lost, nobody on it is known again.
const (
	forgottenFile = "forgotten.txt"
	forgetKey     = "keys/forget.key"
)

// List reads the project's list; nil when nobody was ever erased.
func List(p *project.Project) (*lake.ErasureList, error) {
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

// Erasure is what Forget did, or would do, and its proof.
type Erasure struct {
	Known   int         // records, addresses and names by which the person was known
	Erased  lake.Erased // what was taken out of the lake, or would be
	Removed []string    // what was made from it and is gone: drafts
	Rebuilt bool        // the warehouse and the published tables were rebuilt
	Proof   lake.Searched
	Kept    []string // what names the person and stays, with the ground
	Yours   []string // what names the person and is for its keeper to mend
}

// Tables are what is made from the lake.
type Tables interface {
	// RemoveAll removes the warehouse.
	RemoveAll() error
	// RebuildPublished rebuilds and publishes the tables from what is left in the lake, and
	// removes the versions before; false: none had been built yet.
	RebuildPublished(ctx context.Context) (bool, error)
	// Search looks through every text that a table holds.
	Search(ctx context.Context, matches lake.Match, found *lake.Searched) error
}

// An Eraser erases people at the sources of one project.
type Eraser struct {
	Project *project.Project
	Sources []project.Source
	Lake    *lake.Lake
	Tables  Tables
	// Listed is told who is erased from now on, before anything is rebuilt.
	Listed func(*lake.ErasureList)
}

// A search for a person, before anything is written.
type lookup struct {
	list  *lake.ErasureList
	found []lake.Identity
	count lake.Erased
}

// LookFor tells what Forget would erase. Nothing is written.
func (e Eraser) LookFor(ctx context.Context, source string, who []string) (Erasure, error) {
	looked, err := e.lookUp(ctx, source, who)
	if err != nil {
		return Erasure{}, err
	}
	done := Erasure{Known: len(looked.found), Erased: looked.count}
	return done, e.survey(ctx, source, looked.list, &done)
}

// lookUp finds by what a source knows people. Nobody at all is a mistake of who asked:
// an address typed wrong must not pass for an erasure.
func (e Eraser) lookUp(ctx context.Context, source string, who []string) (lookup, error) {
	var l lookup
	identities, err := e.identities(source, who)
	if err != nil {
		return l, err
	}
	if l.list, err = e.forgottenOrNew(); err != nil {
		return l, err
	}
	wasErased := slices.ContainsFunc(identities, l.list.Has)
	for _, one := range identities {
		l.list.Add(one)
	}
	if l.found, err = e.Lake.Resolve(ctx, source, l.list, identities); err != nil {
		return l, err
	}
	if l.count, err = e.Lake.Mentioned(ctx, source); err != nil {
		return l, err
	}
	if l.count == (lake.Erased{}) && !wasErased {
		return l, fault.Errorf(fault.You, "nobody was found at %s by %s, and nothing was changed: is it written as the CRM has it?", source, strings.Join(who, ", "))
	}
	return l, nil
}

// forgottenOrNew is the project's list, or an empty one. Its key is kept once somebody is on it.
func (e Eraser) forgottenOrNew() (*lake.ErasureList, error) {
	list, err := List(e.Project)
	if err != nil || list != nil {
		return list, err
	}
	key, err := project.KeyOrNew(e.Project, forgetKey)
	if err != nil {
		return nil, fault.Errorf(fault.You, "the key of the forgotten: %w", err)
	}
	return lake.ParseErasureList(key, nil)
}

// Forget takes a person out of every snapshot of a source's tables, keeps the keyed
// hashes by which they are known when the CRM tells of them again, rebuilds what was
// made from the lake, and looks for everybody who was ever erased at the source in all
// that is left. What was the person's counts as before, under a tombstone.
//
// who holds addresses, and records as KIND:ID. The project must be locked.
func (e Eraser) Forget(ctx context.Context, source string, who []string) (Erasure, error) {
	var done Erasure
	looked, err := e.lookUp(ctx, source, who)
	if err != nil {
		return done, err
	}
	done.Known = len(looked.found)
	// On the list first: a crash while erasing must not let the next reading bring them back.
	if err := project.KeepKey(e.Project, forgetKey, looked.list.Key()); err != nil {
		return done, fault.Errorf(fault.You, "the key of the forgotten: %w", err)
	}
	if err := project.WriteSynced(e.Project.Path(forgottenFile), looked.list.Text()); err != nil {
		return done, fault.Errorf(fault.You, "keeping who was erased: %w", err)
	}
	e.Listed(looked.list)
	if done.Erased, err = e.Lake.Erase(ctx, source); err != nil {
		return done, err
	}
	if done.Removed, err = e.removeDrafts(ctx, looked.list.Mentions(source)); err != nil {
		return done, err
	}
	if done.Rebuilt, err = e.Tables.RebuildPublished(ctx); err != nil {
		return done, fmt.Errorf("the person is out of the lake, and what was made from it could not be rebuilt, so the published tables still tell of them; mend this and run `merit forget` again: %w", err)
	}
	return done, e.prove(ctx, source, looked.list, &done)
}

func (e Eraser) identities(source string, who []string) ([]lake.Identity, error) {
	if !slices.ContainsFunc(e.Sources, func(s project.Source) bool { return s.Name == source }) {
		return nil, fault.Errorf(fault.You, "%s names no source called %q%s", project.FileName, source, fault.Instead(source, e.Project.SourceNames()))
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
			hashes, err := privacy.HashesOf(e.Project, one)
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
