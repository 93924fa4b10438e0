//! The segments of the benchmark in plain Rust. Written by bench/playbooks.py from bench/spec.py; do not edit.

use serde::Deserialize;

#[derive(Clone, Copy, Deserialize)]
pub enum State { AL, AK, AZ, AR, CA, CO, CT, DE, FL, GA, HI, ID, IL, IN, IA, KS, KY, LA, ME, MD, MA, MI, MN, MS, MO, MT, NE, NV, NH, NJ, NM, NY, NC, ND, OH, OK, OR, PA, RI, SC, SD, TN, TX, UT, VT, VA, WA, WV, WI, WY }

#[derive(Clone, Copy, Deserialize)]
pub enum Tier { Bronze, Silver, Gold, Platinum }

#[derive(Clone, Copy, Deserialize)]
pub enum Language { English, Spanish, French, German, Italian, Portuguese, Chinese, Japanese, Korean, Arabic }

#[derive(Clone, Copy, Deserialize)]
pub enum Channel { Web, Store, Phone, App, Partner, Post }

/// A record of numbers.
#[derive(Deserialize)]
#[allow(dead_code, reason = "no segment asks for the key")]
pub struct Numbers<'a> {
    pub customer_id: i64, pub age: Option<i64>, pub signed_up_on: i64, pub last_login_at: Option<i64>,
    pub born_on: Option<i64>, pub balance: i64, pub credit_limit: Option<i64>, pub lifetime_value: i64,
    pub income: Option<i64>, pub churn_score: f64, pub propensity: Option<f64>, pub engagement: f64,
    pub email_opt_in: bool, pub sms_opt_in: bool, pub is_employee: bool, pub has_app: Option<bool>,
    pub state: State, pub card_tier: Option<Tier>, pub language: Language, pub channel: Option<Channel>,
    pub email: &'a str, pub visits_30d: i64, pub visits_365d: i64, pub cart_items: Option<i64>,
    pub last_purchase_on: Option<i64>, pub last_email_open_at: Option<i64>, pub support_tickets: i64, pub recommends: Option<i64>,
    pub loyalty_points: i64, pub household_size: Option<i64>, pub tenure_months: i64, pub credit_score: Option<i64>,
}

