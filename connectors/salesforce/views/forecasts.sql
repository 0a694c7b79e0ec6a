-- forecasts: what was forecast, as it was handed in, and as it stood on each day on which we looked
-- Salesforce keeps the submissions, and of everything else the present alone: what it was
-- on a day is known because all forecasts are read each day.
-- Where categories add up, a commit forecast holds what is closed (CommitForecast). Where
-- each has its own deals alone (CommitOnly), they are added up here, so that a forecast is
-- always what will be closed in the period. A manager has a row for the team and one for
-- the own deals in it, which is left out. Of several ways to forecast the active ones come
-- first, and of these that by the amounts of opportunities.
with used_types as (
    select distinct items.ForecastingTypeId
    from raw.ForecastingItem as items
    union distinct
    select distinct submissions.ForecastingTypeId
    from raw.ForecastingSubmission as submissions
),

ranked_types as (
    select
        used_types.ForecastingTypeId,
        row_number() over (
            order by
                case when types.IsActive then 0 else 1 end,
                case when types.DeveloperName = 'OpportunityRevenue' then 0 else 1 end,
                used_types.ForecastingTypeId
        ) as place
    from used_types
    left join raw.ForecastingType as types on types.Id = used_types.ForecastingTypeId
),

said as (
    select
        submissions.Id as look_id,
        submissions.ForecastOwnerId as owner_id,
        submissions.PeriodId,
        submissions.SubmissionDateTime as taken_at,
        items.ForecastingItemCategory as category,
        fn.number(items.Amount) as amount,
        coalesce(items.CurrencyIsoCode, submissions.CurrencyIsoCode) as currency,
        0 as is_adjusted
    from raw.ForecastingSubmission as submissions
    inner join raw.ForecastingSubmissionItem as items on items.ForecastingSubmissionId = submissions.Id
    inner join ranked_types
        on ranked_types.ForecastingTypeId = submissions.ForecastingTypeId
        and ranked_types.place = 1
    where not coalesce(submissions.merit_deleted, false)
        and not coalesce(items.merit_deleted, false)
),

seen as (
    select
        items.OwnerId || ':' || items.PeriodId || ':' || cast(items.taken_on as string) as look_id,
        items.OwnerId as owner_id,
        items.PeriodId,
        items.taken_at,
        coalesce(
            items.ForecastingItemCategory,
            case items.ForecastCategoryName
                when 'Pipeline' then 'PipelineOnly'
                when 'Best Case' then 'BestCaseOnly'
                when 'Most Likely' then 'MostLikelyOnly'
                when 'Commit' then 'CommitOnly'
                when 'Closed' then 'ClosedOnly'
            end
        ) as category,
        fn.number(items.ForecastAmount) as amount,
        items.CurrencyIsoCode as currency,
        case when items.HasAdjustment or items.HasOwnerAdjustment then 1 else 0 end as is_adjusted
    from raw.ForecastingItem as items
    inner join ranked_types
        on ranked_types.ForecastingTypeId = items.ForecastingTypeId
        and ranked_types.place = 1
    left join raw.ForecastingItem as parents
        on parents.Id = items.ParentForecastingItemId
        and parents.taken_on = items.taken_on
        and parents.OwnerId = items.OwnerId
    where parents.Id is null
),

parts as (
    select said.look_id, said.owner_id, said.PeriodId, said.taken_at, said.category, said.amount, said.currency, said.is_adjusted
    from said
    union all
    select seen.look_id, seen.owner_id, seen.PeriodId, seen.taken_at, seen.category, seen.amount, seen.currency, seen.is_adjusted
    from seen
),

looks as (
    select
        parts.look_id,
        parts.owner_id,
        parts.PeriodId,
        parts.currency,
        min(parts.taken_at) as taken_at,
        max(parts.is_adjusted) as is_adjusted,
        sum(case when parts.category = 'OpenPipeline' then parts.amount end) as pipeline_and_better,
        sum(case when parts.category = 'BestCaseForecast' then parts.amount end) as best_case_and_better,
        sum(case when parts.category = 'CommitForecast' then parts.amount end) as commit_and_closed,
        sum(case when parts.category = 'PipelineOnly' then parts.amount end) as pipeline_alone,
        sum(case when parts.category in ('BestCaseOnly', 'MostLikelyOnly') then parts.amount end) as best_case_alone,
        sum(case when parts.category = 'CommitOnly' then parts.amount end) as commit_alone,
        sum(case when parts.category = 'ClosedOnly' then parts.amount end) as closed_alone
    from parts
    group by
        parts.look_id,
        parts.owner_id,
        parts.PeriodId,
        parts.currency
),

categories as (
    select
        looks.look_id, looks.owner_id, looks.PeriodId, looks.taken_at, looks.currency, looks.is_adjusted,
        'commit' as category,
        coalesce(looks.commit_and_closed, looks.commit_alone + coalesce(looks.closed_alone, 0)) as amount
    from looks
    union all
    select
        looks.look_id, looks.owner_id, looks.PeriodId, looks.taken_at, looks.currency, looks.is_adjusted,
        'best case' as category,
        coalesce(
            looks.best_case_and_better,
            looks.best_case_alone + coalesce(looks.commit_alone, 0) + coalesce(looks.closed_alone, 0)
        ) as amount
    from looks
    union all
    select
        looks.look_id, looks.owner_id, looks.PeriodId, looks.taken_at, looks.currency, looks.is_adjusted,
        'pipeline' as category,
        coalesce(
            looks.pipeline_and_better,
            looks.pipeline_alone + coalesce(looks.best_case_alone, 0) + coalesce(looks.commit_alone, 0)
        ) as amount
    from looks
    union all
    select
        looks.look_id, looks.owner_id, looks.PeriodId, looks.taken_at, looks.currency, looks.is_adjusted,
        'closed' as category,
        looks.closed_alone as amount
    from looks
)

select
    categories.look_id || ':' || categories.category || coalesce(':' || categories.currency, '') as forecast_id,
    categories.owner_id as user_key,
    periods.StartDate as starts_on,
    periods.EndDate as ends_on,
    categories.category as category,
    categories.amount as amount,
    categories.currency as currency,
    categories.is_adjusted = 1 as is_adjusted,
    categories.taken_at as taken_at
from categories
inner join raw.Period as periods on periods.Id = categories.PeriodId
where categories.amount is not null
    and categories.owner_id is not null
    and categories.taken_at is not null
