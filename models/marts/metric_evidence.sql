-- metric_evidence: every CRM record that counts for a metric, for or against
-- grain: one row a record and what it counted for
-- key: metric, source, record_type, record_id, rep_id, occurred_at, detail
-- signal: from any number down to the records that made it
-- owner: revenue operations
-- not_null: metric, source, record_type, record_id, rep_id, occurred_at, detail, period, role, numerator, denominator, is_truncated, is_excluded, computed_at
-- form: view
-- changed: 2026-11-22 first version
--    2026-12-01 each kind of record has its page, and a name
with counted as (
    select
        metric_evidence.metric,
        metric_evidence.source,
        metric_evidence.record_type,
        metric_evidence.record_id,
        -- An outer join on a condition of one side compares all with all; on these columns it does not.
        case when metric_evidence.record_type = 'deal' then metric_evidence.record_id end as deal_id,
        case when metric_evidence.record_type = 'activity' then metric_evidence.record_id end as activity_id,
        case when metric_evidence.record_type = 'renewal' then metric_evidence.record_id end as renewal_id,
        metric_evidence.rep_id,
        metric_evidence.occurred_at,
        metric_evidence.detail,
        metric_evidence.period,
        metric_evidence.role,
        metric_evidence.numerator,
        metric_evidence.denominator,
        metric_evidence.is_truncated,
        metric_evidence.unknown_reason,
        metric_evidence.is_excluded,
        metric_evidence.exclusion_reason
    from scores.metric_evidence
),
-- Whose page shows the record: a renewal's is that of the deal that sold the contract, or else of the customer.
addressed as (
    select
        counted.metric,
        counted.source,
        counted.record_type,
        counted.record_id,
        counted.deal_id,
        counted.rep_id,
        counted.occurred_at,
        counted.detail,
        counted.period,
        counted.role,
        counted.numerator,
        counted.denominator,
        counted.is_truncated,
        counted.unknown_reason,
        counted.is_excluded,
        counted.exclusion_reason,
        activities.subject,
        case
            when counted.record_type = 'activity' then activities.kind
            when counted.record_type <> 'renewal' then counted.record_type
            when renewals.deal_id is not null then 'deal'
            else 'account'
        end as page_type,
        case
            when counted.record_type = 'renewal' then coalesce(renewals.deal_id, renewals.account_id)
            else counted.record_id
        end as page_id
    from counted
    left join staging.activities
        on activities.source = counted.source
        and activities.activity_id = counted.activity_id
    left join core.renewals
        on renewals.source = counted.source
        and renewals.renewal_id = counted.renewal_id
)
select
    addressed.metric, -- the metric's name
    addressed.source, -- the source's name in merit.yml
    addressed.record_type, -- deal, activity, document, renewal; forecast, day and week are no records of the CRM
    addressed.record_id, -- the CRM's id
    addressed.rep_id, -- who gets it
    addressed.occurred_at, -- when it happened
    addressed.detail, -- what happened, in words
    addressed.period, -- the period in which it counts
    addressed.role, -- the role in which it counts
    cast(addressed.numerator as numeric(28, 6)) as numerator, -- for
    cast(addressed.denominator as numeric(28, 6)) as denominator, -- of
    addressed.is_truncated, -- true: it rests on history that the CRM has forgotten
    addressed.unknown_reason, -- why its worth is not known, which makes the value unknown; null: it is known
    addressed.is_excluded, -- true: shown, and adds nothing
    addressed.exclusion_reason, -- why; null: it counts
    coalesce(deals.name, addressed.subject) as record_name, -- the deal's name, the activity's title; null: it has none
    coalesce(deals.url, record_pages.url_before || addressed.page_id || record_pages.url_after) as url, -- the record's page at the CRM; null: it has none
    fn.as_of() as computed_at -- the instant that the numbers speak of
from addressed
left join core.deals
    on deals.source = addressed.source
    and deals.deal_id = addressed.deal_id
left join core.record_pages
    on record_pages.source = addressed.source
    and record_pages.record_type = addressed.page_type
