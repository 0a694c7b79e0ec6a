-- multi_threading: share of the open deals on which several people of the customer were talked to
-- grain: one row a deal open at the period's end, or at the build
-- key: source, record_id, occurred_at
-- signal: deals that hang on one person are lost with that person
-- owner: sales management
-- kpi: multi-threaded deals
-- okr: win the deals that we work on
-- value: ratio
-- unit: share
-- better: higher
-- control: own
-- spans: quarter
-- streams: deals, activities
-- parameters: contacts: 3
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- gaming: contacts written to once; the activities can be looked up
-- changed: 2026-12-01 first version
with rules as (
    select
        settings.period,
        max(cast(fn.as_number(settings.value) as bigint)) as contacts
    from plan.settings
    where settings.metric = 'multi_threading'
        and settings.name = 'contacts'
    group by settings.period
),
-- Who takes part in a deal and was in a call, e-mail or meeting about it or with the customer.
talked as (
    select
        deal_people.source,
        deal_people.deal_id,
        deal_people.contact_id,
        min(rep_activities.occurred_at) as first_at
    from core.deal_people
    join core.activity_subjects
        on activity_subjects.source = deal_people.source
        and activity_subjects.record_type = 'contact'
        and activity_subjects.record_id = deal_people.contact_id
    join core.rep_activities
        on rep_activities.source = activity_subjects.source
        and rep_activities.activity_id = activity_subjects.activity_id
    where rep_activities.is_completed
        and rep_activities.kind in ('call', 'email', 'meeting')
        and not deal_people.is_deleted
    group by
        deal_people.source,
        deal_people.deal_id,
        deal_people.contact_id
),
reached as (
    select
        deals_at_period_end.source,
        deals_at_period_end.deal_id,
        deals_at_period_end.period,
        count(*) as contacts
    from core.deals_at_period_end
    join talked
        on talked.source = deals_at_period_end.source
        and talked.deal_id = deals_at_period_end.deal_id
        and talked.first_at <= deals_at_period_end.measured_at
    group by
        deals_at_period_end.source,
        deals_at_period_end.deal_id,
        deals_at_period_end.period
)
select
    deals_at_period_end.source, -- the source's name in merit.yml
    deals_at_period_end.rep_id, -- the owner at the period's end
    deals_at_period_end.measured_at as occurred_at, -- the period's last instant, or the build's
    'deal' as record_type, -- the record is a deal
    deals_at_period_end.deal_id as record_id, -- the CRM's id of the deal
    case when coalesce(reached.contacts, 0) >= rules.contacts then cast(1 as numeric(38, 9)) else cast(0 as numeric(38, 9)) end as numerator, -- 1: as many people as the plan asks for
    cast(1 as numeric(38, 9)) as denominator, -- one open deal
    deals_at_period_end.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    cast(coalesce(reached.contacts, 0) as string) || ' people were talked to' as detail -- how many
from core.deals_at_period_end
join rules
    on rules.period = deals_at_period_end.period
left join reached
    on reached.source = deals_at_period_end.source
    and reached.deal_id = deals_at_period_end.deal_id
    and reached.period = deals_at_period_end.period
where not deals_at_period_end.is_closed
