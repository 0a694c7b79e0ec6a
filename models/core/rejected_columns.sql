-- rejected_columns: columns of which values fitted nothing when they were read, with how many
-- grain: one row a column of the lake with values that were rejected
-- key: source, table_name, column_name
-- signal: a column that came in a form that nobody expected; what is made of it is too small
-- owner: revenue operations
-- not_null: source, table_name, column_name, rejected, kept, share
-- checks: few_enough_to_go_on: share <= 0.5 and (rejected < 10 or share <= 0.05)
-- gaming: none: people at the CRM do not choose a field's form
-- changed: 2026-12-01 first version
select
    rejects.source, -- the source's name in merit.yml
    rejects.table_name, -- the lake's table
    rejects.column_name, -- the column
    count(distinct rejects.record_key) as rejected, -- records without a value there because theirs was rejected
    max(coalesce(rejects.values_kept, 0)) as kept, -- records with a value there
    fn.ratio(count(distinct rejects.record_key), count(distinct rejects.record_key) + max(coalesce(rejects.values_kept, 0))) as share -- rejected ÷ all that had one
from staging.rejects
where rejects.found_in = 'lake'
    -- A key that ends in * speaks of a stream or of all records, not of a value that came.
    and rejects.record_key not like '%*'
group by
    rejects.source,
    rejects.table_name,
    rejects.column_name
