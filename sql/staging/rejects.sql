-- rejects: values that came and are not believed: they fit no column, or nothing of this world is so large, so early or so late
-- key: source, found_in, table_name, record_key, column_name, value, reason
create table staging.rejects (
    source varchar not null, -- the source's name in merit.yml
    found_in varchar not null, -- lake: when the record was read; staging: when the staging tables were filled
    table_name varchar not null, -- the lake's table, or the staging table
    record_key varchar not null, -- the record's id; the parts of a longer key with / between them
    column_name varchar not null, -- the column that the value came for
    value varchar not null, -- as it came
    reason varchar not null, -- why it is not believed: the value … is larger than …
    effect varchar not null, -- no value: the record counts without it; no record: it needs the value and is left out; none: it stays as it is, and does not move the as-of
    values_kept bigint -- how many records of the table have a value in this column; null: not counted
);
