-- deal_classes: what kind of sale each deal is: new, expansion, renewal or other
-- grain: one row a deal
-- key: source, deal_id
-- signal: new business, growth and renewals apart, in every CRM's own words
-- owner: revenue operations
-- not_null: source, deal_id, deal_class, basis, is_known
-- checks: classes: deal_class in ('new', 'expansion', 'renewal', 'other')
--    bases: basis in ('merit.yml', 'usual name', 'contract', 'first of its customer', 'unknown type', 'no type')
--    unknown_is_other: is_known or deal_class = 'other'
-- gaming: renewals typed as expansions to count as new revenue; a contract names the deal that renews it, and marts.deals lists the type beside the class
-- changed: 2026-12-01 first version
with usual_names as (
    -- The types that the CRMs are set up with, and what companies commonly call them.
    select 'newbusiness' as word, 'new' as deal_class
    union all select 'newcustomer' as word, 'new' as deal_class
    union all select 'newlogo' as word, 'new' as deal_class
    union all select 'netnew' as word, 'new' as deal_class
    union all select 'new' as word, 'new' as deal_class
    union all select 'existingbusiness' as word, 'expansion' as deal_class
    union all select 'existingcustomerupgrade' as word, 'expansion' as deal_class
    union all select 'expansion' as word, 'expansion' as deal_class
    union all select 'upsell' as word, 'expansion' as deal_class
    union all select 'crosssell' as word, 'expansion' as deal_class
    union all select 'upgrade' as word, 'expansion' as deal_class
    union all select 'addon' as word, 'expansion' as deal_class
    union all select 'addonbusiness' as word, 'expansion' as deal_class
    union all select 'renewal' as word, 'renewal' as deal_class
    union all select 'renewals' as word, 'renewal' as deal_class
    union all select 'existingcustomerrenewal' as word, 'renewal' as deal_class
    union all select 'existingcustomerreplacement' as word, 'other' as deal_class
    union all select 'existingcustomerdowngrade' as word, 'other' as deal_class
),
written as (
    select
        deal_classes.source,
        fn.word(deal_classes.deal_type) as word,
        min(deal_classes.deal_class) as deal_class
    from plan.deal_classes
    group by
        deal_classes.source,
        fn.word(deal_classes.deal_type)
),
renewing as (
    select
        renewals.source,
        renewals.renewal_deal_id as deal_id
    from core.renewals
    where not renewals.is_deleted
        and renewals.renewal_deal_id is not null
    group by
        renewals.source,
        renewals.renewal_deal_id
),
-- Since when an account is a customer: its first win.
customers as (
    select
        deals.source,
        deals.account_id,
        min(deals.closed_at) as since_at
    from core.deals
    where deals.is_won
        and not deals.is_deleted
        and deals.account_id is not null
    group by
        deals.source,
        deals.account_id
),
told as (
    select
        deals.source,
        deals.deal_id,
        deals.deal_type,
        fn.word(coalesce(deals.deal_type, '')) = '' as has_no_type,
        written.deal_class as written_class,
        usual_names.deal_class as usual_class,
        renewing.deal_id is not null as is_renewing,
        coalesce(customers.since_at <= deals.created_at, false) as is_of_customer
    from core.deals
    left join written
        on written.source = deals.source
        and written.word = fn.word(coalesce(deals.deal_type, ''))
    left join usual_names
        on usual_names.word = fn.word(deals.deal_type)
    left join renewing
        on renewing.source = deals.source
        and renewing.deal_id = deals.deal_id
    left join customers
        on customers.source = deals.source
        and customers.account_id = deals.account_id
)
select
    told.source, -- the source's name in merit.yml
    told.deal_id, -- the deal
    told.deal_type, -- as the CRM says it
    case
        when told.written_class is not null then told.written_class
        when told.usual_class is not null then told.usual_class
        when not told.has_no_type then 'other'
        when told.is_renewing then 'renewal'
        when told.is_of_customer then 'other'
        else 'new'
    end as deal_class, -- new, expansion, renewal or other
    case
        when told.written_class is not null then 'merit.yml'
        when told.usual_class is not null then 'usual name'
        when not told.has_no_type then 'unknown type'
        when told.is_renewing then 'contract'
        when told.is_of_customer then 'no type'
        else 'first of its customer'
    end as basis, -- merit.yml; usual name, as CRMs are set up with; contract, which names it as its renewal; first of its customer; unknown type or no type, when nobody knows
    told.written_class is not null
        or told.usual_class is not null
        or told.has_no_type
        and (told.is_renewing or not told.is_of_customer) as is_known -- false: its type has no class, or a customer's further deal has no type; merit.yml can say
from told
