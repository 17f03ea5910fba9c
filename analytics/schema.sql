-- Every table and column of a store, with unit and meaning. Applied whenever a store is opened for writing.
--
-- Times are naive UTC; "local" ones are wall clocks in the store's reporting zone, where days, weekdays and hours are
-- cut. Durations are whole milliseconds. Counters of order (position, visit_no, ...) start at 1. Texts are never
-- empty: what is missing is NULL. Tables carry no index: they are written in the order named and found by zone maps.
-- `session_key` may change when more data arrives, `session_id` stays; links and notes use `session_id`.


-- One event of a person. Ordered by day, session_key, position.
CREATE TABLE IF NOT EXISTS events (
    day DATE,                     -- the session's first local day (not the event's): a range of days holds whole sessions
    session_key INTEGER,          -- sessions.session_key; ascending in (day, start)
    position INTEGER,             -- place in its session, by time, then in the order read; settles equal times once
    time TIMESTAMP,               -- when it happened, UTC, microseconds
    local TIMESTAMP,              -- the same moment on a wall clock of the reporting zone
    offset_ms BIGINT,             -- since the session's first event
    gap_ms BIGINT,                -- since the session's event before; NULL on the first
    visit_no INTEGER,             -- the visit it belongs to; 0 before the session's first page
    user_key BIGINT,              -- users.user_key: who did it, after identities were joined
    name VARCHAR,                 -- a canonical name (page_view, click, ...) or one of the product's own
    page VARCHAR,                 -- path or screen, as the event itself says; NULL: it says none
    element VARCHAR,              -- selector or name of what was acted on
    element_tag VARCHAR,          -- its tag, lower case: as given, else the letters at the head of `element`
    text VARCHAR,                 -- what a person reads there, or the message of an error
    x INTEGER,                    -- CSS pixels from the page's left edge, floored
    y INTEGER,                    -- CSS pixels from the page's top, floored; of what is fixed from the window's
    fixed BOOLEAN,                -- what was acted on stays in the window when the page scrolls; NULL: not told
    viewport_width INTEGER,       -- CSS pixels of the window
    viewport_height INTEGER,
    page_height INTEGER,          -- CSS pixels of the whole page
    scroll_depth DOUBLE,          -- deepest share of the page seen so far, 0 to 1
    value DOUBLE,                 -- what the event is worth, in the product's currency
    referrer VARCHAR,             -- where the page was reached from
    properties VARCHAR,           -- further columns and the event's own object, as JSON text
    user_properties VARCHAR,      -- what it says of the person, as JSON text
    context_key BIGINT,           -- contexts.context_key: the device and what it says of itself
    user_id_key BIGINT,           -- identities.identity_key of its user id, as it came
    anonymous_key BIGINT,         -- identities.identity_key of its anonymous id, as it came
    event_id UUID,                -- the export's own id: a UUID as it is, any other text as its MD5; one per source
    event_id_text VARCHAR,        -- that other text
    import_id INTEGER,            -- imports.import_id
    line BIGINT                   -- row of that file, from 1; (import_id, line) is the order in which rows were read
);

-- One stay on a page: from a change of page, or from a repeated page view of the same page, to the next.
-- Ordered by session_key, visit_no. A visit is `viewed` when it holds a page view with a page; in a session without any, all are.
CREATE TABLE IF NOT EXISTS visits (
    day DATE,                     -- the session's
    session_key INTEGER,
    visit_no INTEGER,             -- among all visits of the session
    position_in_path INTEGER,     -- among the viewed ones; NULL when not viewed
    from_end INTEGER,             -- among the viewed ones, 1 being the last; NULL when not viewed
    viewed BOOLEAN,
    page VARCHAR,
    entered_ms BIGINT,            -- since the session's start
    dwell_ms BIGINT,              -- until the next visit (viewed or not), else until the session's last event
    to_next_ms BIGINT,            -- until the next viewed visit is entered; NULL on the last, and when not viewed
    previous_page VARCHAR,        -- of the viewed visit before; NULL on the first, and when not viewed
    next_page VARCHAR,            -- of the viewed visit after; NULL on the last, and when not viewed
    first_position INTEGER,       -- events.position of its first event
    events INTEGER,
    clicks INTEGER,
    deepest_scroll DOUBLE,        -- 0 to 1; NULL without a scroll depth
    first_screen DOUBLE,          -- largest share of the page that its window showed at once, 0 to 1; NULL: not known
    viewport_width INTEGER        -- of its first event that tells one
);

