-- flag_places: which of a rep's flags in a period is worked out in which copy of the scores
-- grain: one row a flag with records of a CRM that nobody has decided on
-- key: flag_id
-- signal: what a flag would change is told before anybody decides
-- owner: revenue operations
-- not_null: flag_id, rep_id, period, place
-- gaming: see each rule
-- changed: 2026-11-30 first version
with undecided as (
    select
        flag_records.flag_id,
        count(*) as records
    from audits.flag_records
    where not flag_records.is_decided
        and flag_records.record_type <> 'metric'
    group by flag_records.flag_id
)
select
    flagged.flag_id, -- the flag
    flagged.rep_id, -- the company's own id of the person
    flagged.period, -- fiscal year and quarter
    row_number() over (
        partition by flagged.rep_id, flagged.period
        order by flagged.severity, flagged.opened_for, flagged.flag_id
    ) as place -- 1 is worked out first; high before look
from undecided
join audits.flagged
    on flagged.flag_id = undecided.flag_id
