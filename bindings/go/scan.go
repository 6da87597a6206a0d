package redislite

import "iter"

// ScanOptions narrow what Keys gives; the zero value is every key.
type ScanOptions struct {
	Match string // a glob pattern
	Type  string // "string", "list", "hash", "set", "zset"
	Count int    // how many are looked at in one call; 0: a few hundred
}

const scanCount = 256

func (o ScanOptions) arguments() []any {
	count := o.Count
	if count <= 0 {
		count = scanCount
	}
	out := []any{"COUNT", count}
	if o.Match != "" {
		out = append(out, "MATCH", o.Match)
	}
	if o.Type != "" {
		out = append(out, "TYPE", o.Type)
	}
	return out
}

// scan yields each element of each page. `head` is the command up to the cursor.
func (db *DB) scan(head, options []any) iter.Seq2[Reply, error] {
	return func(yield func(Reply, error) bool) {
		for cursor := "0"; ; {
			args := append(append(append(make([]any, 0, 8), head...), cursor), options...)
			page, err := db.Do(args...)
			if err != nil {
				yield(Reply{}, err)
				return
			}
			for _, element := range page.Elements[1].Elements {
				if !yield(element, nil) {
					return
				}
			}
			if cursor = page.Elements[0].Text(); cursor == "0" {
				return
			}
		}
	}
}

// Keys yields the keys, with SCAN's promises: what is there all the while comes at least once. An error is the last
// that comes.
func (db *DB) Keys(options ScanOptions) iter.Seq2[[]byte, error] {
	return one(db.scan([]any{"SCAN"}, options.arguments()))
}

// Members yields the members of a set; Match narrows them.
func (db *DB) Members(key []byte, match string) iter.Seq2[[]byte, error] {
	return one(db.scan([]any{"SSCAN", key}, ScanOptions{Match: match}.arguments()))
}

// Pair is a hash's field and value, or a sorted set's member and score.
type Pair struct{ Name, Value []byte }

// Fields yields the fields of a hash with their values.
func (db *DB) Fields(key []byte, match string) iter.Seq2[Pair, error] {
	return pairs(db.scan([]any{"HSCAN", key}, ScanOptions{Match: match}.arguments()))
}

// Scores yields the members of a sorted set with their scores, in no order.
func (db *DB) Scores(key []byte, match string) iter.Seq2[Pair, error] {
	return pairs(db.scan([]any{"ZSCAN", key}, ScanOptions{Match: match}.arguments()))
}

func one(elements iter.Seq2[Reply, error]) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for element, err := range elements {
			if !yield(element.Bytes, err) {
				return
			}
		}
	}
}

func pairs(elements iter.Seq2[Reply, error]) iter.Seq2[Pair, error] {
	return func(yield func(Pair, error) bool) {
		var name []byte
		for element, err := range elements {
			if err == nil && name == nil {
				name = element.Bytes
				continue
			}
			if !yield(Pair{name, []byte(element.Text())}, err) {
				return
			}
			name = nil
		}
	}
}