impl Leaves for Numbers<'_> {
    #[inline(always)] fn leaf_37_is(&self) -> bool { self.tenure_months >= 188 }
    #[inline(always)] fn leaf_0_is(&self) -> bool { matches!(self.state, State::AK | State::AZ | State::AR | State::CT | State::ME | State::MS | State::NE | State::NV) }
    #[inline(always)] fn leaf_25_is(&self) -> bool { self.household_size.is_some_and(|v| v <= 3) }
    #[inline(always)] fn leaf_69_is(&self) -> bool { matches!(self.language, Language::Portuguese) }
    #[inline(always)] fn leaf_95_not_true(&self) -> bool { !(self.email.ends_with("@yahoo.com")) }
    #[inline(always)] fn leaf_44_is(&self) -> bool { self.credit_score.is_some_and(|v| v >= 698 && v <= 714) }
    #[inline(always)] fn leaf_12_is(&self) -> bool { self.credit_limit.is_some_and(|v| v <= 472000) }
    #[inline(always)] fn leaf_13_is(&self) -> bool { self.loyalty_points >= 282861 && self.loyalty_points <= 418965 }
    #[inline(always)] fn leaf_14_not_true(&self) -> bool { !(matches!(self.language, Language::Italian | Language::Portuguese | Language::Korean)) }
    #[inline(always)] fn leaf_92_is(&self) -> bool { self.churn_score <= 0.05 }
    #[inline(always)] fn leaf_79_is(&self) -> bool { self.visits_30d <= 16 }
    #[inline(always)] fn leaf_15_not_true(&self) -> bool { !(self.visits_30d > 3) }
    #[inline(always)] fn leaf_100_not_true(&self) -> bool { !self.last_purchase_on.is_some_and(|v| v <= 20274) }
    #[inline(always)] fn leaf_5_not_true(&self) -> bool { !self.channel.is_some_and(|v| matches!(v, Channel::App)) }
    #[inline(always)] fn leaf_16_not_true(&self) -> bool { !(self.support_tickets >= 9 && self.support_tickets <= 11) }
    #[inline(always)] fn leaf_6_is(&self) -> bool { self.propensity.is_some_and(|v| v >= 0.11 && v <= 0.54) }
    #[inline(always)] fn leaf_10_is(&self) -> bool { self.loyalty_points <= 466078 }
    #[inline(always)] fn leaf_11_is(&self) -> bool { self.sms_opt_in }
    #[inline(always)] fn leaf_17_is(&self) -> bool { self.card_tier.is_some_and(|v| matches!(v, Tier::Bronze | Tier::Silver | Tier::Gold)) }
    #[inline(always)] fn leaf_18_is(&self) -> bool { self.credit_limit.is_some_and(|v| v < 2039000) }
    #[inline(always)] fn leaf_11_not_true(&self) -> bool { !(self.sms_opt_in) }
    #[inline(always)] fn leaf_42_is(&self) -> bool { matches!(self.state, State::NY | State::TN | State::VA) }
    #[inline(always)] fn leaf_19_not_true(&self) -> bool { !(self.balance <= 1043000) }
    #[inline(always)] fn leaf_87_is(&self) -> bool { matches!(self.state, State::AR | State::PA) }
    #[inline(always)] fn leaf_17_not_true(&self) -> bool { !self.card_tier.is_some_and(|v| matches!(v, Tier::Bronze | Tier::Silver | Tier::Gold)) }
    #[inline(always)] fn leaf_20_is(&self) -> bool { self.household_size.is_some_and(|v| v >= 3) }
    #[inline(always)] fn leaf_21_is(&self) -> bool { matches!(self.support_tickets, 1 | 2 | 3 | 4 | 8) }
    #[inline(always)] fn leaf_22_not_true(&self) -> bool { !self.last_purchase_on.is_some_and(|v| v > 20447) }
    #[inline(always)] fn leaf_68_is(&self) -> bool { self.last_purchase_on.is_some_and(|v| v > 20440) }
    #[inline(always)] fn leaf_23_not_true(&self) -> bool { !(matches!(self.support_tickets, 3 | 4 | 5 | 8)) }
    #[inline(always)] fn leaf_24_false(&self) -> bool { !self.age.is_none_or(|v| v >= 75 && v <= 84) }
    #[inline(always)] fn leaf_60_is(&self) -> bool { self.last_email_open_at.is_some_and(|v| v > 1735689600000000) }
    #[inline(always)] fn leaf_26_is(&self) -> bool { self.is_employee }
    #[inline(always)] fn leaf_85_is(&self) -> bool { self.last_purchase_on.is_some_and(|v| v <= 20424) }
    #[inline(always)] fn leaf_27_not_true(&self) -> bool { self.credit_limit.is_none() }
    #[inline(always)] fn leaf_28_is(&self) -> bool { self.card_tier.is_some_and(|v| matches!(v, Tier::Bronze)) }
    #[inline(always)] fn leaf_29_not_true(&self) -> bool { !self.household_size.is_some_and(|v| matches!(v, 1 | 2 | 3 | 4 | 5)) }
    #[inline(always)] fn leaf_30_is(&self) -> bool { self.has_app.is_some_and(|v| v) }
    #[inline(always)] fn leaf_9_is(&self) -> bool { self.channel.is_some_and(|v| matches!(v, Channel::Store | Channel::App | Channel::Partner)) }
    #[inline(always)] fn leaf_31_not_true(&self) -> bool { !(self.visits_30d <= 3) }
    #[inline(always)] fn leaf_23_is(&self) -> bool { matches!(self.support_tickets, 3 | 4 | 5 | 8) }
    #[inline(always)] fn leaf_46_false(&self) -> bool { !self.born_on.is_none_or(|v| v <= -2662) }
    #[inline(always)] fn leaf_32_is(&self) -> bool { self.channel.is_some_and(|v| matches!(v, Channel::Web)) }
    #[inline(always)] fn leaf_6_false(&self) -> bool { !self.propensity.is_none_or(|v| v >= 0.11 && v <= 0.54) }
    #[inline(always)] fn leaf_33_is(&self) -> bool { self.visits_365d < 161 }
    #[inline(always)] fn leaf_8_is(&self) -> bool { self.last_login_at.is_some_and(|v| v > 1762041600000000) }
    #[inline(always)] fn leaf_2_is(&self) -> bool { self.email_opt_in }
    #[inline(always)] fn leaf_34_is(&self) -> bool { self.email.ends_with("@outlook.com") }
    #[inline(always)] fn leaf_35_is(&self) -> bool { self.tenure_months > 68 }
    #[inline(always)] fn leaf_36_is(&self) -> bool { self.household_size.is_some_and(|v| matches!(v, 1 | 2 | 4 | 7 | 8)) }
    #[inline(always)] fn leaf_38_is(&self) -> bool { self.income.is_some_and(|v| v > 10195000) }
    #[inline(always)] fn leaf_44_not_true(&self) -> bool { !self.credit_score.is_some_and(|v| v >= 698 && v <= 714) }
    #[inline(always)] fn leaf_39_not_true(&self) -> bool { !(self.email.ends_with("@gmail.com")) }
    #[inline(always)] fn leaf_2_not_true(&self) -> bool { !(self.email_opt_in) }
    #[inline(always)] fn leaf_40_is(&self) -> bool { self.card_tier.is_some_and(|v| matches!(v, Tier::Silver | Tier::Gold | Tier::Platinum)) }
    #[inline(always)] fn leaf_100_false(&self) -> bool { !self.last_purchase_on.is_none_or(|v| v <= 20274) }
    #[inline(always)] fn leaf_41_is(&self) -> bool { self.born_on.is_some_and(|v| v <= -7239) }
    #[inline(always)] fn leaf_19_is(&self) -> bool { self.balance <= 1043000 }
    #[inline(always)] fn leaf_42_not_true(&self) -> bool { !(matches!(self.state, State::NY | State::TN | State::VA)) }
    #[inline(always)] fn leaf_43_not_true(&self) -> bool { !self.last_purchase_on.is_some_and(|v| v <= 20447) }
    #[inline(always)] fn leaf_86_is(&self) -> bool { self.recommends.is_some_and(|v| v > -17) }
    #[inline(always)] fn leaf_26_not_true(&self) -> bool { !(self.is_employee) }
    #[inline(always)] fn leaf_45_is(&self) -> bool { self.signed_up_on <= 20424 }
    #[inline(always)] fn leaf_7_is(&self) -> bool { self.last_purchase_on.is_some() }
    #[inline(always)] fn leaf_59_false(&self) -> bool { !self.last_purchase_on.is_none_or(|v| v > 20364) }
    #[inline(always)] fn leaf_46_is(&self) -> bool { self.born_on.is_some_and(|v| v <= -2662) }
    #[inline(always)] fn leaf_47_not_true(&self) -> bool { !(self.loyalty_points < 82167) }
    #[inline(always)] fn leaf_48_is(&self) -> bool { self.credit_limit.is_some_and(|v| v >= 4664000) }
    #[inline(always)] fn leaf_5_is(&self) -> bool { self.channel.is_some_and(|v| matches!(v, Channel::App)) }
    #[inline(always)] fn leaf_49_is(&self) -> bool { self.propensity.is_some_and(|v| v >= 0.17 && v <= 0.54) }
    #[inline(always)] fn leaf_50_is(&self) -> bool { self.email.ends_with("@corp.example.com") }
    #[inline(always)] fn leaf_51_is(&self) -> bool { self.visits_365d >= 132 && self.visits_365d <= 267 }
    #[inline(always)] fn leaf_52_false(&self) -> bool { !self.household_size.is_none_or(|v| v < 2) }
    #[inline(always)] fn leaf_100_is(&self) -> bool { self.last_purchase_on.is_some_and(|v| v <= 20274) }
    #[inline(always)] fn leaf_67_is(&self) -> bool { self.last_email_open_at.is_some_and(|v| v <= 1766016000000000) }
    #[inline(always)] fn leaf_1_is(&self) -> bool { self.recommends.is_some() }
    #[inline(always)] fn leaf_53_is(&self) -> bool { matches!(self.state, State::CT | State::IL | State::ME | State::MI | State::MO | State::NM | State::VT | State::VA) }
    #[inline(always)] fn leaf_54_is(&self) -> bool { self.last_email_open_at.is_some_and(|v| v > 1759449600000000) }
    #[inline(always)] fn leaf_55_is(&self) -> bool { self.signed_up_on > 20440 }
    #[inline(always)] fn leaf_56_is(&self) -> bool { self.email.ends_with("@example.org") }
    #[inline(always)] fn leaf_16_is(&self) -> bool { self.support_tickets >= 9 && self.support_tickets <= 11 }
    #[inline(always)] fn leaf_57_is(&self) -> bool { self.card_tier.is_some_and(|v| matches!(v, Tier::Bronze | Tier::Gold | Tier::Platinum)) }
    #[inline(always)] fn leaf_58_is(&self) -> bool { self.engagement > 50.5 }
    #[inline(always)] fn leaf_97_not_true(&self) -> bool { !(self.engagement <= 93.63) }
    #[inline(always)] fn leaf_59_is(&self) -> bool { self.last_purchase_on.is_some_and(|v| v > 20364) }
    #[inline(always)] fn leaf_61_not_true(&self) -> bool { !self.income.is_some_and(|v| v > 22625000) }
    #[inline(always)] fn leaf_62_is(&self) -> bool { self.credit_limit.is_some_and(|v| v < 2267000) }
    #[inline(always)] fn leaf_3_is(&self) -> bool { self.born_on.is_some_and(|v| v >= -2781 && v <= 1782) }
    #[inline(always)] fn leaf_4_is(&self) -> bool { self.age.is_some_and(|v| v >= 41) }
    #[inline(always)] fn leaf_63_not_true(&self) -> bool { self.last_login_at.is_none() }
    #[inline(always)] fn leaf_4_false(&self) -> bool { !self.age.is_none_or(|v| v >= 41) }
    #[inline(always)] fn leaf_64_false(&self) -> bool { !self.household_size.is_none_or(|v| v >= 2 && v <= 7) }
    #[inline(always)] fn leaf_28_true(&self) -> bool { self.card_tier.is_some_and(|v| matches!(v, Tier::Bronze)) }
    #[inline(always)] fn leaf_72_is(&self) -> bool { self.balance <= 79000 }
    #[inline(always)] fn leaf_22_is(&self) -> bool { self.last_purchase_on.is_some_and(|v| v > 20447) }
    #[inline(always)] fn leaf_65_is(&self) -> bool { self.support_tickets >= 2 && self.support_tickets <= 10 }
    #[inline(always)] fn leaf_14_is(&self) -> bool { matches!(self.language, Language::Italian | Language::Portuguese | Language::Korean) }
    #[inline(always)] fn leaf_71_is(&self) -> bool { self.signed_up_on <= 20274 }
    #[inline(always)] fn leaf_66_is(&self) -> bool { self.lifetime_value >= 4084000 }
    #[inline(always)] fn leaf_68_not_true(&self) -> bool { !self.last_purchase_on.is_some_and(|v| v > 20440) }
    #[inline(always)] fn leaf_70_is(&self) -> bool { self.signed_up_on > 20364 }
    #[inline(always)] fn leaf_67_false(&self) -> bool { !self.last_email_open_at.is_none_or(|v| v <= 1766016000000000) }
    #[inline(always)] fn leaf_69_not_true(&self) -> bool { !(matches!(self.language, Language::Portuguese)) }
    #[inline(always)] fn leaf_73_is(&self) -> bool { self.income.is_some_and(|v| v < 11605000) }
    #[inline(always)] fn leaf_74_is(&self) -> bool { self.household_size.is_some_and(|v| v <= 2) }
    #[inline(always)] fn leaf_75_is(&self) -> bool { self.cart_items.is_some_and(|v| v > 2) }
    #[inline(always)] fn leaf_76_not_true(&self) -> bool { self.has_app.is_some() }
    #[inline(always)] fn leaf_77_is(&self) -> bool { self.cart_items.is_none() }
    #[inline(always)] fn leaf_63_is(&self) -> bool { self.last_login_at.is_some() }
    #[inline(always)] fn leaf_15_is(&self) -> bool { self.visits_30d > 3 }
    #[inline(always)] fn leaf_78_not_true(&self) -> bool { !(self.balance >= 130000) }
    #[inline(always)] fn leaf_31_is(&self) -> bool { self.visits_30d <= 3 }
    #[inline(always)] fn leaf_80_not_true(&self) -> bool { !self.income.is_some_and(|v| v < 13819000) }
    #[inline(always)] fn leaf_4_not_true(&self) -> bool { !self.age.is_some_and(|v| v >= 41) }
    #[inline(always)] fn leaf_81_is(&self) -> bool { matches!(self.state, State::AZ | State::HI) }
    #[inline(always)] fn leaf_82_is(&self) -> bool { matches!(self.state, State::AL | State::GA | State::NV | State::OR) }
    #[inline(always)] fn leaf_83_false(&self) -> bool { !self.last_email_open_at.is_none_or(|v| v > 1751673600000000) }
    #[inline(always)] fn leaf_84_is(&self) -> bool { self.last_login_at.is_some_and(|v| v <= 1762041600000000) }
    #[inline(always)] fn leaf_83_is(&self) -> bool { self.last_email_open_at.is_some_and(|v| v > 1751673600000000) }
    #[inline(always)] fn leaf_61_is(&self) -> bool { self.income.is_some_and(|v| v > 22625000) }
    #[inline(always)] fn leaf_52_is(&self) -> bool { self.household_size.is_some_and(|v| v < 2) }
    #[inline(always)] fn leaf_88_is(&self) -> bool { matches!(self.state, State::TX | State::UT) }
    #[inline(always)] fn leaf_89_is(&self) -> bool { self.churn_score >= 0.27 && self.churn_score <= 0.31 }
    #[inline(always)] fn leaf_90_is(&self) -> bool { self.signed_up_on > 20424 }
    #[inline(always)] fn leaf_29_is(&self) -> bool { self.household_size.is_some_and(|v| matches!(v, 1 | 2 | 3 | 4 | 5)) }
    #[inline(always)] fn leaf_91_not_true(&self) -> bool { !self.born_on.is_some_and(|v| v > -6632) }
    #[inline(always)] fn leaf_93_is(&self) -> bool { matches!(self.support_tickets, 0 | 1 | 3 | 5) }
    #[inline(always)] fn leaf_96_is(&self) -> bool { matches!(self.language, Language::Portuguese | Language::Chinese | Language::Japanese) }
    #[inline(always)] fn leaf_94_is(&self) -> bool { self.age.is_some() }
    #[inline(always)] fn leaf_95_is(&self) -> bool { self.email.ends_with("@yahoo.com") }
    #[inline(always)] fn leaf_96_not_true(&self) -> bool { !(matches!(self.language, Language::Portuguese | Language::Chinese | Language::Japanese)) }
    #[inline(always)] fn leaf_98_is(&self) -> bool { self.age.is_some_and(|v| v >= 79 && v <= 83) }
    #[inline(always)] fn leaf_99_is(&self) -> bool { self.loyalty_points >= 87688 && self.loyalty_points <= 390498 }
    #[inline(always)] fn leaf_9_false(&self) -> bool { !self.channel.is_none_or(|v| matches!(v, Channel::Store | Channel::App | Channel::Partner)) }
    #[inline(always)] fn leaf_32_not_true(&self) -> bool { !self.channel.is_some_and(|v| matches!(v, Channel::Web)) }
    #[inline(always)] fn leaf_39_is(&self) -> bool { self.email.ends_with("@gmail.com") }
    #[inline(always)] fn leaf_94_not_true(&self) -> bool { self.age.is_none() }
    #[inline(always)] fn leaf_87_not_true(&self) -> bool { !(matches!(self.state, State::AR | State::PA)) }
    #[inline(always)] fn leaf_80_is(&self) -> bool { self.income.is_some_and(|v| v < 13819000) }
    #[inline(always)] fn leaf_76_is(&self) -> bool { self.has_app.is_none() }
    #[inline(always)] fn leaf_48_false(&self) -> bool { !self.credit_limit.is_none_or(|v| v >= 4664000) }
    #[inline(always)] fn leaf_24_is(&self) -> bool { self.age.is_some_and(|v| v >= 75 && v <= 84) }
    #[inline(always)] fn leaf_64_is(&self) -> bool { self.household_size.is_some_and(|v| v >= 2 && v <= 7) }
    #[inline(always)] fn leaf_3_not_true(&self) -> bool { !self.born_on.is_some_and(|v| v >= -2781 && v <= 1782) }
    #[inline(always)] fn leaf_41_false(&self) -> bool { !self.born_on.is_none_or(|v| v <= -7239) }
    #[inline(always)] fn leaf_86_not_true(&self) -> bool { !self.recommends.is_some_and(|v| v > -17) }
    #[inline(always)] fn leaf_0_not_true(&self) -> bool { !(matches!(self.state, State::AK | State::AZ | State::AR | State::CT | State::ME | State::MS | State::NE | State::NV)) }
    #[inline(always)] fn leaf_6_not_true(&self) -> bool { !self.propensity.is_some_and(|v| v >= 0.11 && v <= 0.54) }
    #[inline(always)] fn leaf_27_is(&self) -> bool { self.credit_limit.is_some() }
    #[inline(always)] fn leaf_67_not_false(&self) -> bool { self.last_email_open_at.is_none_or(|v| v <= 1766016000000000) }
    #[inline(always)] fn leaf_36_false(&self) -> bool { !self.household_size.is_none_or(|v| matches!(v, 1 | 2 | 4 | 7 | 8)) }
    #[inline(always)] fn leaf_5_false(&self) -> bool { !self.channel.is_none_or(|v| matches!(v, Channel::App)) }
    #[inline(always)] fn leaf_9_not_true(&self) -> bool { !self.channel.is_some_and(|v| matches!(v, Channel::Store | Channel::App | Channel::Partner)) }
    #[inline(always)] fn leaf_35_not_true(&self) -> bool { !(self.tenure_months > 68) }
    #[inline(always)] fn leaf_51_not_true(&self) -> bool { !(self.visits_365d >= 132 && self.visits_365d <= 267) }
    #[inline(always)] fn leaf_75_false(&self) -> bool { !self.cart_items.is_none_or(|v| v > 2) }
    #[inline(always)] fn leaf_28_false(&self) -> bool { !self.card_tier.is_none_or(|v| matches!(v, Tier::Bronze)) }
    #[inline(always)] fn leaf_77_not_true(&self) -> bool { self.cart_items.is_some() }
    #[inline(always)] fn leaf_84_false(&self) -> bool { !self.last_login_at.is_none_or(|v| v <= 1762041600000000) }
    #[inline(always)] fn leaf_84_not_true(&self) -> bool { !self.last_login_at.is_some_and(|v| v <= 1762041600000000) }
    #[inline(always)] fn leaf_37_not_true(&self) -> bool { !(self.tenure_months >= 188) }
    #[inline(always)] fn leaf_36_not_true(&self) -> bool { !self.household_size.is_some_and(|v| matches!(v, 1 | 2 | 4 | 7 | 8)) }
    #[inline(always)] fn leaf_71_not_true(&self) -> bool { !(self.signed_up_on <= 20274) }
    #[inline(always)] fn leaf_75_not_true(&self) -> bool { !self.cart_items.is_some_and(|v| v > 2) }
    #[inline(always)] fn leaf_55_not_true(&self) -> bool { !(self.signed_up_on > 20440) }
    #[inline(always)] fn leaf_12_false(&self) -> bool { !self.credit_limit.is_none_or(|v| v <= 472000) }
    #[inline(always)] fn leaf_70_not_true(&self) -> bool { !(self.signed_up_on > 20364) }
    #[inline(always)] fn leaf_61_not_false(&self) -> bool { self.income.is_none_or(|v| v > 22625000) }
    #[inline(always)] fn leaf_7_not_true(&self) -> bool { self.last_purchase_on.is_none() }
}

