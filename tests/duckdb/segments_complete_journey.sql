-- The segments of examples/complete-journey, written by hand from the meaning of the language's reference.
--
-- It shares nothing with the compiler: no plan, no parser, no time zone database. Given the tables
--   args(as_of TIMESTAMP)        the instant of evaluation, in UTC
--   households, transactions, products, campaigns, campaign_descriptions, coupon_redemptions   as in the source files
-- it leaves the table `answer`: the household's id as text, then one three-valued Boolean per segment (NULL is unknown).

-- ---- time: New York by its rules since 2007 ------------------------------------------------------------------------

-- The n-th Sunday on or after a date.
CREATE OR REPLACE MACRO sunday_from(d) AS (d::DATE + ((7 - isodow(d::DATE)) % 7)::INTEGER);
CREATE OR REPLACE MACRO summer_begins(y) AS sunday_from(make_date(y, 3, 8))::TIMESTAMP;    -- at 02:00 civil
CREATE OR REPLACE MACRO summer_ends(y)   AS sunday_from(make_date(y, 11, 1))::TIMESTAMP;   -- at 02:00 civil

-- A civil time as an instant. In the gap of spring (02:00 to 03:00) it moves forward by the hour, which is what the
-- offset of winter gives; of the two readings in autumn (01:00 to 02:00) it is the earlier, that of summer.
CREATE OR REPLACE MACRO instant_of(civil) AS (
  civil + CASE WHEN civil >= summer_begins(year(civil)) + INTERVAL 3 HOUR
                AND civil <  summer_ends(year(civil))   + INTERVAL 2 HOUR
               THEN INTERVAL 4 HOUR ELSE INTERVAL 5 HOUR END);

CREATE OR REPLACE MACRO civil_of(instant) AS (
  instant - CASE WHEN instant >= summer_begins(year(instant)) + INTERVAL 7 HOUR
                  AND instant <  summer_ends(year(instant))   + INTERVAL 6 HOUR
                 THEN INTERVAL 4 HOUR ELSE INTERVAL 5 HOUR END);

-- ---- numbers: whole cents and millionths, half to even ----------------------------------------------------------------

