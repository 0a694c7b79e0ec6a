package pipelines

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"merit/transform/lake"
)

// Maintained is what Maintain did to the lake.
type Maintained struct {
	lake.Compacted              // small files, and those that took their place
	Expired        int          // checkpoints
	Cleaned        lake.Cleaned // files that nothing named
}

// Maintain brings the lake's small files together, lets go of checkpoints that
// merit.yml does not want any longer, and removes files that nothing names. The
// project must be locked.
func (j *Job) Maintain(ctx context.Context) (Maintained, error) {
	var done Maintained
	keep, every, err := j.Project.History()
	if err != nil {
		return done, err
	}
	if _, err := j.Lake.Upgrade(ctx); err != nil {
		return done, err
	}
	datasets, err := j.Lake.Datasets(ctx)
	if err != nil {
		return done, err
	}
	for _, d := range datasets {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		one, err := d.Compact(ctx)
		done.Before, done.After = done.Before+one.Before, done.After+one.After
		if err != nil {
			return done, err
		}
		expired, err := d.Expire(ctx, lake.History{Keep: keep, Every: every})
		done.Expired += expired
		if err != nil {
			return done, err
		}
	}
	if done.Cleaned, err = j.Lake.CleanUp(ctx, 0); err != nil {
		return done, err
	}
	return done, nil
}

// MaintainDaily maintains the lake when a day has passed since the last time.
func (j *Job) MaintainDaily(ctx context.Context) error {
	mark := filepath.Join(j.Project.State(), "maintained")
	text, err := os.ReadFile(mark)
	today := time.Now().UTC().Format(time.DateOnly)
	if err == nil && strings.TrimSpace(string(text)) == today {
		return nil
	}
	if _, err := j.Maintain(ctx); err != nil {
		return fmt.Errorf("maintaining the lake: %w", err)
	}
	return os.WriteFile(mark, []byte(today+"\n"), 0o600)
}
