//! Large playbooks of the kind that people write: the same few shapes of segments over and over, in many files.

use std::fmt::Write;

use seg_compiler::Sources;

const SCHEMA: &str = r#"playbook "Bulky" {
  currency GBP
  timezone "Europe/London"
}

enum Card { Blue, Silver, Gold, Platinum }

profile Customer key customer_id {
  customer_id Text
  card        Card?
  age         Int?
  city        Text
  country     Text
  balance     Money(GBP)
  consent     Bool
  orders      many Order
}

event Order by customer_id at placed_at {
  placed_at  Timestamp
  total      Money(GBP)
  department Text
}
"#;

/// A playbook of so many segments, one attribute to five of them, spread over files.
pub fn playbook(segments: usize, files: usize) -> Sources {
    let mut sources = Sources { name: "bulky".to_string(), ..Sources::default() };
    sources.files.insert("schema.seg".to_string(), SCHEMA.to_string());
    let per_file = segments.div_ceil(files.max(1)).max(1);
    for n in 0..segments {
        let text = sources.files.entry(format!("kinds_{:03}.seg", n / per_file)).or_default();
        let _ = write!(text, "{}", definitions(n));
    }
    sources
}

/// A playbook of about so many lines.
pub fn playbook_of_lines(lines: usize, files: usize) -> Sources {
    let of_five: usize = (0..5).map(|n| definitions(n).lines().count()).sum();
    playbook(lines * 5 / of_five, files)
}

fn definitions(n: usize) -> String {
    let mut out = String::new();
    if n.is_multiple_of(5) {
        let _ = write!(
            out,
            "## Money spent lately, by measure {n}.\nattribute spend_{n} = sum(orders.total in last {} days)\n\n",
            10 + n % 90
        );
    }
    let _ = write!(
        out,
        "## Customers of kind {n}.\nsegment Kind{n} \"Kind {n}\"\n  when consent\n   and (city = \"City {}\" or country in \
         [\"GB\", \"C{}\"])\n   and age is known and age between {} and {}\n   and (spend_{} > £{} or count(orders in last \
         {} days where department = \"D{}\") >= {})\nexcept balance < £{}\nexcept (card = Gold) is true\n\n",
        n % 100,
        n % 40,
        18 + n % 10,
        40 + n % 30,
        n / 5 * 5,
        n % 500,
        30 + n % 60,
        n % 12,
        1 + n % 5,
        n % 300,
    );
    out
}

/// A text after a key was pressed somewhere in it: a letter more in a name, a digit more in a number, or a line broken off.
/// Every other key mends what the one before it broke.
pub fn pressed(text: &str, key: usize) -> String {
    let (from, to) = match key / 2 % 4 {
        0 => ("age is known", "age is knwn"),
        1 => ("consent\n", "consentt\n"),
        2 => ("days where", "days wher"),
        _ => ("between ", "between 1"),
    };
    match text.contains(to) {
        true => text.replacen(to, from, 1),
        false => text.replacen(from, to, 1),
    }
}
