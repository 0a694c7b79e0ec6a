-- quotas: goals that somebody has. Their days are days of UTC, and the end is the
-- beginning of the next one's. Goals of teams are nobody's, and are left out; so are
-- goals of calls, meetings or deals, which are no money. Whoever has sales quotas has
-- these and no other goals in money
-- A record that has not changed since a complete list of all ids, and was not in it,
-- is gone
with complete as (
    select max(listings.listed_at) as listed_at
    from raw.goal_target_ids as listings
    where listings.record_id = '*'
),

owners_by_user as (
    select
        coalesce(owners.userId, owners.userIdIncludingInactive) as number,
        coalesce(max(case when not owners.merit_deleted then owners.id end), max(owners.id)) as id
    from raw.owners as owners
    group by coalesce(owners.userId, owners.userIdIncludingInactive)
),

dated as (
    select
        goals.hs_object_id,
        goals.hs_assignee_user_id,
        goals.hs_target_amount,
        goals.hs_lastmodifieddate,
        goals.hs_goal_target_currency_code,
        coalesce(lower(goals.hs_goal_type) = 'sales_quota', false) as is_sales_quota,
        max(case when lower(goals.hs_goal_type) = 'sales_quota' then 1 else 0 end) over (
            partition by goals.hs_assignee_user_id
        ) as has_sales_quotas,
        fn.days(fn.as_instant('1970-01-01 00:00:00+00:00'), goals.hs_start_datetime) as first_day,
        fn.days(fn.as_instant('1970-01-01 00:00:00+00:00'), fn.add_minutes(goals.hs_end_datetime, -1)) as last_day
    from raw.goal_targets as goals
    cross join complete
    left join raw.goal_target_ids as listings
        on goals.hs_object_id = listings.record_id
    where not goals.merit_deleted
        and not coalesce(goals.hs_lastmodifieddate < complete.listed_at and coalesce(listings.listed_at < complete.listed_at, true), false)
        and goals.hs_start_datetime is not null
        and goals.hs_end_datetime is not null
        and coalesce(lower(goals.hs_kpi_unit_type), 'currency') = 'currency'
)

select
    dated.hs_object_id as quota_id,
    coalesce(owners_by_user.id, 'user-' || dated.hs_assignee_user_id) as user_key,
    fn.date_after(cast('1970-01-01' as date), cast(floor(dated.first_day) as bigint)) as starts_on,
    fn.date_after(cast('1970-01-01' as date), cast(floor(dated.last_day) as bigint)) as ends_on,
    dated.hs_target_amount as quota,
    cast(null as numeric(38, 9)) as potential,
    dated.hs_goal_target_currency_code as currency,
    dated.hs_lastmodifieddate as changed_at
from dated
left join owners_by_user
    on dated.hs_assignee_user_id = cast(owners_by_user.number as string)
where dated.hs_assignee_user_id is not null
    and (dated.is_sales_quota or dated.has_sales_quotas = 0)
