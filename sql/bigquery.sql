-- The functions that models may use, in GoogleSQL as BigQuery runs it: the names,
-- arguments and meanings of duckdb.sql, and nothing else differs. A parameter is
-- of any type where DuckDB's macro takes any.
--
-- When a build begins, each of the four subqueries on plan.as_of is replaced by
-- the value it gives, as in duckdb.sql.
create schema if not exists fn;

-- as_of(): the instant that this build speaks of; nothing later counts
create or replace function fn.as_of() as ((select as_of_at from plan.as_of));

-- today(): its calendar date in the reporting zone
create or replace function fn.today() as ((select today_on from plan.as_of));

-- zone(): the reporting zone, an IANA name
create or replace function fn.zone() as ((select time_zone from plan.as_of));

-- currency(): the company's currency, ISO 4217
create or replace function fn.currency() as ((select currency from plan.as_of));

-- day(t): the calendar date of an instant in the reporting zone
create or replace function fn.day(t timestamp) as (date(t, fn.zone()));

-- day_in(t, zone): the calendar date of an instant in a zone by its IANA name
create or replace function fn.day_in(t timestamp, zone string) as (date(t, zone));

-- month(t): the first day of an instant's month in the reporting zone
create or replace function fn.month(t timestamp) as (date_trunc(date(t, fn.zone()), month));

-- midnight_in(d, zone): the first instant of a date in a zone by its IANA name; where the clock
-- shows midnight twice, the first of them
create or replace function fn.midnight_in(d date, zone string) as (timestamp(d, zone));

-- midnight(d): the first instant of a date in the reporting zone
create or replace function fn.midnight(d date) as (timestamp(d, fn.zone()));

-- weekday(d): 1 for Monday to 7 for Sunday, of a date
create or replace function fn.weekday(d date) as (mod(extract(dayofweek from d) + 5, 7) + 1);

-- micros(a, b): microseconds from one instant to another, bigint
create or replace function fn.micros(a timestamp, b timestamp) as (timestamp_diff(b, a, microsecond));

-- parts(a, b, size): what days and minutes are made of: millionths of size
-- seconds from one instant to another, rounded half away from zero
create or replace function fn.parts(a timestamp, b timestamp, size int64) as (
    cast(sign(fn.micros(a, b)) * div(abs(fn.micros(a, b)) + div(size, 2), size) as numeric) * numeric '0.000001'
);

-- days(a, b): days from one instant to another, exact to six digits, numeric(18, 6)
create or replace function fn.days(a timestamp, b timestamp) as (fn.parts(a, b, 86400));

-- minutes(a, b): minutes from one instant to another, exact to six digits, numeric(18, 6)
create or replace function fn.minutes(a timestamp, b timestamp) as (fn.parts(a, b, 60));

-- whole_days(a, b): days from one date to another, bigint
create or replace function fn.whole_days(a date, b date) as (date_diff(b, a, day));

-- add_days(t, n): the instant n times 24 hours later; n whole, negative is earlier; null when no calendar has it
create or replace function fn.add_days(t timestamp, n any type) as (
    safe.timestamp_add(t, interval 24 * cast(n as int64) hour)
);

-- add_minutes(t, n): the instant n minutes later; n whole, negative is earlier; null when no calendar has it
create or replace function fn.add_minutes(t timestamp, n any type) as (
    safe.timestamp_add(t, interval cast(n as int64) minute)
);

-- just_before(t): the millisecond before an instant, the latest that a CRM can name before it
create or replace function fn.just_before(t timestamp) as (timestamp_sub(t, interval 1 millisecond));

-- date_after(d, n): the date n days later; n whole, negative is earlier; null when no calendar has it
create or replace function fn.date_after(d date, n any type) as (safe.date_add(d, interval cast(n as int64) day));

-- ratio(a, b): a divided by b as a double; null when b is 0 or either is null
create or replace function fn.ratio(a any type, b any type) as (
    case when b = 0 then null else cast(a as float64) / cast(b as float64) end
);

