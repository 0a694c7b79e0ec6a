-- renewals: contracts that fall due, and what became of them where the source says; what it leaves empty core.renewals finds
-- key: source, renewal_id
create table staging.renewals (
    source varchar not null, -- the source's name in merit.yml
    renewal_id varchar not null, -- the CRM's id of the contract, or of the deal that it was sold by, with the due day
    account_id varchar not null, -- the customer
    deal_id varchar, -- the deal that sold the contract that ends
    renewal_deal_id varchar, -- the deal by which it is renewed; null: the source doesn't say
    owner_id varchar, -- user_id of whose customer it is
    signed_at timestamp with time zone, -- since when it holds; null: since the deal that sold it was won
    term_starts_on date, -- first day of the contract that ends
    due_on date not null, -- its last day: the renewal falls due in the period of this day
    due_amount numeric(38, 9), -- that would be paid again over the same term; null: what recurs of the deal that sold it
    renewed_amount numeric(38, 9), -- that is paid again over renewed_starts_on to renewed_ends_on, upsell included; null: what recurs of the deal that renews it
    renewed_starts_on date, -- first day of the contract that renews it; null: the term of the deal that renews it
    renewed_ends_on date, -- its last day
    currency varchar, -- ISO 4217; null: the company's currency
    outcome varchar, -- renewed, lost or open; renewed in part is renewed; null: the source doesn't say
    decided_at timestamp with time zone, -- when it was renewed or lost; null when open or not said
    is_deleted boolean not null -- true: deleted or archived
);