/// A record as people write it.
#[derive(Deserialize)]
#[allow(dead_code, reason = "no segment asks for the key")]
pub struct Texts<'a> {
    pub customer_id: i64, pub age: Option<i64>, pub signed_up_on: &'a str, pub last_login_at: Option<&'a str>,
    pub born_on: Option<&'a str>, pub balance: f64, pub credit_limit: Option<f64>, pub lifetime_value: f64,
    pub income: Option<f64>, pub churn_score: f64, pub propensity: Option<f64>, pub engagement: f64,
    pub email_opt_in: bool, pub sms_opt_in: bool, pub is_employee: bool, pub has_app: Option<bool>,
    pub state: State, pub card_tier: Option<Tier>, pub language: Language, pub channel: Option<Channel>,
    pub email: &'a str, pub visits_30d: i64, pub visits_365d: i64, pub cart_items: Option<i64>,
    pub last_purchase_on: Option<&'a str>, pub last_email_open_at: Option<&'a str>, pub support_tickets: i64, pub recommends: Option<i64>,
    pub loyalty_points: i64, pub household_size: Option<i64>, pub tenure_months: i64, pub credit_score: Option<i64>,
}

impl Leaves for Texts<'_> {
    #[inline(always)] fn leaf_37_is(&self) -> bool { self.tenure_months >= 188 }
    #[inline(always)] fn leaf_0_is(&self) -> bool { matches!(self.state, State::AK | State::AZ | State::AR | State::CT | State::ME | State::MS | State::NE | State::NV) }
    #[inline(always)] fn leaf_25_is(&self) -> bool { self.household_size.is_some_and(|v| v <= 3) }
    #[inline(always)] fn leaf_69_is(&self) -> bool { matches!(self.language, Language::Portuguese) }
    #[inline(always)] fn leaf_95_not_true(&self) -> bool { !(self.email.ends_with("@yahoo.com")) }
    #[inline(always)] fn leaf_44_is(&self) -> bool { self.credit_score.is_some_and(|v| v >= 698 && v <= 714) }
    #[inline(always)] fn leaf_12_is(&self) -> bool { self.credit_limit.is_some_and(|v| v <= 4720.0) }
    #[inline(always)] fn leaf_13_is(&self) -> bool { self.loyalty_points >= 282861 && self.loyalty_points <= 418965 }
    #[inline(always)] fn leaf_14_not_true(&self) -> bool { !(matches!(self.language, Language::Italian | Language::Portuguese | Language::Korean)) }
    #[inline(always)] fn leaf_92_is(&self) -> bool { self.churn_score <= 0.05 }
    #[inline(always)] fn leaf_79_is(&self) -> bool { self.visits_30d <= 16 }
    #[inline(always)] fn leaf_15_not_true(&self) -> bool { !(self.visits_30d > 3) }
    #[inline(always)] fn leaf_100_not_true(&self) -> bool { !self.last_purchase_on.is_some_and(|v| v <= "2025-07-05") }
    #[inline(always)] fn leaf_5_not_true(&self) -> bool { !self.channel.is_some_and(|v| matches!(v, Channel::App)) }
    #[inline(always)] fn leaf_16_not_true(&self) -> bool { !(self.support_tickets >= 9 && self.support_tickets <= 11) }
    #[inline(always)] fn leaf_6_is(&self) -> bool { self.propensity.is_some_and(|v| v >= 0.11 && v <= 0.54) }
    #[inline(always)] fn leaf_10_is(&self) -> bool { self.loyalty_points <= 466078 }
    #[inline(always)] fn leaf_11_is(&self) -> bool { self.sms_opt_in }
    #[inline(always)] fn leaf_17_is(&self) -> bool { self.card_tier.is_some_and(|v| matches!(v, Tier::Bronze | Tier::Silver | Tier::Gold)) }
    #[inline(always)] fn leaf_18_is(&self) -> bool { self.credit_limit.is_some_and(|v| v < 20390.0) }
    #[inline(always)] fn leaf_11_not_true(&self) -> bool { !(self.sms_opt_in) }
    #[inline(always)] fn leaf_42_is(&self) -> bool { matches!(self.state, State::NY | State::TN | State::VA) }
    #[inline(always)] fn leaf_19_not_true(&self) -> bool { !(self.balance <= 10430.0) }
    #[inline(always)] fn leaf_87_is(&self) -> bool { matches!(self.state, State::AR | State::PA) }
    #[inline(always)] fn leaf_17_not_true(&self) -> bool { !self.card_tier.is_some_and(|v| matches!(v, Tier::Bronze | Tier::Silver | Tier::Gold)) }
    #[inline(always)] fn leaf_20_is(&self) -> bool { self.household_size.is_some_and(|v| v >= 3) }
    #[inline(always)] fn leaf_21_is(&self) -> bool { matches!(self.support_tickets, 1 | 2 | 3 | 4 | 8) }
    #[inline(always)] fn leaf_22_not_true(&self) -> bool { !self.last_purchase_on.is_some_and(|v| v > "2025-12-25") }
    #[inline(always)] fn leaf_68_is(&self) -> bool { self.last_purchase_on.is_some_and(|v| v > "2025-12-18") }
    #[inline(always)] fn leaf_23_not_true(&self) -> bool { !(matches!(self.support_tickets, 3 | 4 | 5 | 8)) }
    #[inline(always)] fn leaf_24_false(&self) -> bool { !self.age.is_none_or(|v| v >= 75 && v <= 84) }
    #[inline(always)] fn leaf_60_is(&self) -> bool { self.last_email_open_at.is_some_and(|v| v > "2025-01-01T00:00:00.000000Z") }
    #[inline(always)] fn leaf_26_is(&self) -> bool { self.is_employee }
    #[inline(always)] fn leaf_85_is(&self) -> bool { self.last_purchase_on.is_some_and(|v| v <= "2025-12-02") }
    #[inline(always)] fn leaf_27_not_true(&self) -> bool { self.credit_limit.is_none() }
    #[inline(always)] fn leaf_28_is(&self) -> bool { self.card_tier.is_some_and(|v| matches!(v, Tier::Bronze)) }
    #[inline(always)] fn leaf_29_not_true(&self) -> bool { !self.household_size.is_some_and(|v| matches!(v, 1 | 2 | 3 | 4 | 5)) }
    #[inline(always)] fn leaf_30_is(&self) -> bool { self.has_app.is_some_and(|v| v) }
    #[inline(always)] fn leaf_9_is(&self) -> bool { self.channel.is_some_and(|v| matches!(v, Channel::Store | Channel::App | Channel::Partner)) }
    #[inline(always)] fn leaf_31_not_true(&self) -> bool { !(self.visits_30d <= 3) }
    #[inline(always)] fn leaf_23_is(&self) -> bool { matches!(self.support_tickets, 3 | 4 | 5 | 8) }
    #[inline(always)] fn leaf_46_false(&self) -> bool { !self.born_on.is_none_or(|v| v <= "1962-09-18") }
    #[inline(always)] fn leaf_32_is(&self) -> bool { self.channel.is_some_and(|v| matches!(v, Channel::Web)) }
    #[inline(always)] fn leaf_6_false(&self) -> bool { !self.propensity.is_none_or(|v| v >= 0.11 && v <= 0.54) }
    #[inline(always)] fn leaf_33_is(&self) -> bool { self.visits_365d < 161 }
    #[inline(always)] fn leaf_8_is(&self) -> bool { self.last_login_at.is_some_and(|v| v > "2025-11-02T00:00:00.000000Z") }
    #[inline(always)] fn leaf_2_is(&self) -> bool { self.email_opt_in }
    #[inline(always)] fn leaf_34_is(&self) -> bool { self.email.ends_with("@outlook.com") }
    #[inline(always)] fn leaf_35_is(&self) -> bool { self.tenure_months > 68 }
    #[inline(always)] fn leaf_36_is(&self) -> bool { self.household_size.is_some_and(|v| matches!(v, 1 | 2 | 4 | 7 | 8)) }
    #[inline(always)] fn leaf_38_is(&self) -> bool { self.income.is_some_and(|v| v > 101950.0) }
    #[inline(always)] fn leaf_44_not_true(&self) -> bool { !self.credit_score.is_some_and(|v| v >= 698 && v <= 714) }
    #[inline(always)] fn leaf_39_not_true(&self) -> bool { !(self.email.ends_with("@gmail.com")) }
    #[inline(always)] fn leaf_2_not_true(&self) -> bool { !(self.email_opt_in) }
    #[inline(always)] fn leaf_40_is(&self) -> bool { self.card_tier.is_some_and(|v| matches!(v, Tier::Silver | Tier::Gold | Tier::Platinum)) }
    #[inline(always)] fn leaf_100_false(&self) -> bool { !self.last_purchase_on.is_none_or(|v| v <= "2025-07-05") }
    #[inline(always)] fn leaf_41_is(&self) -> bool { self.born_on.is_some_and(|v| v <= "1950-03-08") }
    #[inline(always)] fn leaf_19_is(&self) -> bool { self.balance <= 10430.0 }
    #[inline(always)] fn leaf_42_not_true(&self) -> bool { !(matches!(self.state, State::NY | State::TN | State::VA)) }
    #[inline(always)] fn leaf_43_not_true(&self) -> bool { !self.last_purchase_on.is_some_and(|v| v <= "2025-12-25") }
    #[inline(always)] fn leaf_86_is(&self) -> bool { self.recommends.is_some_and(|v| v > -17) }
    #[inline(always)] fn leaf_26_not_true(&self) -> bool { !(self.is_employee) }
    #[inline(always)] fn leaf_45_is(&self) -> bool { self.signed_up_on <= "2025-12-02" }
    #[inline(always)] fn leaf_7_is(&self) -> bool { self.last_purchase_on.is_some() }
    #[inline(always)] fn leaf_59_false(&self) -> bool { !self.last_purchase_on.is_none_or(|v| v > "2025-10-03") }
    #[inline(always)] fn leaf_46_is(&self) -> bool { self.born_on.is_some_and(|v| v <= "1962-09-18") }
    #[inline(always)] fn leaf_47_not_true(&self) -> bool { !(self.loyalty_points < 82167) }
    #[inline(always)] fn leaf_48_is(&self) -> bool { self.credit_limit.is_some_and(|v| v >= 46640.0) }
    #[inline(always)] fn leaf_5_is(&self) -> bool { self.channel.is_some_and(|v| matches!(v, Channel::App)) }
    #[inline(always)] fn leaf_49_is(&self) -> bool { self.propensity.is_some_and(|v| v >= 0.17 && v <= 0.54) }
    #[inline(always)] fn leaf_50_is(&self) -> bool { self.email.ends_with("@corp.example.com") }
    #[inline(always)] fn leaf_51_is(&self) -> bool { self.visits_365d >= 132 && self.visits_365d <= 267 }
    #[inline(always)] fn leaf_52_false(&self) -> bool { !self.household_size.is_none_or(|v| v < 2) }
    #[inline(always)] fn leaf_100_is(&self) -> bool { self.last_purchase_on.is_some_and(|v| v <= "2025-07-05") }
    #[inline(always)] fn leaf_67_is(&self) -> bool { self.last_email_open_at.is_some_and(|v| v <= "2025-12-18T00:00:00.000000Z") }
    #[inline(always)] fn leaf_1_is(&self) -> bool { self.recommends.is_some() }
    #[inline(always)] fn leaf_53_is(&self) -> bool { matches!(self.state, State::CT | State::IL | State::ME | State::MI | State::MO | State::NM | State::VT | State::VA) }
    #[inline(always)] fn leaf_54_is(&self) -> bool { self.last_email_open_at.is_some_and(|v| v > "2025-10-03T00:00:00.000000Z") }
    #[inline(always)] fn leaf_55_is(&self) -> bool { self.signed_up_on > "2025-12-18" }
    #[inline(always)] fn leaf_56_is(&self) -> bool { self.email.ends_with("@example.org") }
    #[inline(always)] fn leaf_16_is(&self) -> bool { self.support_tickets >= 9 && self.support_tickets <= 11 }
    #[inline(always)] fn leaf_57_is(&self) -> bool { self.card_tier.is_some_and(|v| matches!(v, Tier::Bronze | Tier::Gold | Tier::Platinum)) }
    #[inline(always)] fn leaf_58_is(&self) -> bool { self.engagement > 50.5 }
    #[inline(always)] fn leaf_97_not_true(&self) -> bool { !(self.engagement <= 93.63) }
    #[inline(always)] fn leaf_59_is(&self) -> bool { self.last_purchase_on.is_some_and(|v| v > "2025-10-03") }
    #[inline(always)] fn leaf_61_not_true(&self) -> bool { !self.income.is_some_and(|v| v > 226250.0) }
    #[inline(always)] fn leaf_62_is(&self) -> bool { self.credit_limit.is_some_and(|v| v < 22670.0) }
    #[inline(always)] fn leaf_3_is(&self) -> bool { self.born_on.is_some_and(|v| v >= "1962-05-22" && v <= "1974-11-18") }
    #[inline(always)] fn leaf_4_is(&self) -> bool { self.age.is_some_and(|v| v >= 41) }
    #[inline(always)] fn leaf_63_not_true(&self) -> bool { self.last_login_at.is_none() }
    #[inline(always)] fn leaf_4_false(&self) -> bool { !self.age.is_none_or(|v| v >= 41) }
    #[inline(always)] fn leaf_64_false(&self) -> bool { !self.household_size.is_none_or(|v| v >= 2 && v <= 7) }
    #[inline(always)] fn leaf_28_true(&self) -> bool { self.card_tier.is_some_and(|v| matches!(v, Tier::Bronze)) }
    #[inline(always)] fn leaf_72_is(&self) -> bool { self.balance <= 790.0 }
    #[inline(always)] fn leaf_22_is(&self) -> bool { self.last_purchase_on.is_some_and(|v| v > "2025-12-25") }
    #[inline(always)] fn leaf_65_is(&self) -> bool { self.support_tickets >= 2 && self.support_tickets <= 10 }
    #[inline(always)] fn leaf_14_is(&self) -> bool { matches!(self.language, Language::Italian | Language::Portuguese | Language::Korean) }
    #[inline(always)] fn leaf_71_is(&self) -> bool { self.signed_up_on <= "2025-07-05" }
    #[inline(always)] fn leaf_66_is(&self) -> bool { self.lifetime_value >= 40840.0 }
    #[inline(always)] fn leaf_68_not_true(&self) -> bool { !self.last_purchase_on.is_some_and(|v| v > "2025-12-18") }
    #[inline(always)] fn leaf_70_is(&self) -> bool { self.signed_up_on > "2025-10-03" }
    #[inline(always)] fn leaf_67_false(&self) -> bool { !self.last_email_open_at.is_none_or(|v| v <= "2025-12-18T00:00:00.000000Z") }
    #[inline(always)] fn leaf_69_not_true(&self) -> bool { !(matches!(self.language, Language::Portuguese)) }
    #[inline(always)] fn leaf_73_is(&self) -> bool { self.income.is_some_and(|v| v < 116050.0) }
    #[inline(always)] fn leaf_74_is(&self) -> bool { self.household_size.is_some_and(|v| v <= 2) }
    #[inline(always)] fn leaf_75_is(&self) -> bool { self.cart_items.is_some_and(|v| v > 2) }
    #[inline(always)] fn leaf_76_not_true(&self) -> bool { self.has_app.is_some() }
    #[inline(always)] fn leaf_77_is(&self) -> bool { self.cart_items.is_none() }
    #[inline(always)] fn leaf_63_is(&self) -> bool { self.last_login_at.is_some() }
    #[inline(always)] fn leaf_15_is(&self) -> bool { self.visits_30d > 3 }
    #[inline(always)] fn leaf_78_not_true(&self) -> bool { !(self.balance >= 1300.0) }
    #[inline(always)] fn leaf_31_is(&self) -> bool { self.visits_30d <= 3 }
    #[inline(always)] fn leaf_80_not_true(&self) -> bool { !self.income.is_some_and(|v| v < 138190.0) }
    #[inline(always)] fn leaf_4_not_true(&self) -> bool { !self.age.is_some_and(|v| v >= 41) }
    #[inline(always)] fn leaf_81_is(&self) -> bool { matches!(self.state, State::AZ | State::HI) }
    #[inline(always)] fn leaf_82_is(&self) -> bool { matches!(self.state, State::AL | State::GA | State::NV | State::OR) }
    #[inline(always)] fn leaf_83_false(&self) -> bool { !self.last_email_open_at.is_none_or(|v| v > "2025-07-05T00:00:00.000000Z") }
    #[inline(always)] fn leaf_84_is(&self) -> bool { self.last_login_at.is_some_and(|v| v <= "2025-11-02T00:00:00.000000Z") }
    #[inline(always)] fn leaf_83_is(&self) -> bool { self.last_email_open_at.is_some_and(|v| v > "2025-07-05T00:00:00.000000Z") }
    #[inline(always)] fn leaf_61_is(&self) -> bool { self.income.is_some_and(|v| v > 226250.0) }
    #[inline(always)] fn leaf_52_is(&self) -> bool { self.household_size.is_some_and(|v| v < 2) }
    #[inline(always)] fn leaf_88_is(&self) -> bool { matches!(self.state, State::TX | State::UT) }
    #[inline(always)] fn leaf_89_is(&self) -> bool { self.churn_score >= 0.27 && self.churn_score <= 0.31 }
    #[inline(always)] fn leaf_90_is(&self) -> bool { self.signed_up_on > "2025-12-02" }
    #[inline(always)] fn leaf_29_is(&self) -> bool { self.household_size.is_some_and(|v| matches!(v, 1 | 2 | 3 | 4 | 5)) }
    #[inline(always)] fn leaf_91_not_true(&self) -> bool { !self.born_on.is_some_and(|v| v > "1951-11-05") }
    #[inline(always)] fn leaf_93_is(&self) -> bool { matches!(self.support_tickets, 0 | 1 | 3 | 5) }
    #[inline(always)] fn leaf_96_is(&self) -> bool { matches!(self.language, Language::Portuguese | Language::Chinese | Language::Japanese) }
    #[inline(always)] fn leaf_94_is(&self) -> bool { self.age.is_some() }
    #[inline(always)] fn leaf_95_is(&self) -> bool { self.email.ends_with("@yahoo.com") }
    #[inline(always)] fn leaf_96_not_true(&self) -> bool { !(matches!(self.language, Language::Portuguese | Language::Chinese | Language::Japanese)) }
    #[inline(always)] fn leaf_98_is(&self) -> bool { self.age.is_some_and(|v| v >= 79 && v <= 83) }
    #[inline(always)] fn leaf_99_is(&self) -> bool { self.loyalty_points >= 87688 && self.loyalty_points <= 390498 }
    #[inline(always)] fn leaf_9_false(&self) -> bool { !self.channel.is_none_or(|v| matches!(v, Channel::Store | Channel::App | Channel::Partner)) }
    #[inline(always)] fn leaf_32_not_true(&self) -> bool { !self.channel.is_some_and(|v| matches!(v, Channel::Web)) }
    #[inline(always)] fn leaf_39_is(&self) -> bool { self.email.ends_with("@gmail.com") }
    #[inline(always)] fn leaf_94_not_true(&self) -> bool { self.age.is_none() }
    #[inline(always)] fn leaf_87_not_true(&self) -> bool { !(matches!(self.state, State::AR | State::PA)) }
    #[inline(always)] fn leaf_80_is(&self) -> bool { self.income.is_some_and(|v| v < 138190.0) }
    #[inline(always)] fn leaf_76_is(&self) -> bool { self.has_app.is_none() }
    #[inline(always)] fn leaf_48_false(&self) -> bool { !self.credit_limit.is_none_or(|v| v >= 46640.0) }
    #[inline(always)] fn leaf_24_is(&self) -> bool { self.age.is_some_and(|v| v >= 75 && v <= 84) }
    #[inline(always)] fn leaf_64_is(&self) -> bool { self.household_size.is_some_and(|v| v >= 2 && v <= 7) }
    #[inline(always)] fn leaf_3_not_true(&self) -> bool { !self.born_on.is_some_and(|v| v >= "1962-05-22" && v <= "1974-11-18") }
    #[inline(always)] fn leaf_41_false(&self) -> bool { !self.born_on.is_none_or(|v| v <= "1950-03-08") }
    #[inline(always)] fn leaf_86_not_true(&self) -> bool { !self.recommends.is_some_and(|v| v > -17) }
    #[inline(always)] fn leaf_0_not_true(&self) -> bool { !(matches!(self.state, State::AK | State::AZ | State::AR | State::CT | State::ME | State::MS | State::NE | State::NV)) }
    #[inline(always)] fn leaf_6_not_true(&self) -> bool { !self.propensity.is_some_and(|v| v >= 0.11 && v <= 0.54) }
    #[inline(always)] fn leaf_27_is(&self) -> bool { self.credit_limit.is_some() }
    #[inline(always)] fn leaf_67_not_false(&self) -> bool { self.last_email_open_at.is_none_or(|v| v <= "2025-12-18T00:00:00.000000Z") }
    #[inline(always)] fn leaf_36_false(&self) -> bool { !self.household_size.is_none_or(|v| matches!(v, 1 | 2 | 4 | 7 | 8)) }
    #[inline(always)] fn leaf_5_false(&self) -> bool { !self.channel.is_none_or(|v| matches!(v, Channel::App)) }
    #[inline(always)] fn leaf_9_not_true(&self) -> bool { !self.channel.is_some_and(|v| matches!(v, Channel::Store | Channel::App | Channel::Partner)) }
    #[inline(always)] fn leaf_35_not_true(&self) -> bool { !(self.tenure_months > 68) }
    #[inline(always)] fn leaf_51_not_true(&self) -> bool { !(self.visits_365d >= 132 && self.visits_365d <= 267) }
    #[inline(always)] fn leaf_75_false(&self) -> bool { !self.cart_items.is_none_or(|v| v > 2) }
    #[inline(always)] fn leaf_28_false(&self) -> bool { !self.card_tier.is_none_or(|v| matches!(v, Tier::Bronze)) }
    #[inline(always)] fn leaf_77_not_true(&self) -> bool { self.cart_items.is_some() }
    #[inline(always)] fn leaf_84_false(&self) -> bool { !self.last_login_at.is_none_or(|v| v <= "2025-11-02T00:00:00.000000Z") }
    #[inline(always)] fn leaf_84_not_true(&self) -> bool { !self.last_login_at.is_some_and(|v| v <= "2025-11-02T00:00:00.000000Z") }
    #[inline(always)] fn leaf_37_not_true(&self) -> bool { !(self.tenure_months >= 188) }
    #[inline(always)] fn leaf_36_not_true(&self) -> bool { !self.household_size.is_some_and(|v| matches!(v, 1 | 2 | 4 | 7 | 8)) }
    #[inline(always)] fn leaf_71_not_true(&self) -> bool { !(self.signed_up_on <= "2025-07-05") }
    #[inline(always)] fn leaf_75_not_true(&self) -> bool { !self.cart_items.is_some_and(|v| v > 2) }
    #[inline(always)] fn leaf_55_not_true(&self) -> bool { !(self.signed_up_on > "2025-12-18") }
    #[inline(always)] fn leaf_12_false(&self) -> bool { !self.credit_limit.is_none_or(|v| v <= 4720.0) }
    #[inline(always)] fn leaf_70_not_true(&self) -> bool { !(self.signed_up_on > "2025-10-03") }
    #[inline(always)] fn leaf_61_not_false(&self) -> bool { self.income.is_none_or(|v| v > 226250.0) }
    #[inline(always)] fn leaf_7_not_true(&self) -> bool { self.last_purchase_on.is_none() }
}

