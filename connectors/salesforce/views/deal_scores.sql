-- deal_scores: Einstein's opportunity score, or a score field of the company's own, from
-- the day on which an administrator had its history tracked
-- Of several such fields Einstein's counts, else the first by name: scores of two scales
-- are not mixed.
with scored as (
    select
        history.Id,
        history.OpportunityId,
        history.CreatedDate,
        history.NewValue,
        history.Field,
        min(case when history.Field = 'IqScore' then '' else history.Field end) over () as chosen
    from raw.OpportunityFieldHistory as history
    where history.Field = 'IqScore'
        or lower(history.Field) like '%score__c'
)

select
    scored.Id as score_id,
    scored.OpportunityId as deal_id,
    scored.CreatedDate as scored_at,
    cast(row_number() over (
        partition by scored.OpportunityId
        order by scored.CreatedDate, scored.Id
    ) as bigint) as ordinal,
    fn.as_number(scored.NewValue) as score
from scored
where case when scored.Field = 'IqScore' then '' else scored.Field end = scored.chosen
