//! Where a condition can stand, and the playbook around it.

/// What becomes of the unknown where a condition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It is carried on, or makes the answer false.
    Carried,
    /// It is left out, and leaving it out could make the answer true.
    Dropped,
}

/// A place for a condition.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// A segment's condition, with `{}` for the condition.
    pub text: &'static str,
    /// Whether rows are tested rather than the customer.
    pub of_rows: bool,
    pub reach: Reach,
}

/// All places.
pub const FRAMES: &[Frame] = &[
    Frame { text: "{}", of_rows: false, reach: Reach::Carried },
    Frame { text: "choose { when {} => 1 otherwise => 2 } = 1", of_rows: false, reach: Reach::Carried },
    Frame {
        text: "choose { when id = \"none\" => false when id is known => {} otherwise => false }",
        of_rows: false,
        reach: Reach::Carried,
    },
    Frame { text: "any(orders where {})", of_rows: true, reach: Reach::Carried },
    Frame { text: "count(orders where {}) >= 1", of_rows: true, reach: Reach::Carried },
    Frame { text: "1 <= count(orders in last 30 days where {})", of_rows: true, reach: Reach::Carried },
    Frame { text: "share(orders where {}) > 0%", of_rows: true, reach: Reach::Carried },
    Frame { text: "every(orders where {})", of_rows: true, reach: Reach::Carried },
    Frame { text: "any(orders where any(customer.orders where {}))", of_rows: true, reach: Reach::Carried },
    Frame { text: "none(orders where {})", of_rows: true, reach: Reach::Dropped },
    Frame { text: "not any(orders where {})", of_rows: true, reach: Reach::Dropped },
    Frame { text: "count(orders where {}) < 2", of_rows: true, reach: Reach::Dropped },
    Frame { text: "count(orders where {}) = 0", of_rows: true, reach: Reach::Dropped },
    Frame { text: "not count(orders where {}) > 1", of_rows: true, reach: Reach::Dropped },
    Frame { text: "min(orders.size where {}) > 3", of_rows: true, reach: Reach::Dropped },
    Frame { text: "latest(orders.size where {}) > 3", of_rows: true, reach: Reach::Dropped },
    Frame { text: "5 - count(orders where {}) > 3", of_rows: true, reach: Reach::Dropped },
    Frame { text: "count(orders) > count(orders where {})", of_rows: true, reach: Reach::Dropped },
];

const FIELDS: &str = "  a Bool?\n  b Bool?\n  card Card?\n  n Int?\n  m Int?\n  word Text?\n  day Date?\n";

/// Customers to ask, who differ in what is known of them.
pub const CUSTOMERS: &[&str] = &[
    "",
    "a: true",
    "a: false",
    "a: true, b: false",
    "a: false, b: false, n: 4",
    "a: true, b: true, n: 3, card: Gold",
    "card: Gold",
    "card: Blue, b: true",
    "n: 4, m: 4",
    "n: 3, m: 4",
    "n: 20, card: Blue",
    "m: 4, word: \"x\"",
    "n: 5, m: 0, day: 2026-03-01",
    "a: false, b: true, card: Platinum, n: 4, m: 2, word: \"boots\", day: 2026-03-20",
    "a: true, b: false, card: Blue, n: 30, m: 30, word: \"\", day: 2026-02-01",
];

/// A playbook with the segment `Asked` over a condition at a place, and one test for each of the customers.
pub fn playbook(frame: &Frame, declarations: &[String], condition: &str) -> String {
    let asked = frame.text.replace("{}", condition);
    let mut text = format!(
        "playbook \"guards\" {{ timezone \"UTC\" currency GBP }}\nenum Card {{ Blue, Gold, Platinum }}\n\
         profile Customer key id {{\n  id Text\n{FIELDS}  orders many Order\n}}\n\
         event Order by id at placed_at {{\n  placed_at Timestamp\n  size Int\n{FIELDS}}}\n{}\nsegment Asked when {asked}\n",
        declarations.join("\n"),
    );
    for (n, customer) in CUSTOMERS.iter().enumerate() {
        let comma = if customer.is_empty() { "" } else { ", " };
        text.push_str(&format!(
            "test \"{n}\" {{ given {{ id: \"c\"{comma}{customer}, orders: [{{ placed_at: 2026-03-01T10:00Z, size: 4{comma}{customer} }}] }} as of 2026-03-15 expect id is known }}\n",
        ));
    }
    text
}