-- larger(a, b): the larger of two; null when either is null, as greatest is not everywhere
create or replace function fn.larger(a any type, b any type) as (
    case when a is null or b is null then null when a >= b then a else b end
);

-- smaller(a, b): the smaller of two; null when either is null
create or replace function fn.smaller(a any type, b any type) as (
    case when a is null or b is null then null when a <= b then a else b end
);

-- number(x): a number as numeric(38, 9), rounded half away from zero. What is 10^15 or
-- more either way is 10^15, which staging sets aside by name; arithmetic on it is safe
create or replace function fn.number(x any type) as (
    case
        when x >= 1000000000000000 then numeric '1000000000000000'
        when x <= -1000000000000000 then numeric '-1000000000000000'
        else safe_cast(x as numeric)
    end
);

-- cents(x): an amount rounded to two digits, half away from zero, numeric(38, 2); null when none holds it
create or replace function fn.cents(x any type) as (round(safe_cast(x as numeric), 2));

-- times(a, b): the product, numeric(38, 9), rounded half away from zero; null when none
-- holds it. No window function stands in it, nor in prorate
create or replace function fn.times(a any type, b any type) as (
    safe_cast(safe_multiply(safe_cast(a as bignumeric), safe_cast(b as bignumeric)) as numeric)
);

-- units(a): the billionths that an amount has, for exact division
create or replace function fn.units(a any type) as (safe_multiply(safe_cast(a as bignumeric), bignumeric '1000000000'));

-- prorate(a, b, c): a × b ÷ c, exact and rounded once: six digits, half away from zero,
-- numeric(38, 6); null when c is 0 or no such number holds it
create or replace function fn.prorate(a any type, b any type, c any type) as (
    safe_cast(round(safe_divide(safe_multiply(safe_cast(a as bignumeric), safe_cast(b as bignumeric)), safe_cast(c as bignumeric)), 6) as numeric)
);

-- month_after(d, n): the date n months later, the month's last day where it has no such day
create or replace function fn.month_after(d date, n int64) as (safe.date_add(d, interval n month));

-- whole_months(a, b): how many whole months there are from one date to a later one, bigint
create or replace function fn.whole_months(a date, b date) as (
    date_diff(b, a, month) - case when fn.month_after(a, date_diff(b, a, month)) > b then 1 else 0 end
);

-- month_days(a, n): days of the month that begins n months after a date
create or replace function fn.month_days(a date, n int64) as (fn.whole_days(fn.month_after(a, n), fn.month_after(a, n + 1)));

-- term_year(amount, from_on, until_on): what an amount for the months from one date to the day before another is a
-- year: whole months count as months, what is left over as days of its own month
create or replace function fn.term_year(amount any type, from_on date, until_on date) as (
    fn.prorate(
        amount,
        12 * fn.month_days(from_on, fn.whole_months(from_on, until_on)),
        fn.whole_months(from_on, until_on) * fn.month_days(from_on, fn.whole_months(from_on, until_on)) + fn.whole_days(fn.month_after(from_on, fn.whole_months(from_on, until_on)), until_on)
    )
);

-- yearly(amount, first, last): an amount for the term of these days a year, numeric(38, 6),
-- null when there is no such term
create or replace function fn.yearly(amount any type, first_on date, last_on date) as (
    case when last_on >= first_on then fn.term_year(amount, first_on, fn.date_after(last_on, 1)) end
);

-- as_number(s): the number that a text holds, numeric(38, 9); null when it holds none
create or replace function fn.as_number(s string) as (safe_cast(s as numeric));

-- digits(n, places): a decimal's text with 1, 2 or 4 digits after the point, zeros
-- too, which a cast to text keeps or not as the engine likes
create or replace function fn.digits(n any type, places int64) as (
    case places when 1 then format('%.1f', safe_cast(n as numeric)) when 2 then format('%.2f', safe_cast(n as numeric)) when 4 then format('%.4f', safe_cast(n as numeric)) end
);

-- word(s): a name as it is compared: a CRM writes existingbusiness where its pages
-- say Existing Business, so case, blanks, hyphens and underscores do not matter
create or replace function fn.word(s string) as (replace(replace(replace(lower(s), ' ', ''), '-', ''), '_', ''));

