select recognition_feed.happened_at, recognition_feed.kind, recognition_feed.who, recognition_feed.text, recognition_feed.audience
from marts.recognition_feed
order by recognition_feed.happened_at desc, recognition_feed.feed_id
