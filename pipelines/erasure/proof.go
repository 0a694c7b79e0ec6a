package erasure

import (
	"context"
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

// keptGround says why accounts of pay stay.
const keptGround = "an account of what was paid, which the law has companies keep (GDPR Art. 17(3)(b); delete it when the time for keeping is over)"

// places are the parts of a project folder that a search tells apart.
type places struct{ publish, lake, copies, payouts, warehouse, evidence, state, keys string }

func placesOf(p *project.Project) places {
	s := p.Settings
	at := places{
		publish: p.Path(s.Publish), payouts: p.Path(s.Files.Payouts), warehouse: p.Path(s.Warehouse.DuckDB),
		copies: p.Path(s.Lake.Copies), evidence: p.Path("evidence"), state: p.State(), keys: p.Path("keys"),
	}
	if !s.Lake.UsesBucket() {
		at.lake = p.Path(s.Lake.Location)
	}
	return at
}

func within(path, folder string) bool {
	return folder != "" && (path == folder || strings.HasPrefix(path, folder+string(filepath.Separator)))
}

// removeDrafts removes drafts of payouts that tell of a person: they are made again from
// the tables. What is locked stays.
func (e Eraser) removeDrafts(ctx context.Context, matches lake.Match) ([]string, error) {
	drafts, err := filepath.Glob(filepath.Join(placesOf(e.Project).payouts, "*", "draft"))
	if err != nil {
		return nil, err
	}
	var removed []string
	for _, draft := range drafts {
		found, err := lake.Search(ctx, draft, matches)
		if err != nil {
			return removed, err
		}
		if len(found.Found) == 0 {
			continue
		}
		if err := os.RemoveAll(draft); err != nil {
			return removed, fault.Errorf(fault.You, "removing the draft: %w", err)
		}
		removed = append(removed, draft)
	}
	return removed, nil
}

// prove looks for everybody who was ever erased at a source: in the lake by what each
// column tells, in every text of the warehouse, and in every byte of the project.
func (e Eraser) prove(ctx context.Context, source string, list *lake.ErasureList, done *Erasure) error {
	found, err := e.Lake.Remaining(ctx, source)
	if err != nil {
		return fmt.Errorf("looking for what should be gone: %w", err)
	}
	done.Proof.Add(found)
	if done.Rebuilt {
		if err := e.Tables.Search(ctx, list.Mentions(source), &done.Proof); err != nil {
			return fmt.Errorf("looking for what should be gone: %w", err)
		}
	}
	if err := e.survey(ctx, source, list, done); err != nil {
		return err
	}
	if len(done.Proof.Found) > 0 {
		return fault.Errorf(fault.Us, "the person is still in %s", strings.Join(done.Proof.Found, "; "))
	}
	return nil
}

// survey goes through every file of the project that is not the lake's or the warehouse's
// own, and through what is published outside it.
func (e Eraser) survey(ctx context.Context, source string, list *lake.ErasureList, done *Erasure) error {
	at, matches := placesOf(e.Project), list.Mentions(source)
	roots := []string{e.Project.Path(".")}
	for _, place := range []string{at.publish, at.payouts, at.state} {
		if !within(place, roots[0]) {
			roots = append(roots, place)
		}
	}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (within(path, at.lake) || within(path, at.copies) || within(path, at.keys)):
				return fs.SkipDir
			case !entry.Type().IsRegular() || strings.HasPrefix(path, at.warehouse):
				return ctx.Err()
			}
			found, err := lake.Search(ctx, path, matches)
			if err != nil {
				return err
			}
			done.sort(at, found)
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("looking for what should be gone: %w", err)
		}
	}
	for _, other := range e.Sources {
		if other.Name == source {
			continue
		}
		found, err := e.Lake.Search(ctx, other.Name, matches)
		if err != nil {
			return fmt.Errorf("looking for what should be gone: %w", err)
		}
		if len(found.Found) > 0 {
			done.Yours = append(done.Yours, fmt.Sprintf("what was read from %s: `merit forget %s …` erases it there too", other.Name, other.Name))
		}
	}
	return nil
}

// sort says of what was found whose it is to mend.
func (done *Erasure) sort(at places, found lake.Searched) {
	done.Proof.Files, done.Proof.Values = done.Proof.Files+found.Files, done.Proof.Values+found.Values
	for _, path := range found.Found {
		switch {
		case within(path, at.publish) || within(path, at.state):
			done.Proof.Found = append(done.Proof.Found, path)
		case within(path, at.payouts):
			period, _, _ := strings.Cut(strings.TrimPrefix(path, at.payouts+string(filepath.Separator)), string(filepath.Separator))
			note := filepath.Join(at.payouts, period) + ": " + keptGround
			if !slices.Contains(done.Kept, note) {
				done.Kept = append(done.Kept, note)
			}
		case within(path, at.evidence):
			done.Kept = append(done.Kept, path+": the signed log of what was paid; "+keptGround)
		default:
			done.Yours = append(done.Yours, path)
		}
	}
}