-- a / b for a >= 0, b > 0, to the nearest whole number, a half to the even one; nothing over nothing.
CREATE OR REPLACE MACRO div_even(a, b) AS (
  CASE WHEN b = 0 THEN NULL
       ELSE a::HUGEINT // b::HUGEINT
          + CASE WHEN 2 * (a::HUGEINT % b::HUGEINT) > b::HUGEINT THEN 1
                 WHEN 2 * (a::HUGEINT % b::HUGEINT) = b::HUGEINT AND (a::HUGEINT // b::HUGEINT) % 2 = 1 THEN 1
                 ELSE 0 END END);
CREATE OR REPLACE MACRO cents(dollars)        AS round_even(dollars * 100, 0)::BIGINT;
CREATE OR REPLACE MACRO percent_of(p, amount) AS div_even(amount::HUGEINT * p, 100);       -- p in whole percents
CREATE OR REPLACE MACRO millionths(part, all_rows) AS div_even(part::HUGEINT * 1000000, all_rows);

-- Kleene's any and every, from the numbers of rows that are true, false and unknown.
CREATE OR REPLACE MACRO kleene_any(n_true, n_unknown) AS (
  CASE WHEN n_true > 0 THEN true WHEN n_unknown > 0 THEN NULL ELSE false END);
CREATE OR REPLACE MACRO kleene_every(n_true, n_false, n_unknown) AS (
  CASE WHEN n_false > 0 THEN false WHEN n_unknown > 0 OR n_true = 0 THEN NULL ELSE true END);

-- ---- the bounds of every window ------------------------------------------------------------------------------------

-- Bounds by months stand in a query of their own: DuckDB 2.0 takes a month for thirty days when it compares intervals, and
-- computes `x - INTERVAL 6 MONTH` and `x - INTERVAL 180 DAY` of one query only once.
CREATE OR REPLACE TABLE months AS
WITH base AS (SELECT civil_of(as_of) AS now FROM args)
SELECT instant_of(now - INTERVAL 3 MONTH)  AS back_3_months,
       instant_of(now - INTERVAL 6 MONTH)  AS back_6_months,
       instant_of(now - INTERVAL 12 MONTH) AS back_12_months,
       instant_of(date_trunc('month', now) - INTERVAL 1 MONTH) AS previous_month_start,
       instant_of(date_trunc('month', now) - INTERVAL 3 MONTH) AS three_months_start
FROM base;
CREATE OR REPLACE TABLE months_before AS
WITH base AS (SELECT civil_of(as_of) - INTERVAL 60 DAY AS "then" FROM args)
-- `in last 9 months before 60 days ago`: nine months before that day
SELECT instant_of("then" - INTERVAL 9 MONTH) AS back_60_days_9_months FROM base;

-- `t` is the instant, `now` its wall clock in New York, `today` its date. A bound `back_N` is an instant.
CREATE OR REPLACE TABLE clock AS
WITH base AS (SELECT as_of AS t, civil_of(as_of) AS now FROM args)
SELECT t, now, now::DATE AS today,
       instant_of(now - INTERVAL 28 DAY)   AS back_4_weeks,
       instant_of(now - INTERVAL 30 DAY)   AS back_30_days,
       instant_of(now - INTERVAL 60 DAY)   AS back_60_days,
       instant_of(now - INTERVAL 90 DAY)   AS back_90_days,
       instant_of(now - INTERVAL 120 DAY)  AS back_120_days,
       instant_of(now - INTERVAL 180 DAY)  AS back_180_days,
       t - INTERVAL 72 HOUR AS back_72_hours,
       instant_of(date_trunc('day',   now)) AS day_start,
       instant_of(date_trunc('month', now)) AS month_start,
       instant_of(date_trunc('year',  now)) AS year_start,
       months.*, months_before.*
FROM base, months, months_before;

-- ---- the rows that can be seen ---------------------------------------------------------------------------------------

-- Lines of receipts up to the instant; what came later is never seen. `seq` is the order of the language: by time, then by
-- the columns as declared, missing first.
CREATE OR REPLACE TABLE lines AS
WITH placed AS (
  SELECT x.household_id, instant_of(x.transaction_timestamp) AS moment,
         x.basket_id::VARCHAR AS basket, x.store_id::VARCHAR AS store,
         p.product_id::VARCHAR AS product, p.department, p.product_category AS category, p.brand,
         x.quantity, cents(x.sales_value) AS paid, cents(x.retail_disc) AS card_discount,
         cents(x.coupon_disc) AS coupon_discount, cents(x.coupon_match_disc) AS match_discount
  FROM transactions x LEFT JOIN products p ON p.product_id = x.product_id)
SELECT placed.*, civil_of(moment) AS civil, isodow(civil_of(moment)) IN (6, 7) AS at_weekend,
       row_number() OVER (PARTITION BY household_id
                          ORDER BY moment, basket, store, product NULLS FIRST, quantity, paid, card_discount, coupon_discount,
                                   match_discount) AS seq
FROM placed, clock WHERE moment <= clock.t;

CREATE OR REPLACE TABLE redeemed AS
SELECT r.household_id, r.redemption_date::DATE AS day, instant_of(r.redemption_date::DATE::TIMESTAMP) AS moment,
       r.coupon_upc::VARCHAR AS coupon, d.campaign_id, d.campaign_type AS kind
FROM coupon_redemptions r JOIN campaign_descriptions d ON d.campaign_id = r.campaign_id, clock
WHERE instant_of(r.redemption_date::DATE::TIMESTAMP) <= clock.t;

-- A mailing has no time of its own: every row is seen.
CREATE OR REPLACE TABLE mailed AS
SELECT c.household_id, d.campaign_id, d.campaign_type AS kind, d.start_date::DATE AS starts, d.end_date::DATE AS ends
FROM campaigns c JOIN campaign_descriptions d ON d.campaign_id = c.campaign_id;

-- ---- what the receipts say about a household ----------------------------------------------------------------------------

CREATE OR REPLACE TABLE from_lines AS
SELECT household_id,
  max(moment) AS last_at, min(moment) AS first_at,
  count(*) FILTER (moment > back_30_days)                                    AS lines_30,
  count(*) FILTER (moment > back_72_hours)                                   AS lines_72_hours,
  count(*) FILTER (moment >= day_start)                                      AS lines_today,
  count(*) FILTER (moment >= previous_month_start AND moment < month_start)      AS lines_previous_month,
  count(*) FILTER (moment >= three_months_start AND moment < month_start)        AS lines_three_months,
  count(*) FILTER (moment > back_90_days AND moment <= back_30_days)             AS lines_60_before_30,
  count(DISTINCT basket) FILTER (moment > back_4_weeks)                      AS visits_4_weeks,
  count(DISTINCT basket) FILTER (moment > back_120_days AND moment <= back_30_days) AS visits_90_before_30,
  count(DISTINCT basket) FILTER (moment > back_90_days)                      AS visits_90,
  count(DISTINCT basket) FILTER (moment > back_12_months)                    AS visits_year,
  count(DISTINCT store)  FILTER (moment > back_6_months)                     AS stores_6_months,
  count(DISTINCT category) FILTER (moment > back_90_days)                    AS categories_90,
  sum(paid) FILTER (moment >= year_start)                                    AS paid_this_year,
  sum(paid) FILTER (moment >= month_start)                                   AS paid_this_month,
  sum(paid) FILTER (moment > back_90_days)                                   AS paid_90,
  sum(paid) FILTER (moment > back_180_days AND moment <= back_90_days)           AS paid_90_before_90,
  sum(paid) FILTER (moment >= instant_of(TIMESTAMP '2017-11-16') AND moment < instant_of(TIMESTAMP '2017-11-23')) AS paid_thanksgiving,
  sum(paid) FILTER (moment >= instant_of(TIMESTAMP '2017-11-24'))            AS paid_since_black_friday,
  sum(coupon_discount) FILTER (moment > back_12_months)                      AS coupon_discounts,
  sum(match_discount)  FILTER (moment > back_12_months)                      AS match_discounts,
  -- everything within six months
  count(*) FILTER (moment > back_6_months)                                   AS lines_6_months,
  count(*) FILTER (moment > back_6_months AND at_weekend)                    AS weekend_6_months,
  count(*) FILTER (moment > back_6_months AND card_discount > 0)             AS on_offer_6_months,
  count(*) FILTER (moment > back_6_months AND card_discount = 0)             AS full_price_6_months,
  count(*) FILTER (moment > back_6_months AND brand = 'Private')             AS own_label_6_months,
  count(*) FILTER (moment > back_6_months AND (starts_with(category, 'FRZN') OR starts_with(category, 'FROZEN'))) AS frozen_6_months,
  count(*) FILTER (moment > back_6_months AND category IN ('CAT FOOD', 'DOG FOODS', 'CAT LITTER', 'PET CARE SUPPLIES')) AS pet_6_months,
  count(*) FILTER (moment > back_6_months AND category = 'CAT FOOD')         AS cat_6_months,
  count(*) FILTER (moment > back_6_months AND category = 'DOG FOODS')        AS dog_6_months,
  count(*) FILTER (moment > back_6_months AND department = 'FUEL')           AS fuel_6_months,
  count(*) FILTER (moment > back_6_months AND department = 'PRODUCE')        AS produce_6_months,
  sum(paid) FILTER (moment > back_6_months AND department <> 'FUEL')         AS unfuelled_paid_6_months,
  count(*)  FILTER (moment > back_6_months AND department <> 'FUEL')         AS unfuelled_lines_6_months,
  count(*) FILTER (moment > back_12_months AND department = 'FUEL')          AS fuel_12_months,
  -- everything within three months
  count(*) FILTER (moment > back_3_months AND at_weekend)                    AS weekend_3_months,
  count(*) FILTER (moment > back_3_months AND NOT at_weekend)                AS weekday_3_months,
  max(paid) FILTER (moment > back_90_days AND department <> 'FUEL')          AS dearest_90,
  count(*) FILTER (moment > back_90_days AND (quantity >= 10 AND department = 'GROCERY'))         AS bulk_true,
  count(*) FILTER (moment > back_90_days AND (quantity >= 10 AND department = 'GROCERY') IS NULL) AS bulk_unknown,
  count(*) FILTER (moment > back_90_days AND department IN ('SEAFOOD', 'SEAFOOD-PCKGD'))          AS seafood_90,
  count(*) FILTER (moment > back_90_days AND category IN ('DOMESTIC WINE', 'IMPORTED WINE', 'MISC WINE')) AS wine_90,
  count(*) FILTER (moment > back_90_days AND category = 'CHEESES')           AS cheese_90,
  count(*) FILTER (moment > back_90_days AND contains(lower(category), 'organic')) AS organic_90,
  count(*) FILTER (moment > back_60_days
                   AND category IN ('BABY FOODS', 'DIAPERS & DISPOSABLES', 'INFANT FORMULA', 'BABY HBC')) AS baby_60,
  count(*) FILTER (moment > back_60_days_9_months AND moment <= back_60_days
                   AND category IN ('BABY FOODS', 'DIAPERS & DISPOSABLES', 'INFANT FORMULA', 'BABY HBC')) AS baby_before,
  count(*) FILTER (moment >= instant_of(TIMESTAMP '2017-10-15') AND moment < instant_of(TIMESTAMP '2017-11-01')
                   AND starts_with(category, 'CANDY'))                   AS halloween_candy,
  count(*) FILTER (moment >= instant_of(TIMESTAMP '2017-11-01') AND starts_with(category, 'CHRISTMAS')) AS decorations
FROM lines, clock GROUP BY household_id;

-- The store of the last line, in the order of the language.
CREATE OR REPLACE TABLE last_stores AS
SELECT household_id, arg_max(store, seq) AS store FROM lines GROUP BY household_id;

-- The most frequent store and counter; a tie goes to the one that was seen last.
CREATE OR REPLACE TABLE favourite_stores AS
WITH seen AS (SELECT household_id, store, count(*) AS n, max(seq) AS last_seq FROM lines, clock WHERE moment > back_6_months GROUP BY ALL)
SELECT household_id, store FROM seen QUALIFY row_number() OVER (PARTITION BY household_id ORDER BY n DESC, last_seq DESC) = 1;

CREATE OR REPLACE TABLE favourite_counters AS
WITH seen AS (SELECT household_id, department, count(*) AS n, max(seq) AS last_seq
              FROM lines, clock WHERE moment > back_6_months AND department <> 'GROCERY' GROUP BY ALL)
SELECT household_id, department FROM seen
QUALIFY row_number() OVER (PARTITION BY household_id ORDER BY n DESC, last_seq DESC) = 1;

CREATE OR REPLACE TABLE favourite_store_lines AS
SELECT l.household_id, count(*) AS n
FROM lines l JOIN favourite_stores f ON f.household_id = l.household_id AND f.store = l.store, clock
WHERE l.moment > back_6_months GROUP BY ALL;

-- Organic produce, and none within sixty days: true once the sixty days are over, false once some was bought, unknown between.
CREATE OR REPLACE TABLE organic_stops AS
WITH organic AS (SELECT household_id, moment, instant_of(civil + INTERVAL 60 DAY) AS until FROM lines WHERE category = 'ORGANICS FRUIT & VEGETABLES'),
     judged AS (
       SELECT o.household_id,
              CASE WHEN EXISTS (SELECT 1 FROM organic n WHERE n.household_id = o.household_id AND n.moment > o.moment AND n.moment <= o.until) THEN false
                   WHEN clock.t < o.until THEN NULL
                   ELSE true END AS stopped
       FROM organic o, clock WHERE o.moment > back_6_months)
SELECT household_id, count(*) FILTER (stopped) AS n_true, count(*) FILTER (stopped IS NULL) AS n_unknown FROM judged GROUP BY ALL;

-- ---- what mailings and coupons say about a household ---------------------------------------------------------------------

-- A day's window over dates that are 00:00 in New York: (T - P, T].
CREATE OR REPLACE TABLE from_redeemed AS
SELECT household_id,
  count(*)                                                   AS redemptions,
  count(*) FILTER (moment > back_12_months)                      AS redemptions_year,
  count(*) FILTER (moment > back_30_days)                        AS redemptions_30,
  count(DISTINCT coupon) FILTER (moment > back_12_months)        AS coupons_year,
  count(DISTINCT campaign_id)                                AS campaigns_redeemed,
  count(*) FILTER (kind = 'Type A')                          AS type_a,
  count(*) FILTER (kind = 'Type B')                          AS type_b
FROM redeemed, clock GROUP BY household_id;

CREATE OR REPLACE TABLE redemption_stops AS
WITH judged AS (
  SELECT r.household_id,
         CASE WHEN EXISTS (SELECT 1 FROM redeemed n WHERE n.household_id = r.household_id
                                                      AND n.day > r.day AND n.day <= r.day + 30) THEN false
              WHEN clock.t < instant_of((r.day + 30)::TIMESTAMP) THEN NULL
              ELSE true END AS stopped
  FROM redeemed r, clock WHERE r.moment > back_6_months)
SELECT household_id, count(*) FILTER (stopped) AS n_true, count(*) FILTER (stopped IS NULL) AS n_unknown FROM judged GROUP BY ALL;

CREATE OR REPLACE TABLE from_mailed AS
SELECT household_id, count(*) AS mailings,
  count(*) FILTER (today BETWEEN starts AND ends)              AS running,
  count(*) FILTER (starts BETWEEN today AND today + 14)        AS starting,
  count(*) FILTER (ends BETWEEN today AND today + 7)           AS ending
FROM mailed, clock GROUP BY household_id;

-- ---- one row a household --------------------------------------------------------------------------------------------------

CREATE OR REPLACE TABLE facts AS
SELECT h.*, clock.*,
  l.* EXCLUDE (household_id, last_at, first_at, dearest_90, unfuelled_paid_6_months, unfuelled_lines_6_months),
  l.last_at, l.first_at, l.dearest_90,
  div_even(l.unfuelled_paid_6_months, l.unfuelled_lines_6_months) AS mean_item,
  datesub('day', civil_of(l.last_at), clock.now) AS days_since,
  ls.store AS last_store, fs.store AS favourite_store, fc.department AS favourite_counter, coalesce(fl.n, 0) AS favourite_lines,
  coalesce(os.n_true, 0) AS organic_stopped, coalesce(os.n_unknown, 0) AS organic_running,
  coalesce(rs.n_true, 0) AS redeeming_stopped, coalesce(rs.n_unknown, 0) AS redeeming_running,
  coalesce(r.redemptions, 0) AS redemptions, coalesce(r.redemptions_year, 0) AS redemptions_year,
  coalesce(r.redemptions_30, 0) AS redemptions_30, coalesce(r.coupons_year, 0) AS coupons_year,
  coalesce(r.campaigns_redeemed, 0) AS campaigns_redeemed, coalesce(r.type_a, 0) AS type_a, coalesce(r.type_b, 0) AS type_b,
  coalesce(m.mailings, 0) AS mailings, coalesce(m.running, 0) AS running, coalesce(m.starting, 0) AS starting,
  coalesce(m.ending, 0) AS ending
FROM (SELECT household_id, age, income, home_ownership, marital_status, household_size, household_comp, kids_count FROM households) h
CROSS JOIN clock
LEFT JOIN from_lines l ON l.household_id = h.household_id
LEFT JOIN last_stores ls ON ls.household_id = h.household_id
LEFT JOIN favourite_stores fs ON fs.household_id = h.household_id
LEFT JOIN favourite_counters fc ON fc.household_id = h.household_id
LEFT JOIN favourite_store_lines fl ON fl.household_id = h.household_id
LEFT JOIN organic_stops os ON os.household_id = h.household_id
LEFT JOIN redemption_stops rs ON rs.household_id = h.household_id
LEFT JOIN from_redeemed r ON r.household_id = h.household_id
LEFT JOIN from_mailed m ON m.household_id = h.household_id;

-- Counts and sums over nothing are zero.
CREATE OR REPLACE TABLE facts AS
SELECT * REPLACE (
  coalesce(lines_30, 0) AS lines_30, coalesce(lines_72_hours, 0) AS lines_72_hours, coalesce(lines_today, 0) AS lines_today,
  coalesce(lines_previous_month, 0) AS lines_previous_month, coalesce(lines_three_months, 0) AS lines_three_months,
  coalesce(lines_60_before_30, 0) AS lines_60_before_30, coalesce(visits_4_weeks, 0) AS visits_4_weeks,
  coalesce(visits_90_before_30, 0) AS visits_90_before_30, coalesce(visits_90, 0) AS visits_90,
  coalesce(visits_year, 0) AS visits_year, coalesce(stores_6_months, 0) AS stores_6_months,
  coalesce(categories_90, 0) AS categories_90, coalesce(paid_this_year, 0) AS paid_this_year,
  coalesce(paid_this_month, 0) AS paid_this_month, coalesce(paid_90, 0) AS paid_90,
  coalesce(paid_90_before_90, 0) AS paid_90_before_90, coalesce(paid_thanksgiving, 0) AS paid_thanksgiving,
  coalesce(paid_since_black_friday, 0) AS paid_since_black_friday, coalesce(coupon_discounts, 0) AS coupon_discounts,
  coalesce(match_discounts, 0) AS match_discounts, coalesce(lines_6_months, 0) AS lines_6_months,
  coalesce(pet_6_months, 0) AS pet_6_months, coalesce(cat_6_months, 0) AS cat_6_months, coalesce(dog_6_months, 0) AS dog_6_months,
  coalesce(fuel_6_months, 0) AS fuel_6_months, coalesce(produce_6_months, 0) AS produce_6_months,
  coalesce(fuel_12_months, 0) AS fuel_12_months, coalesce(weekend_3_months, 0) AS weekend_3_months,
  coalesce(weekday_3_months, 0) AS weekday_3_months, coalesce(bulk_true, 0) AS bulk_true, coalesce(bulk_unknown, 0) AS bulk_unknown,
  coalesce(seafood_90, 0) AS seafood_90, coalesce(wine_90, 0) AS wine_90, coalesce(cheese_90, 0) AS cheese_90,
  coalesce(organic_90, 0) AS organic_90, coalesce(baby_60, 0) AS baby_60, coalesce(baby_before, 0) AS baby_before,
  coalesce(halloween_candy, 0) AS halloween_candy, coalesce(decorations, 0) AS decorations)
FROM facts;

-- ---- the segments ----------------------------------------------------------------------------------------------------------

CREATE OR REPLACE TABLE answer AS
WITH f AS (
  SELECT *,
    CASE WHEN days_since IS NULL THEN 0 WHEN days_since < 7 THEN 5 WHEN days_since < 21 THEN 4 WHEN days_since < 45 THEN 3
         WHEN days_since < 90 THEN 2 ELSE 1 END AS recency_points,
    CASE WHEN visits_year >= 100 THEN 5 WHEN visits_year >= 60 THEN 4 WHEN visits_year >= 30 THEN 3 WHEN visits_year >= 10 THEN 2
         ELSE 1 END AS frequency_points,
    CASE WHEN paid_this_year >= 350000 THEN 'Gold' WHEN paid_this_year >= 120000 THEN 'Silver' ELSE 'Bronze' END AS tier,
    (paid_90_before_90 >= 10000 AND paid_90 >= percent_of(150, paid_90_before_90)) AS spending_more,
    lines_30 > 0 AS active,
    redemptions_year > 0 AS redeemer,
    kids_count IN ('1', '2', '3+') AS has_kids,
    income IN ('75-99K', '100-124K', '125-149K', '150-174K', '175-199K', '200-249K', '250K+') AS income_75k,
    favourite_counter IN ('PRODUCE', 'MEAT', 'SEAFOOD', 'SALAD BAR') AS fresh_first
  FROM facts),
g AS (
  SELECT *,
    CASE WHEN recency_points = 0 THEN 'NeverSeen'
         WHEN recency_points >= 4 THEN CASE WHEN frequency_points >= 4 THEN 'Champion' WHEN frequency_points >= 2 THEN 'Regular' ELSE 'Occasional' END
         WHEN recency_points >= 2 THEN CASE WHEN frequency_points >= 3 THEN 'AtRisk' ELSE 'Cooling' END
         ELSE 'Dormant' END AS lifecycle
  FROM f)
SELECT household_id::VARCHAR AS household_id,
  -- visits
  active                                                              AS ActiveShoppers,
  visits_4_weeks >= 8                                                 AS WeeklyRegulars,
  lines_72_hours > 0                                                  AS JustShopped,
  lines_today > 0                                                     AS InStoreToday,
  last_at < back_90_days                                              AS LapsedShoppers,
  visits_90_before_30 >= 6 AND lines_30 = 0                           AS SlippingAway,
  lines_30 > 0 AND lines_60_before_30 = 0 AND first_at < back_90_days AS CameBack,
  first_at > back_6_months                                            AS NewHouseholds,
  lines_three_months > 0 AND lines_previous_month = 0                 AS SkippedLastMonth,
  coalesce(days_since, 999) > 45                                      AS QuietOrNeverSeen,
  -- recency, frequency, money
  lifecycle = 'Champion'                                              AS Champions,
  lifecycle = 'AtRisk'                                                AS AtRiskRegulars,
  lifecycle = 'Dormant'                                               AS DormantHouseholds,
  tier = 'Gold'                                                       AS GoldShoppers,
  tier IN ('Silver', 'Gold') AND days_since >= 30                     AS LapsedVips,
  tier = 'Silver' AND spending_more                                   AS RisingStars,
  -- baskets
  div_even(paid_90, visits_90) >= 6000                                AS BigBaskets,
  visits_90 >= 20 AND div_even(paid_90, visits_90) < 2000             AS TopUpShoppers,
  spending_more                                                       AS SpendingMore,
  paid_90_before_90 >= 20000 AND paid_90 <= percent_of(60, paid_90_before_90) AS SpendingLess,
  millionths(weekend_6_months, lines_6_months) >= 600000              AS WeekendShoppers,
  kleene_every(weekend_3_months, weekday_3_months, 0)                 AS WeekendOnly,
  stores_6_months >= 4                                                AS ManyStores,
  millionths(favourite_lines, lines_6_months) >= 950000 AND visits_90 >= 10 AS OneStoreLoyal,
  favourite_store IS NOT NULL AND last_store IS NOT NULL AND last_store <> favourite_store AS SwitchedStore,
  millionths(on_offer_6_months, lines_6_months) >= 650000             AS OfferSeekers,
  millionths(full_price_6_months, lines_6_months) >= 650000           AS FullPricePayers,
  paid_this_month >= 25000                                            AS BigSpendersThisMonth,
  paid_thanksgiving >= 15000                                          AS ThanksgivingHosts,
  paid_since_black_friday >= 40000                                    AS ChristmasStockUp,
  dearest_90 >= 4000                                                  AS BigTicketBuyers,
  mean_item >= 400                                                    AS PremiumTaste,
  kleene_any(bulk_true, bulk_unknown)                                 AS BulkBuyers,
  -- categories
  seafood_90 >= 4                                                     AS SeafoodLovers,
  wine_90 >= 1 AND cheese_90 >= 1                                     AS WineAndCheese,
  pet_6_months >= 5                                                   AS PetOwners,
  cat_6_months >= 3 AND dog_6_months = 0                              AS CatsNotDogs,
  baby_60 >= 2 AND baby_before = 0                                    AS NewToBabyAisle,
  baby_before >= 5 AND baby_60 = 0 AND active                         AS OutgrewBabyAisle,
  millionths(own_label_6_months, lines_6_months) >= 350000            AS OwnLabelFans,
  millionths(own_label_6_months, lines_6_months) < 125000             AS NationalBrandLoyal,
  organic_90 >= 3                                                     AS OrganicRegulars,
  millionths(frozen_6_months, lines_6_months) >= 200000               AS FrozenFoodFans,
  fresh_first                                                         AS FreshCountersFirst,
  fuel_6_months >= 4                                                  AS FuelCustomers,
  active AND fuel_12_months = 0                                       AS NeverFuelsWithUs,
  visits_year >= 12 AND produce_6_months = 0                          AS NeverBuysProduce,
  categories_90 >= 60                                                 AS ExploresTheStore,
  halloween_candy >= 4                                                AS HalloweenCandy,
  decorations >= 1                                                    AS ChristmasDecorators,
  kleene_any(organic_stopped, organic_running)                        AS TriedOrganicAndStopped,
  -- campaigns and coupons
  redeemer                                                            AS CouponRedeemers,
  coupons_year >= 10                                                  AS CouponFans,
  mailings >= 3 AND redemptions = 0                                   AS MailedNeverRedeemed,
  mailings >= 2 AND campaigns_redeemed::DOUBLE / nullif(mailings, 0)::DOUBLE >= 0.5 AS ReliableResponders,
  type_a > 0                                                          AS TypeAResponders,
  type_a > 0 AND type_b > 0                                           AS RedeemsBothTypes,
  running > 0                                                         AS InRunningCampaign,
  starting > 0                                                        AS NextInTheMail,
  ending > 0 AND redemptions_30 = 0                                   AS LastCall,
  kleene_any(redeeming_stopped, redeeming_running)                    AS CouponsWentCold,
  coupon_discounts + match_discounts >= 2000                          AS CouponSavers,
  redeemer AND NOT active                                             AS SleepingRedeemers,
  -- households
  has_kids                                                            AS FamiliesWithKids,
  household_size IN ('4', '5+') AND income IN ('Under 15K', '15-24K', '25-34K', '35-49K') AS LargeFamiliesTightBudget,
  age IN ('45-54', '55-64', '65+') AND income_75k AND kids_count = '0' AS AffluentEmptyNesters,
  household_comp = '1 Adult No Kids' AND home_ownership IN ('Renter', 'Probable Renter') AS SingleRenters,
  age = '65+'                                                         AS Seniors,
  has_kids IS NOT TRUE                                                AS NotKnownFamilies,
  active AND has_kids IS NULL                                         AS AskAboutKids,
  (kids_count IS NULL OR kids_count = '0') AND baby_60 + baby_before >= 5 AS UndeclaredParents,
  (home_ownership IN ('Homeowner', 'Probable Homeowner')) IS NOT TRUE AND active AS NotKnownHomeowners,
  marital_status = 'Married' AND home_ownership = 'Homeowner' AND age IN ('35-44', '45-54', '55-64', '65+') AS MarriedAndSettled,
  coalesce(household_comp IN ('1 Adult Kids', '2 Adults Kids'), false) AND tier = 'Gold' AS GoldFamilies,
  coalesce(household_comp IN ('1 Adult No Kids', '2 Adults No Kids'), false) AND fresh_first AS TreatsForTwo
FROM g;
