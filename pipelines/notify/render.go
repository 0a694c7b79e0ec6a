package notify

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Limits of the vendors, and ours where a vendor names none.
const (
	slackBlocks  = 50        // docs.slack.dev/reference/block-kit/blocks: "up to 50 blocks in each message"
	slackSection = 3000      // docs.slack.dev/reference/block-kit/blocks/section-block: text, in characters
	slackTotal   = 10_000    // undocumented, about 13,200 characters of blocks: github.com/slackapi/bolt-js/issues/2509
	teamsBytes   = 28 * 1024 // learn.microsoft.com, limits of incoming webhooks and workflows: a message of 28 KB
	textRunes    = 600       // ours: an event's text is longer only where somebody wrote a letter; the cut shows as …
)

const repeated = "(may be a repeat) "

type object = map[string]any

// body is the message of some events, or false where the vendor would not take as many.
func body(kind string, events []Event, mayRepeat bool) ([]byte, bool) {
	var lines []string
	for _, e := range events {
		line := short(e.Text)
		if mayRepeat {
			line = repeated + line
		}
		lines = append(lines, line)
	}
	if kind == "teams" {
		text := encode(card(lines))
		return text, len(text) <= teamsBytes
	}
	message := slackMessage(lines)
	// Counted as sent, since escapes may count, too.
	total := utf8.RuneCount(encode(message["blocks"]))
	return encode(message), len(lines) <= slackBlocks && total <= slackTotal
}

// slackMessage has plain texts only, so that nobody's words can call @channel.
func slackMessage(lines []string) object {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	var blocks []object
	for _, line := range lines {
		blocks = append(blocks, object{"type": "section", "text": object{"type": "plain_text", "text": line, "emoji": false}})
	}
	return object{"text": escape.Replace(lines[0]), "blocks": blocks}
}

// card is an Adaptive Card whose texts are runs, in which Markdown means nothing.
func card(lines []string) object {
	var parts []object
	for _, line := range lines {
		parts = append(parts, object{"type": "RichTextBlock", "inlines": []object{{"type": "TextRun", "text": line}}})
	}
	return object{"type": "message", "attachments": []object{{
		"contentType": "application/vnd.microsoft.card.adaptive",
		"content":     object{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.5", "body": parts},
	}}}
}

func encode(value any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // maps of texts can always be written
	}
	return bytes.TrimSpace(b.Bytes())
}

// short is a text on one line, cut where it is too long for a message.
func short(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > textRunes {
		return string(runes[:textRunes-1]) + "…"
	}
	return string(runes)
}
