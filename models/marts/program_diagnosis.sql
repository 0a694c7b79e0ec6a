-- program_diagnosis: signs that tell people who don't want from a programme that doesn't let them
-- grain: one row a sign
-- key: sign
-- signal: a talk with one person mends the one, a change of plan, tools or cadence the other; each is wasted on the other
-- owner: sales management
-- not_null: sign, motivation, system, threshold, points_to, evidence, computed_at
-- checks: points: points_to in ('motivation', 'system', 'neither', 'cannot be told')
--    a_group: observed is null or people >= 5
-- gaming: none of its own; each sign is another table's number, and its gaming is told there
-- changed: 2026-12-01 first version
with shared as (
    select
        signs.sign,
        signs.people,
        signs.part,
        signs.beside,
        -- Of the best, their share of those who withdrew.
        case when signs.sign = 'the best' then fn.ratio(signs.part, signs.beside) else fn.ratio(signs.part, signs.people) end as share,
        case signs.sign
            when 'who withdrew' then fn.ratio(1, 3)
            when 'the best' then 0.25
            else 0.5
        end as threshold,
        signs.people >= 5
            and not (signs.sign = 'coaching' and signs.beside = 0)
            and not (signs.sign = 'feedback' and signs.beside = 0) as is_told
    from programme.signs
),
judged as (
    select
        shared.sign,
        shared.people,
        shared.part,
        shared.beside,
        shared.share,
        shared.threshold,
        shared.is_told,
        case
            when not shared.is_told then 'cannot be told'
            when shared.sign = 'who withdrew' and shared.beside > 0 then 'system'
            when shared.sign = 'the best' and shared.beside = 0 then 'neither'
            when shared.part = 0 and shared.sign <> 'the best' then 'neither'
            when shared.share >= shared.threshold then 'system'
            when shared.sign in ('who withdrew', 'the best', 'use of the CRM', 'forecasts') then 'motivation'
            else 'neither'
        end as points_to
    from shared
)
select
    judged.sign, -- who withdrew, the best, coaching, use of the CRM, forecasts, what people say, feedback or what training leaves
    case judged.sign
        when 'who withdrew' then 'single people withdraw while their role goes on'
        when 'the best' then 'the best go on as before'
        when 'coaching' then 'everybody is coached, and some do not change'
        when 'use of the CRM' then 'single teams or people do not use it'
        when 'forecasts' then 'a few say none'
        when 'what people say' then 'most know what to do, and do not do it'
        when 'feedback' then 'people hear how they stand, and do not act on it'
        else 'what is learned stays, and is not used'
    end as motivation, -- what it looks like where people do not want
    case judged.sign
        when 'who withdrew' then 'whole roles fall together, or a third of all'
        when 'the best' then 'the best withdraw as well'
        when 'coaching' then 'half or more are not coached'
        when 'use of the CRM' then 'half or more are in teams that do not use it'
        when 'forecasts' then 'half or more say none'
        when 'what people say' then 'half or more do not know what to do differently'
        when 'feedback' then 'half or more heard nothing for 14 days'
        else 'half or more have forgotten a fifth or more of it'
    end as system, -- what it looks like where the programme does not let them
    case when judged.people >= 5 then judged.people end as people, -- who are looked at; null: fewer than five
    case when judged.is_told then judged.share end as observed, -- the share that the sign is of; null: not told
    judged.threshold, -- from where on it points to the system
    judged.points_to, -- motivation, system, neither or cannot be told
    case
        when judged.people < 5 then 'Fewer than five people: nothing is told of them.'
        when not judged.is_told then 'Nothing is known of it: no session and no award was read.'
        when judged.sign = 'who withdrew' then cast(judged.part as string) || ' of ' || cast(judged.people as string) || ' people withdrew for two weeks or more, and '
            || case judged.beside when 0 then 'no role' when 1 then 'one role' else cast(judged.beside as string) || ' roles' end || ' as a whole.'
        when judged.sign = 'the best' then cast(judged.part as string) || ' of the ' || cast(judged.beside as string) || ' who withdrew are of the best quarter of their role.'
        when judged.sign = 'coaching' then cast(judged.part as string) || ' of ' || cast(judged.people as string) || ' people had no session in the last quarter that is over.'
        when judged.sign = 'use of the CRM' then cast(judged.part as string) || ' of ' || cast(judged.people as string) || ' people are in teams of which fewer than three in five used it on three days of the newest week.'
        when judged.sign = 'forecasts' then cast(judged.part as string) || ' of ' || cast(judged.people as string) || ' people had no forecast that counts in the last quarter that is over.'
        when judged.sign = 'what people say' then cast(judged.part as string) || ' of ' || cast(judged.people as string) || ' people answered below 60 % in the last 92 days.'
        when judged.sign = 'feedback' then cast(judged.part as string) || ' of ' || cast(judged.people as string) || ' people had no session and no recognition in the last 14 days.'
        else cast(judged.part as string) || ' of ' || cast(judged.people as string) || ' people who were tested again had kept less than 80 %.'
    end as evidence, -- the numbers, in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from judged