-- One session: the export's own, or cut where the person paused longer than the session timeout.
-- Ordered by session_key.
CREATE TABLE IF NOT EXISTS sessions (
    day DATE,                     -- local day of its start
    session_key INTEGER,
    session_id VARCHAR,           -- the export's own id, else person and start; unique
    given BOOLEAN,                -- whether the id is the export's own
    user_key BIGINT,              -- the person of its first event that has one; else the session is its own person
    start TIMESTAMP,              -- of its first event, UTC
    stop TIMESTAMP,               -- of its last event, UTC
    start_local TIMESTAMP,        -- start on a wall clock of the reporting zone
    weekday INTEGER,              -- of start_local: 1 Monday to 7 Sunday
    hour INTEGER,                 -- of start_local: 0 to 23
    duration_ms BIGINT,           -- last event minus first
    active_ms BIGINT,             -- sum of the gaps, each counted up to 30 s
    people INTEGER,               -- different persons among its events
    events INTEGER,
    page_views INTEGER,
    visits INTEGER,               -- stays on a page, viewed or not
    clicks INTEGER,
    errors INTEGER,
    bounce BOOLEAN,               -- one page view, no act, under 10 s; NULL without a page view
    value DOUBLE,                 -- sum over its events; NULL when none has one
    entry_page VARCHAR,           -- page of its first viewed visit
    exit_page VARCHAR,            -- page of its last viewed visit
    referrer VARCHAR,             -- first one up to the end of the first visit
    device VARCHAR,               -- this and the next ones: first value seen in the session
    browser VARCHAR,
    os VARCHAR,
    country VARCHAR,
    release VARCHAR,
    campaign VARCHAR,
    user_agent VARCHAR,
    address VARCHAR,              -- keyed hash of the network address
    page_string VARCHAR,          -- one codes.symbol (kind page) per viewed visit
    name_string VARCHAR,          -- one codes.symbol (kind name) per event
    event_times TIMESTAMP[]       -- events.time, one per event
);

-- One person: a user id, else an anonymous id, else a session with neither. Ordered by user_key.
CREATE TABLE IF NOT EXISTS users (
    user_key BIGINT,
    kind VARCHAR,                 -- user, anonymous or session: what `id` is
    id VARCHAR,
    first_seen TIMESTAMP,         -- UTC
    last_seen TIMESTAMP,          -- UTC
    events BIGINT,                -- the person's own
    sessions BIGINT,              -- listed under the person
    properties VARCHAR            -- latest user_properties, JSON text
);

-- One person's events over sessions, in order: of people whose sessions are theirs alone and do not overlap.
CREATE TABLE IF NOT EXISTS journeys (
    user_key BIGINT,
    name_string VARCHAR,          -- their sessions' name_string, one after another
    event_times TIMESTAMP[]       -- their sessions' event_times
);

-- One click, ordered by page within a load, so that a heatmap reads little. Columns as in `events`.
CREATE TABLE IF NOT EXISTS clicks (
    page VARCHAR,
    day DATE,
    session_key INTEGER,
    position INTEGER,
    visit_no INTEGER,
    user_key BIGINT,
    element_key BIGINT,           -- elements.element_key; NULL: it names no element
    reacts_ms BIGINT,             -- until the session's next event that is no click, scroll, move or page_leave; NULL: none
    x INTEGER,
    y INTEGER,
    fixed BOOLEAN,
    viewport_width INTEGER,
    page_height INTEGER
);

-- What was ever clicked on a page, as each click calls it, once. Keys are 63-bit hashes of (page, element, element_tag, text); a
-- clash stops the import. A row stays when its last click leaves the store.
CREATE TABLE IF NOT EXISTS elements (
    element_key BIGINT,
    fingerprint BIGINT,           -- a second hash, to notice a clash of the first
    page VARCHAR,
    element VARCHAR,
    element_tag VARCHAR,
    text VARCHAR,
    ruled VARCHAR,                -- what it is called by the rule of analytics/element_names.py, whatever its page
    called VARCHAR                -- what it is called: by the team's remaps, else by the rule
);

-- Every id ever seen, once. Keys are 63-bit hashes of (id, kind); a clash stops the import.
CREATE TABLE IF NOT EXISTS identities (
    identity_key BIGINT,
    kind VARCHAR,                 -- user, anonymous or session
    id VARCHAR
);

-- To whom an anonymous id belongs, and from when on. Its first row holds from ever. Derived from events with both ids.
CREATE TABLE IF NOT EXISTS identity_links (
    anonymous_key BIGINT,
    since TIMESTAMP,              -- UTC; -infinity in the first row
    since_row BIGINT,             -- the event's place in reading order: import_id * 2^40 + line
    user_key BIGINT
);

-- What devices say of themselves, each combination once. Keys are 63-bit hashes of it; a clash stops the import.
CREATE TABLE IF NOT EXISTS contexts (
    context_key BIGINT,
    fingerprint BIGINT,           -- a second hash, to notice a clash of the first
    device VARCHAR,
    browser VARCHAR,
    os VARCHAR,
    country VARCHAR,
    release VARCHAR,
    campaign VARCHAR,
    user_agent VARCHAR,
    address VARCHAR               -- HMAC-SHA256 of the network address, 32 hex digits; the key lies beside the store
);

