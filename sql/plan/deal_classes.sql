-- deal_classes: what kind of sale the types of a source's deals are, as merit.yml says it
-- key: source, deal_type
create table plan.deal_classes (
    source varchar not null, -- the source's name in merit.yml
    deal_type varchar not null, -- as the CRM says it, by value or label; '' is a deal without a type
    deal_class varchar not null -- new, expansion, renewal or other
);