-- as_date(s): the date that a text holds as YYYY-MM-DD; null when it holds none
create or replace function fn.as_date(s string) as (safe_cast(s as date));

-- as_instant(s): the instant that a text holds, with its offset; null when it holds none
create or replace function fn.as_instant(s string) as (safe_cast(s as timestamp));

-- upper_tail(z): normal_tail of a z that is not negative
create or replace function fn.upper_tail(z float64) as (
    case
        when z < 7.07106781186547 then
            exp(-z * z / 2)
            * ((((((3.52624965998911e-02 * z + 0.700383064443688) * z + 6.37396220353165) * z + 33.912866078383) * z
                + 112.079291497871) * z + 221.213596169931) * z + 220.206867912376)
            / (((((((8.83883476483184e-02 * z + 1.75566716318264) * z + 16.064177579207) * z + 86.7807322029461) * z
                + 296.564248779674) * z + 637.333633378831) * z + 793.826512519948) * z + 440.413735824752)
        else
            exp(-z * z / 2)
            / (z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 0.65)))))
            / 2.506628274631
    end
);

-- normal_tail(z): the chance that a standard normal value is at least z, double; relative error below 1e-12
create or replace function fn.normal_tail(z float64) as (
    case when z < 0 then 1 - fn.upper_tail(-z) else fn.upper_tail(z) end
);

-- wilson_low(k, n): lower bound of the 95 % Wilson interval of k out of n, double; null when n is 0
create or replace function fn.wilson_low(k int64, n int64) as (
    case
        when n = 0 then null
        when k = 0 then cast(0 as float64)
        else (k + 1.9207294103470885 - 1.959963984540054 * sqrt(cast(k as float64) * (n - k) / n + 0.9603647051735443))
            / (n + 3.841458820694177)
    end
);

-- wilson_low_99(k, n): lower bound of the 99 % Wilson interval, where many people are looked at together
create or replace function fn.wilson_low_99(k int64, n int64) as (
    case
        when n = 0 then null
        when k = 0 then cast(0 as float64)
        else (k + 3.3174483005106065 - 2.5758293035489004 * sqrt(cast(k as float64) * (n - k) / n + 1.6587241502553033))
            / (n + 6.634896601021213)
    end
);

-- wilson_high(k, n): its upper bound
create or replace function fn.wilson_high(k int64, n int64) as (
    case
        when n = 0 then null
        when k = n then cast(1 as float64)
        else (k + 1.9207294103470885 + 1.959963984540054 * sqrt(cast(k as float64) * (n - k) / n + 0.9603647051735443))
            / (n + 3.841458820694177)
    end
);

-- anscombe(k, usual): how many standard deviations a count lies above the usual one, if counts were Poisson;
-- divide by the square root of the dispersion where that is known
create or replace function fn.anscombe(k float64, usual float64) as (2 * (sqrt(k + 0.375) - sqrt(usual + 0.375)));

-- short_hash(s): ten hexadecimal digits that follow from a text, for ids
create or replace function fn.short_hash(s string) as (substr(to_hex(md5(s)), 1, 10));

-- hour(t): the hour of the day of an instant in the reporting zone, 0 to 23
create or replace function fn.hour(t timestamp) as (extract(hour from t at time zone fn.zone()));

-- addend(x): a double as a decimal of millionths, for sums that come out the same in whatever order rows
-- are added; fn.total gives the sum back
create or replace function fn.addend(x float64) as (cast(x * 1000000 as numeric));

-- total(s): the double that a sum of addends stands for; null when there was nothing to add
create or replace function fn.total(s numeric) as (cast(s as float64) / 1000000);

-- newcombe_low(k, n, j, m): lower bound of the 95 % interval of k of n less j of m, by Newcombe's hybrid
-- score method (1998, method 10), double; null when n or m is 0
create or replace function fn.newcombe_low(k int64, n int64, j int64, m int64) as (
    case
        when n = 0 or m = 0 then null
        else cast(k as float64) / n - cast(j as float64) / m
            - sqrt((cast(k as float64) / n - fn.wilson_low(k, n)) * (cast(k as float64) / n - fn.wilson_low(k, n)) + (cast(j as float64) / m - fn.wilson_high(j, m)) * (cast(j as float64) / m - fn.wilson_high(j, m)))
    end
);

