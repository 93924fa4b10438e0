//! Currencies: the ISO 4217 codes and how many decimals each one's smallest coin has.

use serde::{Deserialize, Serialize};

/// An ISO 4217 code that was checked to exist.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "[u8; 3]")]
pub struct Currency([u8; 3]);

/// **Source**: ISO 4217 list one, active codes of national currencies.
const CODES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF \
CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF \
IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT \
MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR \
SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV \
WST XAF XCD XOF XPF YER ZAR ZMW ZWG";

impl TryFrom<[u8; 3]> for Currency {
    type Error = &'static str;

    fn try_from(bytes: [u8; 3]) -> Result<Currency, &'static str> {
        let code = std::str::from_utf8(&bytes).ok();
        code.and_then(Currency::from_code).ok_or("there is no such currency")
    }
}

impl Currency {
    /// The currency of a code, if there is one.
    pub fn from_code(code: &str) -> Option<Currency> {
        let known = CODES.split(' ').any(|known| known == code);
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        known.then_some(Currency(bytes))
    }

    /// The currency that a sign stands for, in a playbook of currency `home`: `$` is the US dollar, `¥` the yen or, at
    /// home in yuan, the yuan.
    pub fn from_sign(sign: &str, home: Option<Currency>) -> Option<Currency> {
        let code = match sign {
            "£" => "GBP",
            "€" => "EUR",
            "$" => "USD",
            "¥" if home.is_some_and(|h| h.code() == "CNY") => "CNY",
            "¥" => "JPY",
            _ => return None,
        };
        Currency::from_code(code)
    }

    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// The sign that a literal of this currency may use, if it has one.
    pub fn sign(&self) -> Option<&'static str> {
        Some(match self.code() {
            "GBP" => "£",
            "EUR" => "€",
            "USD" => "$",
            "JPY" => "¥",
            _ => return None,
        })
    }

    /// Decimals of the smallest coin. **Source**: ISO 4217 list one, minor units.
    pub fn exponent(&self) -> u32 {
        match self.code() {
            "JPY" if crate::fault::is("operation.yen-have-pennies") => 2,
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
            | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => {
                3 - u32::from(crate::fault::is("operation.dinars-have-two-decimals"))
            }
            _ => 2,
        }
    }

    /// An amount of minor units as people write it: `£1,234.50`.
    pub fn show(&self, minor: i64) -> String {
        let decimals = self.exponent() as usize;
        let digits = format!("{:0width$}", minor.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let whole = crate::number::group_thousands(whole);
        let minus = if minor < 0 { "-" } else { "" };
        let point = if decimals > 0 { "." } else { "" };
        match self.sign() {
            Some(sign) => format!("{minus}{sign}{whole}{point}{fraction}"),
            None => format!("{minus}{whole}{point}{fraction} {}", self.code()),
        }
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