/// What the segments ask of a record.
pub trait Leaves {
    fn leaf_37_is(&self) -> bool; fn leaf_0_is(&self) -> bool; fn leaf_25_is(&self) -> bool; fn leaf_69_is(&self) -> bool;
    fn leaf_95_not_true(&self) -> bool; fn leaf_44_is(&self) -> bool; fn leaf_12_is(&self) -> bool; fn leaf_13_is(&self) -> bool;
    fn leaf_14_not_true(&self) -> bool; fn leaf_92_is(&self) -> bool; fn leaf_79_is(&self) -> bool; fn leaf_15_not_true(&self) -> bool;
    fn leaf_100_not_true(&self) -> bool; fn leaf_5_not_true(&self) -> bool; fn leaf_16_not_true(&self) -> bool; fn leaf_6_is(&self) -> bool;
    fn leaf_10_is(&self) -> bool; fn leaf_11_is(&self) -> bool; fn leaf_17_is(&self) -> bool; fn leaf_18_is(&self) -> bool;
    fn leaf_11_not_true(&self) -> bool; fn leaf_42_is(&self) -> bool; fn leaf_19_not_true(&self) -> bool; fn leaf_87_is(&self) -> bool;
    fn leaf_17_not_true(&self) -> bool; fn leaf_20_is(&self) -> bool; fn leaf_21_is(&self) -> bool; fn leaf_22_not_true(&self) -> bool;
    fn leaf_68_is(&self) -> bool; fn leaf_23_not_true(&self) -> bool; fn leaf_24_false(&self) -> bool; fn leaf_60_is(&self) -> bool;
    fn leaf_26_is(&self) -> bool; fn leaf_85_is(&self) -> bool; fn leaf_27_not_true(&self) -> bool; fn leaf_28_is(&self) -> bool;
    fn leaf_29_not_true(&self) -> bool; fn leaf_30_is(&self) -> bool; fn leaf_9_is(&self) -> bool; fn leaf_31_not_true(&self) -> bool;
    fn leaf_23_is(&self) -> bool; fn leaf_46_false(&self) -> bool; fn leaf_32_is(&self) -> bool; fn leaf_6_false(&self) -> bool;
    fn leaf_33_is(&self) -> bool; fn leaf_8_is(&self) -> bool; fn leaf_2_is(&self) -> bool; fn leaf_34_is(&self) -> bool;
    fn leaf_35_is(&self) -> bool; fn leaf_36_is(&self) -> bool; fn leaf_38_is(&self) -> bool; fn leaf_44_not_true(&self) -> bool;
    fn leaf_39_not_true(&self) -> bool; fn leaf_2_not_true(&self) -> bool; fn leaf_40_is(&self) -> bool; fn leaf_100_false(&self) -> bool;
    fn leaf_41_is(&self) -> bool; fn leaf_19_is(&self) -> bool; fn leaf_42_not_true(&self) -> bool; fn leaf_43_not_true(&self) -> bool;
    fn leaf_86_is(&self) -> bool; fn leaf_26_not_true(&self) -> bool; fn leaf_45_is(&self) -> bool; fn leaf_7_is(&self) -> bool;
    fn leaf_59_false(&self) -> bool; fn leaf_46_is(&self) -> bool; fn leaf_47_not_true(&self) -> bool; fn leaf_48_is(&self) -> bool;
    fn leaf_5_is(&self) -> bool; fn leaf_49_is(&self) -> bool; fn leaf_50_is(&self) -> bool; fn leaf_51_is(&self) -> bool;
    fn leaf_52_false(&self) -> bool; fn leaf_100_is(&self) -> bool; fn leaf_67_is(&self) -> bool; fn leaf_1_is(&self) -> bool;
    fn leaf_53_is(&self) -> bool; fn leaf_54_is(&self) -> bool; fn leaf_55_is(&self) -> bool; fn leaf_56_is(&self) -> bool;
    fn leaf_16_is(&self) -> bool; fn leaf_57_is(&self) -> bool; fn leaf_58_is(&self) -> bool; fn leaf_97_not_true(&self) -> bool;
    fn leaf_59_is(&self) -> bool; fn leaf_61_not_true(&self) -> bool; fn leaf_62_is(&self) -> bool; fn leaf_3_is(&self) -> bool;
    fn leaf_4_is(&self) -> bool; fn leaf_63_not_true(&self) -> bool; fn leaf_4_false(&self) -> bool; fn leaf_64_false(&self) -> bool;
    fn leaf_28_true(&self) -> bool; fn leaf_72_is(&self) -> bool; fn leaf_22_is(&self) -> bool; fn leaf_65_is(&self) -> bool;
    fn leaf_14_is(&self) -> bool; fn leaf_71_is(&self) -> bool; fn leaf_66_is(&self) -> bool; fn leaf_68_not_true(&self) -> bool;
    fn leaf_70_is(&self) -> bool; fn leaf_67_false(&self) -> bool; fn leaf_69_not_true(&self) -> bool; fn leaf_73_is(&self) -> bool;
    fn leaf_74_is(&self) -> bool; fn leaf_75_is(&self) -> bool; fn leaf_76_not_true(&self) -> bool; fn leaf_77_is(&self) -> bool;
    fn leaf_63_is(&self) -> bool; fn leaf_15_is(&self) -> bool; fn leaf_78_not_true(&self) -> bool; fn leaf_31_is(&self) -> bool;
    fn leaf_80_not_true(&self) -> bool; fn leaf_4_not_true(&self) -> bool; fn leaf_81_is(&self) -> bool; fn leaf_82_is(&self) -> bool;
    fn leaf_83_false(&self) -> bool; fn leaf_84_is(&self) -> bool; fn leaf_83_is(&self) -> bool; fn leaf_61_is(&self) -> bool;
    fn leaf_52_is(&self) -> bool; fn leaf_88_is(&self) -> bool; fn leaf_89_is(&self) -> bool; fn leaf_90_is(&self) -> bool;
    fn leaf_29_is(&self) -> bool; fn leaf_91_not_true(&self) -> bool; fn leaf_93_is(&self) -> bool; fn leaf_96_is(&self) -> bool;
    fn leaf_94_is(&self) -> bool; fn leaf_95_is(&self) -> bool; fn leaf_96_not_true(&self) -> bool; fn leaf_98_is(&self) -> bool;
    fn leaf_99_is(&self) -> bool; fn leaf_9_false(&self) -> bool; fn leaf_32_not_true(&self) -> bool; fn leaf_39_is(&self) -> bool;
    fn leaf_94_not_true(&self) -> bool; fn leaf_87_not_true(&self) -> bool; fn leaf_80_is(&self) -> bool; fn leaf_76_is(&self) -> bool;
    fn leaf_48_false(&self) -> bool; fn leaf_24_is(&self) -> bool; fn leaf_64_is(&self) -> bool; fn leaf_3_not_true(&self) -> bool;
    fn leaf_41_false(&self) -> bool; fn leaf_86_not_true(&self) -> bool; fn leaf_0_not_true(&self) -> bool; fn leaf_6_not_true(&self) -> bool;
    fn leaf_27_is(&self) -> bool; fn leaf_67_not_false(&self) -> bool; fn leaf_36_false(&self) -> bool; fn leaf_5_false(&self) -> bool;
    fn leaf_9_not_true(&self) -> bool; fn leaf_35_not_true(&self) -> bool; fn leaf_51_not_true(&self) -> bool; fn leaf_75_false(&self) -> bool;
    fn leaf_28_false(&self) -> bool; fn leaf_77_not_true(&self) -> bool; fn leaf_84_false(&self) -> bool; fn leaf_84_not_true(&self) -> bool;
    fn leaf_37_not_true(&self) -> bool; fn leaf_36_not_true(&self) -> bool; fn leaf_71_not_true(&self) -> bool; fn leaf_75_not_true(&self) -> bool;
    fn leaf_55_not_true(&self) -> bool; fn leaf_12_false(&self) -> bool; fn leaf_70_not_true(&self) -> bool; fn leaf_61_not_false(&self) -> bool;
    fn leaf_7_not_true(&self) -> bool;
}