-- One symbol per page and per event name, so that a session is a string.
CREATE TABLE IF NOT EXISTS codes (
    kind VARCHAR,                 -- page or name
    value VARCHAR,
    symbol VARCHAR                -- one letter, digit or ideograph (U+4E00 upwards, then from U+20000): none means anything to LIKE or a regex
);

-- One file of one load, in the order read.
CREATE TABLE IF NOT EXISTS imports (
    import_id INTEGER,            -- from 1; never used again
    load_id INTEGER,              -- files loaded by one call, in one transaction, share it
    file VARCHAR,                 -- its name, without folders
    format VARCHAR,               -- csv, json, jsonl, parquet, ...
    source VARCHAR,               -- event ids are compared within one source
    sha256 VARCHAR,               -- of the file's bytes, hex
    bytes BIGINT,                 -- its size
    repeats INTEGER,              -- import_id of the same bytes in the same source before; NULL: new
    rows_read BIGINT,             -- = events_added + duplicates + rejected + not_events
    events_added BIGINT,
    duplicates BIGINT,
    rejected BIGINT,
    not_events BIGINT,            -- understood, and no event of a person
    sessions BIGINT,              -- that hold at least one of its events, when it was loaded
    users BIGINT,                 -- people of its events, when it was loaded
    seconds DOUBLE,               -- wall time
    started TIMESTAMP,            -- UTC
    first_event TIMESTAMP,        -- UTC; of the events added
    last_event TIMESTAMP,
    details VARCHAR               -- JSON: fields with column, share filled and how read; zone, time unit, options, warnings
);

-- One refused row, as it came (addresses replaced by their keyed hash).
CREATE TABLE IF NOT EXISTS rejects (
    import_id INTEGER,
    line BIGINT,                  -- row of the file, as events.line
    reason VARCHAR,
    "row" VARCHAR
);

-- One session's recorded page, to be played: without what could run or load, what was typed masked. A session that
-- came in several windows has one row for each.
CREATE TABLE IF NOT EXISTS recordings (
    session_id VARCHAR,           -- sessions.session_id
    first TIMESTAMP,              -- UTC, of the first event that is played
    last TIMESTAMP,               -- UTC
    events INTEGER,               -- how many are played
    bytes BIGINT,                 -- of their JSON
    sha256 VARCHAR,               -- of their JSON, hex
    packed BLOB,                  -- their JSON, an array of rrweb's events, as zlib packs it
    import_id INTEGER             -- imports.import_id
);

-- Whom the store was asked to forget, so that an import does not bring them back unnoticed. Hashes are keyed; the key
-- lies beside the store.
CREATE TABLE IF NOT EXISTS forgotten (
    kind VARCHAR,                 -- user, anonymous; session: rows with no other id; recording: those of such a session
    hash VARCHAR,                 -- HMAC-SHA256 of the id, 32 hex digits
    since TIMESTAMP,              -- UTC; of an anonymous id that others have too: from when on it was theirs; NULL: ever
    until TIMESTAMP               -- UTC; before which it was; NULL: for good
);

-- What holds for the whole store: format (of these tables), reporting_zone, session_timeout_s, created, ...
CREATE TABLE IF NOT EXISTS settings (
    key VARCHAR PRIMARY KEY,
    value VARCHAR
);


-- What the team writes.
CREATE SCHEMA IF NOT EXISTS workspace;

-- What the team keeps by name.
CREATE TABLE IF NOT EXISTS workspace.saved (
    id VARCHAR PRIMARY KEY,       -- short, random: links carry it
    kind VARCHAR NOT NULL,        -- funnel, goal, segment, view, page_group, remap, release, metric, rule or note
    name VARCHAR NOT NULL,
    body VARCHAR,                 -- JSON, in the form the command line takes
    created TIMESTAMP,            -- UTC
    changed TIMESTAMP,            -- UTC
    "by" VARCHAR,                 -- who wrote it last
    UNIQUE (kind, name)
);

-- A page's picture, the background of its heatmap.
CREATE TABLE IF NOT EXISTS workspace.pictures (
    page VARCHAR,                 -- glob over pages; only * is special
    min_width INTEGER,            -- smallest viewport it is for, CSS pixels; the largest that fits wins
    media VARCHAR,                -- image/svg+xml, image/png, ...
    bytes BLOB,
    width INTEGER,                -- CSS pixels
    height INTEGER
);

-- A session that somebody of the team has watched. Its id stays when files are imported again, and so does this.
CREATE TABLE IF NOT EXISTS workspace.watched (
    session_id VARCHAR PRIMARY KEY,
    "at" TIMESTAMP,               -- UTC; when it was marked
    "by" VARCHAR                  -- who marked it
);
