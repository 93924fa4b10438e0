-- The segments of examples/hillstrom, written by hand from the meaning of the language's reference.
--
-- Given the table customers(n, and the columns of the source file), it leaves the table `answer`: the number of the row, then one
-- three-valued Boolean per segment. Every field is present, so nothing is unknown.

CREATE OR REPLACE TABLE answer AS
WITH f AS (
  SELECT *, round_even(history * 100, 0)::BIGINT AS history_cents, round_even(spend * 100, 0)::BIGINT AS spend_cents,
         left(history_segment, 1)::INTEGER AS band
  FROM customers)
SELECT n,
  history_cents >= 50000                                               AS HighValue,
  history_segment = '7) $1,000 +'                                      AS TopBand,
  channel = 'Multichannel'                                             AS MultichannelShoppers,
  mens = 1 AND womens <> 1                                             AS MensOnly,
  womens = 1 AND mens <> 1                                             AS WomensOnly,
  mens = 1 AND womens = 1                                              AS BuysForBoth,
  newbie = 1                                                           AS Newbies,
  newbie = 1 AND band >= 3                                             AS PromisingNewbies,
  recency <= 3                                                         AS BoughtLately,
  recency >= 10                                                        AS Lapsing,
  recency >= 10 AND history_cents >= 35000                             AS WinBack,
  recency > 6 AND band < 5                                             AS DeepDiscount,
  segment IN ('Mens E-Mail', 'Womens E-Mail')                          AS Mailed,
  segment = 'No E-Mail'                                                AS Control,
  segment <> 'No E-Mail' AND visit = 1                                 AS Responders,
  segment = 'No E-Mail' AND visit = 1                                  AS CameUnasked,
  (segment = 'Mens E-Mail' AND womens = 1 AND mens <> 1)
    OR (segment = 'Womens E-Mail' AND mens = 1 AND womens <> 1)        AS WrongEmail,
  visit = 1 AND conversion = 0                                         AS BrowsedNotBought,
  conversion = 1                                                       AS Buyers,
  spend_cents::DOUBLE / nullif(history_cents, 0)::DOUBLE >= 0.5        AS WokenUp,
  zip_code = 'Rural' AND channel = 'Phone'                             AS RuralByPhone,
  zip_code <> 'Urban'                                                  AS OutsideTheCity
FROM f;
