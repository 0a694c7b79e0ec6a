package results

import (
	"context"
	"time"

	"merit/transform/warehouse"
)

// A Told is one event of the recognition feed, and who may read it.
type Told struct {
	ID, Kind, Text, Audience string
	At                       time.Time
}

// Feed is the recognition feed, the oldest event first.
func (t Tables) Feed(ctx context.Context) ([]Told, error) {
	rows, err := t.Rows(ctx, `select recognition_feed.feed_id, recognition_feed.kind, recognition_feed.text, recognition_feed.audience, recognition_feed.happened_at
		from marts.recognition_feed order by recognition_feed.happened_at, recognition_feed.feed_id`)
	if err != nil {
		return nil, warehouse.NotBuilt(err)
	}
	var told []Told
	for _, row := range rows {
		told = append(told, Told{ID: row.Text("feed_id"), Kind: row.Text("kind"), Text: row.Text("text"), Audience: row.Text("audience"), At: row.Time("happened_at")})
	}
	return told, nil
}