-- newcombe_high(k, n, j, m): its upper bound
create or replace function fn.newcombe_high(k int64, n int64, j int64, m int64) as (
    case
        when n = 0 or m = 0 then null
        else cast(k as float64) / n - cast(j as float64) / m
            + sqrt((cast(k as float64) / n - fn.wilson_high(k, n)) * (cast(k as float64) / n - fn.wilson_high(k, n)) + (cast(j as float64) / m - fn.wilson_low(j, m)) * (cast(j as float64) / m - fn.wilson_low(j, m)))
    end
);

-- correlation_low(r, n): lower bound of the 95 % interval of a rank correlation over n people, by Fisher's
-- transformation with the variance of Bonett and Wright (2000), double; null below 4 people or without r
create or replace function fn.correlation_low(r float64, n int64) as (
    case
        when n < 4 or r is null then null
        when r >= 1 then cast(1 as float64)
        when r <= -1 then cast(-1 as float64)
        else 1 - 2 / (1 + exp(ln((1 + cast(r as float64)) / (1 - cast(r as float64))) - 2 * 1.959963984540054 * sqrt((1 + cast(r as float64) * r / 2) / (n - 3))))
    end
);

-- correlation_high(r, n): its upper bound
create or replace function fn.correlation_high(r float64, n int64) as (
    case
        when n < 4 or r is null then null
        when r >= 1 then cast(1 as float64)
        when r <= -1 then cast(-1 as float64)
        else 1 - 2 / (1 + exp(ln((1 + cast(r as float64)) / (1 - cast(r as float64))) + 2 * 1.959963984540054 * sqrt((1 + cast(r as float64) * r / 2) / (n - 3))))
    end
);

-- t_log(x): the logarithm of t_975 by x = 1 ÷ df
create or replace function fn.t_log(x float64) as (
    ((((((((((((((((((-0.1923614882273027) * x + 1.8681561402787774) * x - 8.38008224941842) * x + 23.022215549682866) * x
        - 43.274105605940164) * x + 58.80118668978232) * x - 59.313401846869276) * x + 44.623961416958274) * x -
        24.511178604886073) * x + 9.188256585480383) * x - 1.9082017205072335) * x - 0.07493264310136923) * x +
        0.2810380721992887) * x - 0.10040301150111189) * x - 0.23099264163881827) * x + 0.15205944163171226) * x +
        0.7075855502913339) * x + 1.2103647040036847) * x + 0.6729260978405674
);

-- t_975(df): what a value of Student's t with df degrees of freedom exceeds in 2.5 % of cases, double;
-- a polynomial in 1 ÷ df fitted at 50 digits, relative error below 1e-11 from df = 1 on; null below
create or replace function fn.t_975(df float64) as (case when df >= 1 then exp(fn.t_log(1 / df)) end);

-- t_scaled(t, df): the logarithm by which t_tail begins
create or replace function fn.t_scaled(t float64, df float64) as (sqrt((df - 0.5) * ln(1 + t * t / df)));

-- t_shifted(z, b): its series (G. W. Hill, algorithm 395 of the ACM, 1970)
create or replace function fn.t_shifted(z float64, b float64) as (
    z + (z * z * z + 3 * z) / b
    - (4 * pow(z, 7) + 33 * pow(z, 5) + 240 * z * z * z + 855 * z) / (10 * b * (b + 0.8 * pow(z, 4) + 100))
);

-- t_tails(t, df): the chance that Student's t with df degrees of freedom lies at least as far from 0 as t,
-- double; error below 1e-6 from df = 8 on, below 3e-5 from df = 3 on
create or replace function fn.t_tails(t float64, df float64) as (
    case when df >= 1 then 2 * fn.upper_tail(fn.t_shifted(fn.t_scaled(t, df), 48 * (df - 0.5) * (df - 0.5))) end
);
