package privacy

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
	return project.WriteSynced(appliedFile(p), append(text, '\n'))
}

// fingerprint tells whether a source's policies are others than they were.
func (g *Guard) fingerprint() string {
	sum := sha256.New()
	for _, table := range slices.Sorted(maps.Keys(g.rules)) {
		for _, r := range g.rules[table] {
			fmt.Fprintf(sum, "%s.%s %s\n", table, r, r.policy)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// ApplyToOlder takes out of every snapshot what policies do not want there that are
// younger than what was read, and gives the number of values. Tables that were made from
// it are removed by removeTables; versions that were published go when the next one is.
func (g *Guard) ApplyToOlder(ctx context.Context, l *lake.Lake, removeTables func() error) (values int64, err error) {
	before, err := appliedPolicies(g.project)
	if err != nil {
		return 0, err
	}
	if len(g.rules) > 0 {
		if err := project.KeepKey(g.project, keyFile, g.key); err != nil {
			return 0, fault.Errorf(fault.You, "the key of hashed values: %w", err)
		}
	}
	if before.Policies[g.source] == g.fingerprint() {
		return 0, nil
	}
	if len(g.rules) > 0 {
		if values, err = g.withholdOlder(ctx, l, &before, removeTables); err != nil {
			return 0, err
		}
	}
	before.Policies[g.source] = g.fingerprint()
	return values, before.keep(g.project)
}

func (g *Guard) withholdOlder(ctx context.Context, l *lake.Lake, before *applied, removeTables func() error) (values int64, err error) {
	rule := func(table string, fields []arrow.Field, columns []arrow.Array, put func(at int, changed map[int]*string)) {
		g.withhold(table, fields, columns, true, put)
	}
	older, err := l.Withheld(ctx, g.source, rule)
	if err != nil {
		return 0, fmt.Errorf("privacy of what was read from %s before: %w", g.source, err)
	}
	if older == (lake.Erased{}) {
		return 0, nil
	}
	before.HasOlder = true
	if err := before.keep(g.project); err != nil {
		return 0, fault.Errorf(fault.You, "%s: %w", appliedFile(g.project), err)
	}
	done, err := l.Withhold(ctx, g.source, rule)
	if err != nil {
		return 0, fmt.Errorf("privacy of what was read from %s before: %w", g.source, err)
	}
	return int64(done.Cells), removeTables()
}

// RemoveSuperseded removes versions that were published before a policy held.
func RemoveSuperseded(p *project.Project, remove func(folder string) error) error {
	before, err := appliedPolicies(p)
	if err != nil || !before.HasOlder {
		return err
	}
	if err := remove(p.Path(p.Settings.Publish)); err != nil {
		return err
	}
	before.HasOlder = false
	return before.keep(p)
}
