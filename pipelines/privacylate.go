package pipelines

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors/fault"
	"merit/pipelines/project"
	"merit/transform/lake"
)

// applied remembers which policies hold for all that lies in the lake.
type applied struct {
	Policies map[string]string `json:"policies"`  // by source: a fingerprint of them
	HasOlder bool              `json:"has_older"` // what was published before tells more than it may
}

func appliedFile(p *project.Project) string { return filepath.Join(p.State(), "privacy.json") }

// appliedPolicies are none where the file is lost: then the lake is looked through again.
func appliedPolicies(p *project.Project) (applied, error) {
	a := applied{Policies: map[string]string{}}
	text, err := os.ReadFile(appliedFile(p))
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		return applied{}, fault.Errorf(fault.You, "%s: %w; remove it, and the lake is looked through again", appliedFile(p), err)
	}
	return a, nil
}

func (a applied) keep(p *project.Project) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.State(), 0o700); err != nil {
		return err
	}
	return writeSynced(appliedFile(p), append(text, '\n'))
}

// fingerprint tells whether a source's policies are others than they were.
func (g *guard) fingerprint() string {
	sum := sha256.New()
	for _, table := range slices.Sorted(maps.Keys(g.rules)) {
		for _, r := range g.rules[table] {
			fmt.Fprintf(sum, "%s.%s %s\n", table, r, r.policy)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// applyLate takes out of every snapshot what policies do not want there that are younger
// than what was read. Tables that were made from it go, and versions that were published
// go when the next one is.
func (j *Job) applyLate(ctx context.Context, source string, g *guard) error {
	before, err := appliedPolicies(j.Project)
	if err != nil {
		return err
	}
	if len(g.rules) > 0 {
		if err := keepKey(j.Project, privacyKey, g.key); err != nil {
			return fault.Errorf(fault.You, "the key of hashed values: %w", err)
		}
	}
	if before.Policies[source] == g.fingerprint() {
		return nil
	}
	rule := func(table string, fields []arrow.Field, columns []arrow.Array, put func(at int, changed map[int]*string)) {
		g.withhold(table, fields, columns, true, put)
	}
	if len(g.rules) > 0 {
		older, err := j.Lake.Withheld(ctx, source, rule)
		if err != nil {
			return fmt.Errorf("privacy of what was read from %s before: %w", source, err)
		}
		if older != (lake.Erased{}) {
			before.HasOlder = true
			if err := before.keep(j.Project); err != nil {
				return fault.Errorf(fault.You, "%s: %w", appliedFile(j.Project), err)
			}
			done, err := j.Lake.Withhold(ctx, source, rule)
			if err != nil {
				return fmt.Errorf("privacy of what was read from %s before: %w", source, err)
			}
			if err := j.removeWarehouse(); err != nil {
				return err
			}
			j.seen(Event{Notice: fmt.Sprintf("%s: %d values in the lake were older than what %s says of privacy: they are taken out of every snapshot, and `merit run` makes the tables anew; drafts of payouts that were made before are best made again", source, done.Cells, project.FileName)})
		}
	}
	before.Policies[source] = g.fingerprint()
	return before.keep(j.Project)
}

// removeSuperseded removes versions that were published before a policy held.
func (j *Job) removeSuperseded(remove func(folder string) error) error {
	before, err := appliedPolicies(j.Project)
	if err != nil || !before.HasOlder {
		return err
	}
	if err := remove(j.Project.Path(j.Project.Settings.Publish)); err != nil {
		return err
	}
	before.HasOlder = false
	return before.keep(j.Project)
}