/// Each condition where it is asked, as far as it is needed.
pub fn in_place(r: &impl Leaves) -> u128 {
    let mut bits = 0;
    bits |= u128::from((r.leaf_37_is() && r.leaf_0_is()) && r.leaf_25_is() && (r.leaf_69_is() || r.leaf_95_not_true()) && r.leaf_44_is() && r.leaf_0_is() && (r.leaf_12_is() || r.leaf_13_is() || r.leaf_14_not_true())) << 0;
    bits |= u128::from((r.leaf_92_is() && r.leaf_79_is()) && r.leaf_15_not_true()) << 1;
    bits |= u128::from((r.leaf_100_not_true() && r.leaf_5_not_true()) && r.leaf_16_not_true() && r.leaf_6_is()) << 2;
    bits |= u128::from((r.leaf_10_is() || r.leaf_11_is() || r.leaf_12_is()) || (r.leaf_17_is() && r.leaf_18_is() && r.leaf_11_not_true())) << 3;
    bits |= u128::from((r.leaf_79_is() || r.leaf_42_is()) && r.leaf_19_not_true()) << 4;
    bits |= u128::from(r.leaf_87_is() && (r.leaf_0_is() && r.leaf_17_not_true() && r.leaf_20_is()) && (r.leaf_21_is() || r.leaf_22_not_true() || r.leaf_68_is()) && (r.leaf_23_not_true() || r.leaf_24_false() || r.leaf_60_is())) << 5;
    bits |= u128::from(r.leaf_25_is() && (r.leaf_26_is() && r.leaf_85_is())) << 6;
    bits |= u128::from((r.leaf_27_not_true() || r.leaf_87_is()) && r.leaf_28_is() && (r.leaf_29_not_true() || r.leaf_30_is() || r.leaf_9_is()) && r.leaf_31_not_true() && r.leaf_23_is()) << 7;
    bits |= u128::from(r.leaf_46_false() || (r.leaf_32_is() && r.leaf_6_false() && r.leaf_33_is()) || r.leaf_8_is() || r.leaf_2_is()) << 8;
    bits |= u128::from((r.leaf_34_is() || r.leaf_35_is()) && r.leaf_36_is() && r.leaf_2_is() && r.leaf_37_is() && (r.leaf_38_is() || r.leaf_44_not_true())) << 9;
    bits |= u128::from(r.leaf_39_not_true() || r.leaf_2_not_true() || r.leaf_40_is()) << 10;
    bits |= u128::from((r.leaf_100_false() && r.leaf_41_is()) && r.leaf_19_is() && r.leaf_42_not_true()) << 11;
    bits |= u128::from((r.leaf_100_not_true() && r.leaf_5_not_true()) && (r.leaf_43_not_true() && r.leaf_44_is() && r.leaf_86_is()) && r.leaf_26_not_true() && (r.leaf_69_is() && r.leaf_45_is() && r.leaf_7_is())) << 12;
    bits |= u128::from((r.leaf_11_is() && r.leaf_9_is()) && (r.leaf_0_is() || r.leaf_59_false() || r.leaf_46_is())) << 13;
    bits |= u128::from((r.leaf_100_not_true() && r.leaf_5_not_true()) && r.leaf_47_not_true() && r.leaf_48_is() && r.leaf_5_is() && (r.leaf_49_is() && r.leaf_50_is())) << 14;
    bits |= u128::from(r.leaf_51_is() && (r.leaf_52_false() || r.leaf_100_is() || r.leaf_67_is()) && r.leaf_1_is() && r.leaf_53_is() && (r.leaf_54_is() && r.leaf_85_is() && r.leaf_55_is())) << 15;
    bits |= u128::from(r.leaf_56_is() || (r.leaf_16_not_true() || r.leaf_33_is() || r.leaf_79_is()) || r.leaf_16_is() || r.leaf_57_is() || (r.leaf_58_is() && r.leaf_97_not_true() && r.leaf_46_false())) << 16;
    bits |= u128::from((r.leaf_100_not_true() && r.leaf_5_not_true()) && (r.leaf_59_is() || r.leaf_60_is())) << 17;
    bits |= u128::from((r.leaf_11_is() && r.leaf_9_is()) && r.leaf_61_not_true() && r.leaf_62_is() && (r.leaf_34_is() || r.leaf_62_is())) << 18;
    bits |= u128::from((r.leaf_3_is() && r.leaf_4_is()) && r.leaf_63_not_true() && (r.leaf_4_false() || r.leaf_64_false() || r.leaf_28_true()) && r.leaf_0_is() && r.leaf_56_is()) << 19;
    bits |= u128::from((r.leaf_37_is() && r.leaf_0_is()) && (r.leaf_72_is() || r.leaf_10_is() || r.leaf_22_is())) << 20;
    bits |= u128::from((r.leaf_79_is() || r.leaf_42_is()) && (r.leaf_57_is() || r.leaf_65_is() || r.leaf_14_is()) && r.leaf_71_is() && r.leaf_66_is() && r.leaf_67_is()) << 21;
    bits |= u128::from((r.leaf_68_not_true() || r.leaf_15_not_true()) && r.leaf_69_is()) << 22;
    bits |= u128::from(r.leaf_70_is() && r.leaf_2_is() && (r.leaf_67_false() || r.leaf_69_not_true()) && (r.leaf_71_is() || r.leaf_72_is()) && (r.leaf_73_is() && r.leaf_0_is())) << 23;
    bits |= u128::from((r.leaf_74_is() && r.leaf_75_is() && r.leaf_76_not_true()) && (r.leaf_77_is() && r.leaf_9_is())) << 24;
    bits |= u128::from((r.leaf_63_is() && r.leaf_15_is() && r.leaf_78_not_true()) && (r.leaf_17_is() && r.leaf_8_is() && r.leaf_31_is())) << 25;
    bits |= u128::from(r.leaf_79_is() || r.leaf_3_is() || r.leaf_80_not_true() || r.leaf_4_not_true() || (r.leaf_81_is() && r.leaf_82_is() && r.leaf_83_false())) << 26;
    bits |= u128::from(r.leaf_84_is() || (r.leaf_85_is() || r.leaf_86_is()) || r.leaf_4_is() || r.leaf_83_is() || r.leaf_20_is() || r.leaf_61_is()) << 27;
    bits |= u128::from(r.leaf_87_is() && (r.leaf_52_is() || r.leaf_9_is()) && r.leaf_5_is() && r.leaf_88_is() && r.leaf_89_is()) << 28;
    bits |= u128::from(r.leaf_90_is() && r.leaf_29_is() && r.leaf_20_is() && (r.leaf_91_not_true() && r.leaf_3_is() && r.leaf_15_not_true()) && (r.leaf_92_is() || r.leaf_89_is())) << 29;
    bits |= u128::from(r.leaf_25_is() && (r.leaf_93_is() && r.leaf_68_is() && r.leaf_24_false())) << 30;
    bits |= u128::from((r.leaf_96_is() || r.leaf_2_is()) && (r.leaf_11_is() && r.leaf_94_is())) << 31;
    bits |= u128::from(r.leaf_95_is() && r.leaf_4_is() && r.leaf_96_not_true() && r.leaf_97_not_true()) << 32;
    bits |= u128::from((r.leaf_11_is() && r.leaf_9_is()) && r.leaf_5_is() && r.leaf_46_is() && r.leaf_6_is() && r.leaf_22_is() && r.leaf_98_is()) << 33;
    bits |= u128::from((r.leaf_96_is() || r.leaf_2_is()) || (r.leaf_31_is() || r.leaf_0_is()) || r.leaf_99_is()) << 34;
    bits |= u128::from(r.leaf_100_is() || r.leaf_87_is()) << 35;
    bits |= u128::from((r.leaf_7_is() || r.leaf_8_is() || r.leaf_9_false()) && (r.leaf_41_is() || r.leaf_14_is() || r.leaf_75_is())) << 36;
    bits |= u128::from(r.leaf_11_is() && r.leaf_28_is() && r.leaf_96_is() && r.leaf_14_is()) << 37;
    bits |= u128::from(r.leaf_0_is() && r.leaf_32_not_true() && (r.leaf_85_is() || r.leaf_39_is()) && r.leaf_41_is() && r.leaf_48_is()) << 38;
    bits |= u128::from((r.leaf_0_is() && r.leaf_61_is()) && r.leaf_34_is() && (r.leaf_13_is() && r.leaf_21_is())) << 39;
    bits |= u128::from(r.leaf_85_is() && (r.leaf_37_is() && r.leaf_88_is())) << 40;
    bits |= u128::from((r.leaf_37_is() && r.leaf_0_is()) && (r.leaf_3_is() && r.leaf_94_not_true() && r.leaf_2_is())) << 41;
    bits |= u128::from(r.leaf_74_is() || (r.leaf_52_false() || r.leaf_24_false() || r.leaf_87_not_true())) << 42;
    bits |= u128::from((r.leaf_6_is() && r.leaf_79_is()) && (r.leaf_26_is() && r.leaf_1_is() && r.leaf_16_is())) << 43;
    bits |= u128::from(r.leaf_18_is() && r.leaf_63_is() && (r.leaf_95_is() || r.leaf_51_is()) && r.leaf_38_is() && r.leaf_80_is()) << 44;
    bits |= u128::from(r.leaf_11_not_true() || r.leaf_36_is() || r.leaf_1_is() || r.leaf_76_is() || (r.leaf_66_is() && r.leaf_48_false() && r.leaf_84_is())) << 45;
    bits |= u128::from(r.leaf_24_is() || (r.leaf_64_is() || r.leaf_24_is() || r.leaf_2_is())) << 46;
    bits |= u128::from((r.leaf_3_is() && r.leaf_4_is()) && (r.leaf_5_is() && r.leaf_51_is()) && (r.leaf_100_false() && r.leaf_17_is())) << 47;
    bits |= u128::from((r.leaf_37_is() && r.leaf_0_is()) || r.leaf_76_is() || r.leaf_9_is() || r.leaf_90_is()) << 48;
    bits |= u128::from((r.leaf_37_is() && r.leaf_0_is()) && (r.leaf_2_is() && r.leaf_1_is()) && r.leaf_1_is() && (r.leaf_93_is() || r.leaf_9_is()) && (r.leaf_4_is() && r.leaf_94_is())) << 49;
    bits |= u128::from(r.leaf_1_is() && r.leaf_44_is() && (r.leaf_58_is() || r.leaf_89_is()) && (r.leaf_9_is() && r.leaf_3_not_true()) && (r.leaf_6_is() || r.leaf_0_is() || r.leaf_87_is())) << 50;
    bits |= u128::from(r.leaf_41_is() && (r.leaf_25_is() && r.leaf_41_false() && r.leaf_4_is())) << 51;
    bits |= u128::from((r.leaf_79_is() || r.leaf_42_is()) && r.leaf_14_not_true() && (r.leaf_3_is() && r.leaf_96_is() && r.leaf_1_is())) << 52;
    bits |= u128::from((r.leaf_10_is() || r.leaf_11_is() || r.leaf_12_is()) || r.leaf_86_not_true()) << 53;
    bits |= u128::from((r.leaf_0_not_true() && r.leaf_66_is() && r.leaf_14_is()) && r.leaf_7_is()) << 54;
    bits |= u128::from(r.leaf_6_not_true() && r.leaf_27_is() && (r.leaf_52_false() && r.leaf_67_not_false() && r.leaf_36_false())) << 55;
    bits |= u128::from(r.leaf_0_is() && r.leaf_77_is() && (r.leaf_16_is() || r.leaf_5_false() || r.leaf_17_is()) && r.leaf_68_is() && (r.leaf_17_is() || r.leaf_58_is() || r.leaf_1_is())) << 56;
    bits |= u128::from((r.leaf_2_is() || r.leaf_9_not_true()) && (r.leaf_35_not_true() && r.leaf_30_is() && r.leaf_51_not_true())) << 57;
    bits |= u128::from((r.leaf_11_is() && r.leaf_9_is()) && r.leaf_75_false()) << 58;
    bits |= u128::from(r.leaf_18_is() && r.leaf_30_is() && r.leaf_61_is()) << 59;
    bits |= u128::from((r.leaf_10_is() || r.leaf_11_is() || r.leaf_12_is()) || r.leaf_84_is() || r.leaf_1_is()) << 60;
    bits |= u128::from((r.leaf_96_is() || r.leaf_2_is()) && r.leaf_16_is() && (r.leaf_28_false() || r.leaf_0_is()) && r.leaf_79_is() && (r.leaf_10_is() || r.leaf_48_is())) << 61;
    bits |= u128::from((r.leaf_44_is() || r.leaf_3_is()) && r.leaf_31_not_true() && (r.leaf_19_is() || r.leaf_11_not_true())) << 62;
    bits |= u128::from((r.leaf_6_is() && r.leaf_79_is()) && r.leaf_32_is() && r.leaf_12_is() && (r.leaf_17_is() || r.leaf_36_is() || r.leaf_0_is())) << 63;
    bits |= u128::from((r.leaf_6_is() && r.leaf_79_is()) && (r.leaf_77_not_true() || r.leaf_22_is()) && (r.leaf_56_is() || r.leaf_4_is() || r.leaf_14_is()) && r.leaf_56_is()) << 64;
    bits |= u128::from(r.leaf_84_false() && (r.leaf_36_is() || r.leaf_27_is() || r.leaf_93_is()) && (r.leaf_24_is() || r.leaf_54_is())) << 65;
    bits |= u128::from(r.leaf_22_not_true() && (r.leaf_36_is() || r.leaf_2_is() || r.leaf_85_is()) && r.leaf_84_not_true() && r.leaf_27_is() && r.leaf_31_is()) << 66;
    bits |= u128::from((r.leaf_37_not_true() && r.leaf_15_not_true()) && r.leaf_34_is() && r.leaf_94_is() && r.leaf_41_is()) << 67;
    bits |= u128::from((r.leaf_96_is() || r.leaf_69_not_true()) || r.leaf_80_is() || (r.leaf_29_not_true() || r.leaf_28_is())) << 68;
    bits |= u128::from((r.leaf_96_is() || r.leaf_2_is()) && r.leaf_12_is() && (r.leaf_72_is() || r.leaf_36_not_true()) && r.leaf_31_is()) << 69;
    bits |= u128::from((r.leaf_11_is() && r.leaf_9_is()) || r.leaf_2_not_true() || r.leaf_69_is()) << 70;
    bits |= u128::from((r.leaf_6_is() && r.leaf_79_is()) && (r.leaf_15_not_true() && r.leaf_5_is() && r.leaf_10_is())) << 71;
    bits |= u128::from(r.leaf_22_is() && (r.leaf_87_is() || r.leaf_74_is()) && r.leaf_93_is() && r.leaf_8_is() && r.leaf_7_is() && r.leaf_26_is() && (r.leaf_16_is() || r.leaf_6_is())) << 72;
    bits |= u128::from((r.leaf_37_is() && r.leaf_0_is()) && (r.leaf_15_is() && r.leaf_9_is() && r.leaf_6_false())) << 73;
    bits |= u128::from((r.leaf_7_is() || r.leaf_8_is() || r.leaf_9_false()) && (r.leaf_71_not_true() && r.leaf_66_is())) << 74;
    bits |= u128::from((r.leaf_3_is() || r.leaf_51_is()) && (r.leaf_7_is() || r.leaf_77_is() || r.leaf_3_is()) && r.leaf_34_is() && (r.leaf_5_is() && r.leaf_73_is())) << 75;
    bits |= u128::from((r.leaf_37_is() && r.leaf_0_is()) && (r.leaf_3_is() || r.leaf_53_is()) && r.leaf_75_not_true()) << 76;
    bits |= u128::from((r.leaf_45_is() && r.leaf_50_is()) && (r.leaf_84_is() && r.leaf_55_not_true()) && (r.leaf_0_is() || r.leaf_12_false())) << 77;
    bits |= u128::from((r.leaf_70_not_true() && r.leaf_61_not_false()) && (r.leaf_7_not_true() || r.leaf_84_is() || r.leaf_57_is())) << 78;
    bits |= u128::from((r.leaf_10_is() || r.leaf_11_is() || r.leaf_12_is()) && r.leaf_56_is() && r.leaf_23_not_true() && r.leaf_29_is() && (r.leaf_1_is() || r.leaf_51_is() || r.leaf_66_is())) << 79;
    bits
}

/// Each condition once, then bits.
pub fn beforehand(r: &impl Leaves) -> u128 {
    let mut bits = 0;
    let leaf_37_is = r.leaf_37_is();
    let leaf_0_is = r.leaf_0_is();
    let leaf_25_is = r.leaf_25_is();
    let leaf_69_is = r.leaf_69_is();
    let leaf_95_not_true = r.leaf_95_not_true();
    let leaf_44_is = r.leaf_44_is();
    let leaf_12_is = r.leaf_12_is();
    let leaf_13_is = r.leaf_13_is();
    let leaf_14_not_true = r.leaf_14_not_true();
    let leaf_92_is = r.leaf_92_is();
    let leaf_79_is = r.leaf_79_is();
    let leaf_15_not_true = r.leaf_15_not_true();
    let leaf_100_not_true = r.leaf_100_not_true();
    let leaf_5_not_true = r.leaf_5_not_true();
    let leaf_16_not_true = r.leaf_16_not_true();
    let leaf_6_is = r.leaf_6_is();
    let leaf_10_is = r.leaf_10_is();
    let leaf_11_is = r.leaf_11_is();
    let leaf_17_is = r.leaf_17_is();
    let leaf_18_is = r.leaf_18_is();
    let leaf_11_not_true = r.leaf_11_not_true();
    let leaf_42_is = r.leaf_42_is();
    let leaf_19_not_true = r.leaf_19_not_true();
    let leaf_87_is = r.leaf_87_is();
    let leaf_17_not_true = r.leaf_17_not_true();
    let leaf_20_is = r.leaf_20_is();
    let leaf_21_is = r.leaf_21_is();
    let leaf_22_not_true = r.leaf_22_not_true();
    let leaf_68_is = r.leaf_68_is();
    let leaf_23_not_true = r.leaf_23_not_true();
    let leaf_24_false = r.leaf_24_false();
    let leaf_60_is = r.leaf_60_is();
    let leaf_26_is = r.leaf_26_is();
    let leaf_85_is = r.leaf_85_is();
    let leaf_27_not_true = r.leaf_27_not_true();
    let leaf_28_is = r.leaf_28_is();
    let leaf_29_not_true = r.leaf_29_not_true();
    let leaf_30_is = r.leaf_30_is();
    let leaf_9_is = r.leaf_9_is();
    let leaf_31_not_true = r.leaf_31_not_true();
    let leaf_23_is = r.leaf_23_is();
    let leaf_46_false = r.leaf_46_false();
    let leaf_32_is = r.leaf_32_is();
    let leaf_6_false = r.leaf_6_false();
    let leaf_33_is = r.leaf_33_is();
    let leaf_8_is = r.leaf_8_is();
    let leaf_2_is = r.leaf_2_is();
    let leaf_34_is = r.leaf_34_is();
    let leaf_35_is = r.leaf_35_is();
    let leaf_36_is = r.leaf_36_is();
    let leaf_38_is = r.leaf_38_is();
    let leaf_44_not_true = r.leaf_44_not_true();
    let leaf_39_not_true = r.leaf_39_not_true();
    let leaf_2_not_true = r.leaf_2_not_true();
    let leaf_40_is = r.leaf_40_is();
    let leaf_100_false = r.leaf_100_false();
    let leaf_41_is = r.leaf_41_is();
    let leaf_19_is = r.leaf_19_is();
    let leaf_42_not_true = r.leaf_42_not_true();
    let leaf_43_not_true = r.leaf_43_not_true();
    let leaf_86_is = r.leaf_86_is();
    let leaf_26_not_true = r.leaf_26_not_true();
    let leaf_45_is = r.leaf_45_is();
    let leaf_7_is = r.leaf_7_is();
    let leaf_59_false = r.leaf_59_false();
    let leaf_46_is = r.leaf_46_is();
    let leaf_47_not_true = r.leaf_47_not_true();
    let leaf_48_is = r.leaf_48_is();
    let leaf_5_is = r.leaf_5_is();
    let leaf_49_is = r.leaf_49_is();
    let leaf_50_is = r.leaf_50_is();
    let leaf_51_is = r.leaf_51_is();
    let leaf_52_false = r.leaf_52_false();
    let leaf_100_is = r.leaf_100_is();
    let leaf_67_is = r.leaf_67_is();
    let leaf_1_is = r.leaf_1_is();
    let leaf_53_is = r.leaf_53_is();
    let leaf_54_is = r.leaf_54_is();
    let leaf_55_is = r.leaf_55_is();
    let leaf_56_is = r.leaf_56_is();
    let leaf_16_is = r.leaf_16_is();
    let leaf_57_is = r.leaf_57_is();
    let leaf_58_is = r.leaf_58_is();
    let leaf_97_not_true = r.leaf_97_not_true();
    let leaf_59_is = r.leaf_59_is();
    let leaf_61_not_true = r.leaf_61_not_true();
    let leaf_62_is = r.leaf_62_is();
    let leaf_3_is = r.leaf_3_is();
    let leaf_4_is = r.leaf_4_is();
    let leaf_63_not_true = r.leaf_63_not_true();
    let leaf_4_false = r.leaf_4_false();
    let leaf_64_false = r.leaf_64_false();
    let leaf_28_true = r.leaf_28_true();
    let leaf_72_is = r.leaf_72_is();
    let leaf_22_is = r.leaf_22_is();
    let leaf_65_is = r.leaf_65_is();
    let leaf_14_is = r.leaf_14_is();
    let leaf_71_is = r.leaf_71_is();
    let leaf_66_is = r.leaf_66_is();
    let leaf_68_not_true = r.leaf_68_not_true();
    let leaf_70_is = r.leaf_70_is();
    let leaf_67_false = r.leaf_67_false();
    let leaf_69_not_true = r.leaf_69_not_true();
    let leaf_73_is = r.leaf_73_is();
    let leaf_74_is = r.leaf_74_is();
    let leaf_75_is = r.leaf_75_is();
    let leaf_76_not_true = r.leaf_76_not_true();
    let leaf_77_is = r.leaf_77_is();
    let leaf_63_is = r.leaf_63_is();
    let leaf_15_is = r.leaf_15_is();
    let leaf_78_not_true = r.leaf_78_not_true();
    let leaf_31_is = r.leaf_31_is();
    let leaf_80_not_true = r.leaf_80_not_true();
    let leaf_4_not_true = r.leaf_4_not_true();
    let leaf_81_is = r.leaf_81_is();
    let leaf_82_is = r.leaf_82_is();
    let leaf_83_false = r.leaf_83_false();
    let leaf_84_is = r.leaf_84_is();
    let leaf_83_is = r.leaf_83_is();
    let leaf_61_is = r.leaf_61_is();
    let leaf_52_is = r.leaf_52_is();
    let leaf_88_is = r.leaf_88_is();
    let leaf_89_is = r.leaf_89_is();
    let leaf_90_is = r.leaf_90_is();
    let leaf_29_is = r.leaf_29_is();
    let leaf_91_not_true = r.leaf_91_not_true();
    let leaf_93_is = r.leaf_93_is();
    let leaf_96_is = r.leaf_96_is();
    let leaf_94_is = r.leaf_94_is();
    let leaf_95_is = r.leaf_95_is();
    let leaf_96_not_true = r.leaf_96_not_true();
    let leaf_98_is = r.leaf_98_is();
    let leaf_99_is = r.leaf_99_is();
    let leaf_9_false = r.leaf_9_false();
    let leaf_32_not_true = r.leaf_32_not_true();
    let leaf_39_is = r.leaf_39_is();
    let leaf_94_not_true = r.leaf_94_not_true();
    let leaf_87_not_true = r.leaf_87_not_true();
    let leaf_80_is = r.leaf_80_is();
    let leaf_76_is = r.leaf_76_is();
    let leaf_48_false = r.leaf_48_false();
    let leaf_24_is = r.leaf_24_is();
    let leaf_64_is = r.leaf_64_is();
    let leaf_3_not_true = r.leaf_3_not_true();
    let leaf_41_false = r.leaf_41_false();
    let leaf_86_not_true = r.leaf_86_not_true();
    let leaf_0_not_true = r.leaf_0_not_true();
    let leaf_6_not_true = r.leaf_6_not_true();
    let leaf_27_is = r.leaf_27_is();
    let leaf_67_not_false = r.leaf_67_not_false();
    let leaf_36_false = r.leaf_36_false();
    let leaf_5_false = r.leaf_5_false();
    let leaf_9_not_true = r.leaf_9_not_true();
    let leaf_35_not_true = r.leaf_35_not_true();
    let leaf_51_not_true = r.leaf_51_not_true();
    let leaf_75_false = r.leaf_75_false();
    let leaf_28_false = r.leaf_28_false();
    let leaf_77_not_true = r.leaf_77_not_true();
    let leaf_84_false = r.leaf_84_false();
    let leaf_84_not_true = r.leaf_84_not_true();
    let leaf_37_not_true = r.leaf_37_not_true();
    let leaf_36_not_true = r.leaf_36_not_true();
    let leaf_71_not_true = r.leaf_71_not_true();
    let leaf_75_not_true = r.leaf_75_not_true();
    let leaf_55_not_true = r.leaf_55_not_true();
    let leaf_12_false = r.leaf_12_false();
    let leaf_70_not_true = r.leaf_70_not_true();
    let leaf_61_not_false = r.leaf_61_not_false();
    let leaf_7_not_true = r.leaf_7_not_true();
    bits |= u128::from((leaf_37_is & leaf_0_is) & leaf_25_is & (leaf_69_is | leaf_95_not_true) & leaf_44_is & leaf_0_is & (leaf_12_is | leaf_13_is | leaf_14_not_true)) << 0;
    bits |= u128::from((leaf_92_is & leaf_79_is) & leaf_15_not_true) << 1;
    bits |= u128::from((leaf_100_not_true & leaf_5_not_true) & leaf_16_not_true & leaf_6_is) << 2;
    bits |= u128::from((leaf_10_is | leaf_11_is | leaf_12_is) | (leaf_17_is & leaf_18_is & leaf_11_not_true)) << 3;
    bits |= u128::from((leaf_79_is | leaf_42_is) & leaf_19_not_true) << 4;
    bits |= u128::from(leaf_87_is & (leaf_0_is & leaf_17_not_true & leaf_20_is) & (leaf_21_is | leaf_22_not_true | leaf_68_is) & (leaf_23_not_true | leaf_24_false | leaf_60_is)) << 5;
    bits |= u128::from(leaf_25_is & (leaf_26_is & leaf_85_is)) << 6;
    bits |= u128::from((leaf_27_not_true | leaf_87_is) & leaf_28_is & (leaf_29_not_true | leaf_30_is | leaf_9_is) & leaf_31_not_true & leaf_23_is) << 7;
    bits |= u128::from(leaf_46_false | (leaf_32_is & leaf_6_false & leaf_33_is) | leaf_8_is | leaf_2_is) << 8;
    bits |= u128::from((leaf_34_is | leaf_35_is) & leaf_36_is & leaf_2_is & leaf_37_is & (leaf_38_is | leaf_44_not_true)) << 9;
    bits |= u128::from(leaf_39_not_true | leaf_2_not_true | leaf_40_is) << 10;
    bits |= u128::from((leaf_100_false & leaf_41_is) & leaf_19_is & leaf_42_not_true) << 11;
    bits |= u128::from((leaf_100_not_true & leaf_5_not_true) & (leaf_43_not_true & leaf_44_is & leaf_86_is) & leaf_26_not_true & (leaf_69_is & leaf_45_is & leaf_7_is)) << 12;
    bits |= u128::from((leaf_11_is & leaf_9_is) & (leaf_0_is | leaf_59_false | leaf_46_is)) << 13;
    bits |= u128::from((leaf_100_not_true & leaf_5_not_true) & leaf_47_not_true & leaf_48_is & leaf_5_is & (leaf_49_is & leaf_50_is)) << 14;
    bits |= u128::from(leaf_51_is & (leaf_52_false | leaf_100_is | leaf_67_is) & leaf_1_is & leaf_53_is & (leaf_54_is & leaf_85_is & leaf_55_is)) << 15;
    bits |= u128::from(leaf_56_is | (leaf_16_not_true | leaf_33_is | leaf_79_is) | leaf_16_is | leaf_57_is | (leaf_58_is & leaf_97_not_true & leaf_46_false)) << 16;
    bits |= u128::from((leaf_100_not_true & leaf_5_not_true) & (leaf_59_is | leaf_60_is)) << 17;
    bits |= u128::from((leaf_11_is & leaf_9_is) & leaf_61_not_true & leaf_62_is & (leaf_34_is | leaf_62_is)) << 18;
    bits |= u128::from((leaf_3_is & leaf_4_is) & leaf_63_not_true & (leaf_4_false | leaf_64_false | leaf_28_true) & leaf_0_is & leaf_56_is) << 19;
    bits |= u128::from((leaf_37_is & leaf_0_is) & (leaf_72_is | leaf_10_is | leaf_22_is)) << 20;
    bits |= u128::from((leaf_79_is | leaf_42_is) & (leaf_57_is | leaf_65_is | leaf_14_is) & leaf_71_is & leaf_66_is & leaf_67_is) << 21;
    bits |= u128::from((leaf_68_not_true | leaf_15_not_true) & leaf_69_is) << 22;
    bits |= u128::from(leaf_70_is & leaf_2_is & (leaf_67_false | leaf_69_not_true) & (leaf_71_is | leaf_72_is) & (leaf_73_is & leaf_0_is)) << 23;
    bits |= u128::from((leaf_74_is & leaf_75_is & leaf_76_not_true) & (leaf_77_is & leaf_9_is)) << 24;
    bits |= u128::from((leaf_63_is & leaf_15_is & leaf_78_not_true) & (leaf_17_is & leaf_8_is & leaf_31_is)) << 25;
    bits |= u128::from(leaf_79_is | leaf_3_is | leaf_80_not_true | leaf_4_not_true | (leaf_81_is & leaf_82_is & leaf_83_false)) << 26;
    bits |= u128::from(leaf_84_is | (leaf_85_is | leaf_86_is) | leaf_4_is | leaf_83_is | leaf_20_is | leaf_61_is) << 27;
    bits |= u128::from(leaf_87_is & (leaf_52_is | leaf_9_is) & leaf_5_is & leaf_88_is & leaf_89_is) << 28;
    bits |= u128::from(leaf_90_is & leaf_29_is & leaf_20_is & (leaf_91_not_true & leaf_3_is & leaf_15_not_true) & (leaf_92_is | leaf_89_is)) << 29;
    bits |= u128::from(leaf_25_is & (leaf_93_is & leaf_68_is & leaf_24_false)) << 30;
    bits |= u128::from((leaf_96_is | leaf_2_is) & (leaf_11_is & leaf_94_is)) << 31;
    bits |= u128::from(leaf_95_is & leaf_4_is & leaf_96_not_true & leaf_97_not_true) << 32;
    bits |= u128::from((leaf_11_is & leaf_9_is) & leaf_5_is & leaf_46_is & leaf_6_is & leaf_22_is & leaf_98_is) << 33;
    bits |= u128::from((leaf_96_is | leaf_2_is) | (leaf_31_is | leaf_0_is) | leaf_99_is) << 34;
    bits |= u128::from(leaf_100_is | leaf_87_is) << 35;
    bits |= u128::from((leaf_7_is | leaf_8_is | leaf_9_false) & (leaf_41_is | leaf_14_is | leaf_75_is)) << 36;
    bits |= u128::from(leaf_11_is & leaf_28_is & leaf_96_is & leaf_14_is) << 37;
    bits |= u128::from(leaf_0_is & leaf_32_not_true & (leaf_85_is | leaf_39_is) & leaf_41_is & leaf_48_is) << 38;
    bits |= u128::from((leaf_0_is & leaf_61_is) & leaf_34_is & (leaf_13_is & leaf_21_is)) << 39;
    bits |= u128::from(leaf_85_is & (leaf_37_is & leaf_88_is)) << 40;
    bits |= u128::from((leaf_37_is & leaf_0_is) & (leaf_3_is & leaf_94_not_true & leaf_2_is)) << 41;
    bits |= u128::from(leaf_74_is | (leaf_52_false | leaf_24_false | leaf_87_not_true)) << 42;
    bits |= u128::from((leaf_6_is & leaf_79_is) & (leaf_26_is & leaf_1_is & leaf_16_is)) << 43;
    bits |= u128::from(leaf_18_is & leaf_63_is & (leaf_95_is | leaf_51_is) & leaf_38_is & leaf_80_is) << 44;
    bits |= u128::from(leaf_11_not_true | leaf_36_is | leaf_1_is | leaf_76_is | (leaf_66_is & leaf_48_false & leaf_84_is)) << 45;
    bits |= u128::from(leaf_24_is | (leaf_64_is | leaf_24_is | leaf_2_is)) << 46;
    bits |= u128::from((leaf_3_is & leaf_4_is) & (leaf_5_is & leaf_51_is) & (leaf_100_false & leaf_17_is)) << 47;
    bits |= u128::from((leaf_37_is & leaf_0_is) | leaf_76_is | leaf_9_is | leaf_90_is) << 48;
    bits |= u128::from((leaf_37_is & leaf_0_is) & (leaf_2_is & leaf_1_is) & leaf_1_is & (leaf_93_is | leaf_9_is) & (leaf_4_is & leaf_94_is)) << 49;
    bits |= u128::from(leaf_1_is & leaf_44_is & (leaf_58_is | leaf_89_is) & (leaf_9_is & leaf_3_not_true) & (leaf_6_is | leaf_0_is | leaf_87_is)) << 50;
    bits |= u128::from(leaf_41_is & (leaf_25_is & leaf_41_false & leaf_4_is)) << 51;
    bits |= u128::from((leaf_79_is | leaf_42_is) & leaf_14_not_true & (leaf_3_is & leaf_96_is & leaf_1_is)) << 52;
    bits |= u128::from((leaf_10_is | leaf_11_is | leaf_12_is) | leaf_86_not_true) << 53;
    bits |= u128::from((leaf_0_not_true & leaf_66_is & leaf_14_is) & leaf_7_is) << 54;
    bits |= u128::from(leaf_6_not_true & leaf_27_is & (leaf_52_false & leaf_67_not_false & leaf_36_false)) << 55;
    bits |= u128::from(leaf_0_is & leaf_77_is & (leaf_16_is | leaf_5_false | leaf_17_is) & leaf_68_is & (leaf_17_is | leaf_58_is | leaf_1_is)) << 56;
    bits |= u128::from((leaf_2_is | leaf_9_not_true) & (leaf_35_not_true & leaf_30_is & leaf_51_not_true)) << 57;
    bits |= u128::from((leaf_11_is & leaf_9_is) & leaf_75_false) << 58;
    bits |= u128::from(leaf_18_is & leaf_30_is & leaf_61_is) << 59;
    bits |= u128::from((leaf_10_is | leaf_11_is | leaf_12_is) | leaf_84_is | leaf_1_is) << 60;
    bits |= u128::from((leaf_96_is | leaf_2_is) & leaf_16_is & (leaf_28_false | leaf_0_is) & leaf_79_is & (leaf_10_is | leaf_48_is)) << 61;
    bits |= u128::from((leaf_44_is | leaf_3_is) & leaf_31_not_true & (leaf_19_is | leaf_11_not_true)) << 62;
    bits |= u128::from((leaf_6_is & leaf_79_is) & leaf_32_is & leaf_12_is & (leaf_17_is | leaf_36_is | leaf_0_is)) << 63;
    bits |= u128::from((leaf_6_is & leaf_79_is) & (leaf_77_not_true | leaf_22_is) & (leaf_56_is | leaf_4_is | leaf_14_is) & leaf_56_is) << 64;
    bits |= u128::from(leaf_84_false & (leaf_36_is | leaf_27_is | leaf_93_is) & (leaf_24_is | leaf_54_is)) << 65;
    bits |= u128::from(leaf_22_not_true & (leaf_36_is | leaf_2_is | leaf_85_is) & leaf_84_not_true & leaf_27_is & leaf_31_is) << 66;
    bits |= u128::from((leaf_37_not_true & leaf_15_not_true) & leaf_34_is & leaf_94_is & leaf_41_is) << 67;
    bits |= u128::from((leaf_96_is | leaf_69_not_true) | leaf_80_is | (leaf_29_not_true | leaf_28_is)) << 68;
    bits |= u128::from((leaf_96_is | leaf_2_is) & leaf_12_is & (leaf_72_is | leaf_36_not_true) & leaf_31_is) << 69;
    bits |= u128::from((leaf_11_is & leaf_9_is) | leaf_2_not_true | leaf_69_is) << 70;
    bits |= u128::from((leaf_6_is & leaf_79_is) & (leaf_15_not_true & leaf_5_is & leaf_10_is)) << 71;
    bits |= u128::from(leaf_22_is & (leaf_87_is | leaf_74_is) & leaf_93_is & leaf_8_is & leaf_7_is & leaf_26_is & (leaf_16_is | leaf_6_is)) << 72;
    bits |= u128::from((leaf_37_is & leaf_0_is) & (leaf_15_is & leaf_9_is & leaf_6_false)) << 73;
    bits |= u128::from((leaf_7_is | leaf_8_is | leaf_9_false) & (leaf_71_not_true & leaf_66_is)) << 74;
    bits |= u128::from((leaf_3_is | leaf_51_is) & (leaf_7_is | leaf_77_is | leaf_3_is) & leaf_34_is & (leaf_5_is & leaf_73_is)) << 75;
    bits |= u128::from((leaf_37_is & leaf_0_is) & (leaf_3_is | leaf_53_is) & leaf_75_not_true) << 76;
    bits |= u128::from((leaf_45_is & leaf_50_is) & (leaf_84_is & leaf_55_not_true) & (leaf_0_is | leaf_12_false)) << 77;
    bits |= u128::from((leaf_70_not_true & leaf_61_not_false) & (leaf_7_not_true | leaf_84_is | leaf_57_is)) << 78;
    bits |= u128::from((leaf_10_is | leaf_11_is | leaf_12_is) & leaf_56_is & leaf_23_not_true & leaf_29_is & (leaf_1_is | leaf_51_is | leaf_66_is)) << 79;
    bits
}
